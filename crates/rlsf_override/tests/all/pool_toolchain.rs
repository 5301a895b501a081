//! The system's compilers and tools, and programs in C that are linked with the library.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// How a program is linked with the library.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Linked {
    /// With `librlsf_override.so`.
    Dynamically,
    /// With `librlsf_override.a`.
    Statically,
}

/// What a static library of Rust with std needs of the system.
const SYSTEM: [&str; 7] = [
    "-lgcc_s",
    "-lutil",
    "-lrt",
    "-lpthread",
    "-lm",
    "-ldl",
    "-lc",
];

/// The folder of this crate.
pub(crate) fn home() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Where cargo has put the library that these tests are for: beside the program of the tests.
pub(crate) fn products() -> PathBuf {
    let tests = env::current_exe().unwrap();
    tests.parent().unwrap().to_path_buf()
}

/// Whether a tool is there. Where continuous integration runs, a missing one is a failure.
pub(crate) fn has(tool: &str) -> bool {
    let found = Command::new(tool).arg("--version").output().is_ok();
    if !found {
        assert!(env::var_os("CI").is_none(), "the tool {tool} is missing");
        println!("skipped, as the tool {tool} is missing");
    }
    found
}

/// Runs a command, which must succeed, and gives what it printed.
pub(crate) fn succeed(command: &mut Command) -> String {
    let output = run(command);
    let (printed, said) = (text(&output.stdout), text(&output.stderr));
    assert!(
        output.status.success(),
        "{command:?}\n{:?}\n{printed}{said}",
        output.status
    );
    printed
}

/// Runs a command to its end.
pub(crate) fn run(command: &mut Command) -> Output {
    let output = command.output();
    output.unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A program in C, below this crate's folder, built in a folder that vanishes with it.
pub(crate) struct Program {
    folder: TempDir,
}

impl Program {
    /// Builds the program and links it with the library of the tests.
    pub(crate) fn new(source: &str, linked: Linked) -> Self {
        let products = products();
        match linked {
            Linked::Dynamically => {
                let path = products.display();
                let flags = [format!("-L{path}"), format!("-Wl,-rpath,{path}")];
                let library = "-lrlsf_override".to_owned();
                Self::build(source, &[&flags[..], &[library]].concat())
            }
            Linked::Statically => {
                let library = products.join("librlsf_override.a").display().to_string();
                let system = SYSTEM.map(str::to_owned);
                Self::build(source, &[&[library], &system[..]].concat())
            }
        }
    }

    /// Builds the program with the compiler's arguments for linking.
    pub(crate) fn build(source: &str, linking: &[String]) -> Self {
        let folder = TempDir::new().unwrap();
        let (compiler, standard) = if Path::new(source).extension() == Some("cpp".as_ref()) {
            ("c++", "-std=c++11")
        } else {
            ("cc", "-std=c99")
        };
        let mut compile = Command::new(compiler);
        compile.args([standard, "-O1", "-pedantic", "-Wall", "-Wextra", "-Werror"]);
        compile.arg("-I").arg(home().join("include"));
        compile.arg(home().join(source));
        compile.arg("-o").arg(folder.path().join("program"));
        succeed(compile.args(linking));
        Self { folder }
    }

    /// A call of the program.
    pub(crate) fn call(&self) -> Command {
        Command::new(self.folder.path().join("program"))
    }

    /// What the program prints; it must succeed.
    pub(crate) fn printed(&self) -> String {
        succeed(&mut self.call())
    }
}

/// Asserts that a program of checks has passed them all, and has had some.
pub(crate) fn assert_all_passed(printed: &str) {
    let verdict = printed.lines().last().unwrap_or_default();
    let passed = verdict.strip_suffix(" passed, 0 failed");
    let passed = passed.and_then(|number| number.parse::<u32>().ok());
    assert!(passed.is_some_and(|number| number > 0), "{printed}");
}

/// The text of a file of this crate.
pub(crate) fn read(path: &str) -> String {
    fs::read_to_string(home().join(path)).unwrap()
}
