//! The program, run with arguments, and what came of it.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// How a run of the program ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The program in a locale of UTF-8, without a terminal.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rlsf"));
    command.env("LC_ALL", "C.UTF-8").stdin(Stdio::null());
    command
}

/// Runs the program to its end.
pub(crate) fn rlsf(arguments: &[&str]) -> Ended {
    let output = program().args(arguments).output().unwrap();
    Ended {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Asserts that the program gave up over its input: one line that says `what`,
/// nothing else, exit code 2.
pub(crate) fn assert_refused(ended: &Ended, what: &str) {
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert_eq!(ended.stdout, "");
    assert_eq!(ended.stderr.lines().count(), 1, "{ended:?}");
    assert!(ended.stderr.starts_with("rlsf: "), "{ended:?}");
    assert!(ended.stderr.contains(what), "{ended:?}");
}

/// A program that preloading does not reach, and that ends with 3; `None` where the C compiler,
/// which only continuous integration has to have, makes none.
pub(crate) fn static_program(folder: &Folder) -> Option<PathBuf> {
    let source = folder.file("three.c", "int main(void) { return 3; }\n");
    let path = folder.path().join("three");
    let mut compiler = Command::new("cc");
    compiler.args(["-static", "-o"]).arg(&path).arg(source);
    if compiler
        .output()
        .is_ok_and(|output| output.status.success())
    {
        return Some(path);
    }
    assert!(env::var_os("CI").is_none(), "cc makes no static program");
    eprintln!("skipped: cc makes no static program here");
    None
}

/// A folder that vanishes after the test.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file and gives its path.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path: PathBuf = self.path().join(name);
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }
}
