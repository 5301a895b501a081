//! Compiling programs, and running them with the library preloaded.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// A directory for what one test compiles.
pub(crate) struct Workshop(TempDir);

impl Workshop {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Compiles sources of `tests/c` with `options` to `name`.
    pub(crate) fn compile(&self, name: &str, sources: &[&str], options: &[&OsStr]) -> PathBuf {
        let compiler = if sources[0].ends_with("cpp") {
            "c++"
        } else {
            "cc"
        };
        let target = self.path(name);
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/c");
        let mut command = Command::new(compiler);
        command
            .args(["-O1", "-g", "-Wall", "-pthread", "-o"])
            .arg(&target);
        // The tests do on purpose what compilers warn of.
        command.args([
            "-Wno-use-after-free",
            "-Wno-free-nonheap-object",
            "-Wno-alloc-size-larger-than",
        ]);
        command.args(["-Wno-unused-result", "-fno-builtin"]);
        command.args(sources.iter().map(|source| directory.join(source)));
        command.args(options);
        let output = command
            .output()
            .unwrap_or_else(|error| panic!("{compiler}: {error}"));
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{compiler} {sources:?}: {errors}");
        target
    }
}

/// Whether there is a C++ compiler, which only continuous integration has to have.
pub(crate) fn has_cxx() -> bool {
    let found = Command::new("c++").arg("--version").output().is_ok();
    assert!(found || std::env::var_os("CI").is_none(), "c++ is missing");
    if !found {
        eprintln!("skipped: c++ is missing");
    }
    found
}

/// A product of this package: cargo has put it beside the test. The tests of what is shipped,
/// which aborts on panic as no test can be built to, name its directory in `PRODUCTS`.
pub(crate) fn product(name: &str) -> PathBuf {
    let path = match std::env::var_os("PRODUCTS") {
        Some(directory) => Path::new(&directory).join(name),
        None => std::env::current_exe().unwrap().with_file_name(name),
    };
    assert!(path.exists(), "{} is missing", path.display());
    path
}

pub(crate) fn library() -> PathBuf {
    product("librlsf_override.so")
}

/// A program that is to run on our heap.
pub(crate) fn preloaded(program: &Path) -> Command {
    preloaded_with(program, &library())
}

/// A program that is to run on our hardened heap.
pub(crate) fn hardened(program: &Path) -> Command {
    preloaded_with(program, &product("librlsf_override_hardened.so"))
}

fn preloaded_with(program: &Path, library: &Path) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("RLSF_") {
            command.env_remove(name);
        }
    }
    command.env("LD_PRELOAD", library);
    command
}

/// What a program says, both streams.
pub(crate) fn said(output: &Output) -> String {
    let (out, err) = (&output.stdout, &output.stderr);
    format!(
        "{}{}",
        String::from_utf8_lossy(out),
        String::from_utf8_lossy(err)
    )
}
