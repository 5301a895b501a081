//! `cargo xtask msan`: the crate's tests under `MemorySanitizer`, which reports what depends on memory that nobody has
//! written, and a program that does so, which has to be reported.
//!
//! It has to see every write, those of the standard library as well; so the library is built along, from Debian's
//! sources of the very version of the compiler.

use std::process::Command;

use anyhow::{ensure, Result};

use crate::{library, process, workspace::Workspace};

/// The tests of heaps in memory of their own; others write by the C library or the kernel, which is not seen.
const TESTS: [&str; 7] = [
    "alignment::",
    "exact::",
    "pools::",
    "random::",
    "refit::",
    "resizing::",
    "slabs::",
];

/// What the example `watched` is to be reported for.
const FAULT: &str = "use-of-what-is-not-written";

/// Runs the tests, and the example with its fault and without.
///
/// # Errors
///
/// A test fails, something is reported or not reported as it should be, or there are no sources of the library.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    process::run(&mut cargo(
        workspace,
        &["build", "--example", "watched"],
        &[],
    )?)?;
    let directory = workspace.cache("msan");
    let program = directory.join(library::HOST).join("debug/examples/watched");
    let output = Command::new(&program).arg(FAULT).output()?;
    let told = String::from_utf8_lossy(&output.stderr);
    ensure!(
        told.contains("use-of-uninitialized-value"),
        "`{FAULT}` is not reported:\n{told}"
    );
    println!("{FAULT}: reported");
    process::run(Command::new(&program).arg("sound"))?;
    process::run(&mut cargo(workspace, &["test", "--test", "all"], &TESTS)?)
}

/// A call of cargo for the crate `rlsf`; `tests` are those that run.
fn cargo(workspace: &Workspace, arguments: &[&str], tests: &[&str]) -> Result<Command> {
    let mut cargo = workspace.cargo(arguments);
    cargo.args(["--package", "rlsf", "--features", "msan"]);
    cargo.args(["--target", library::HOST]);
    cargo.arg("--target-dir").arg(workspace.cache("msan"));
    library::build_along(workspace, &mut cargo, "std")?;
    cargo.env(
        "RUSTFLAGS",
        "-Zsanitizer=memory -Zsanitizer-memory-track-origins",
    );
    if !tests.is_empty() {
        cargo.arg("--").args(tests);
    }
    Ok(cargo)
}
