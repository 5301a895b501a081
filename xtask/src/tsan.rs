//! `cargo xtask tsan`: the tests of `rlsf_threads` under `ThreadSanitizer`.
//!
//! It has to see every access, those of the standard library as well, or it reports races that are none; so
//! the library is built along, from Debian's sources of the very version of the compiler.

use anyhow::Result;

use crate::{library, process, workspace::Workspace};

/// Runs the tests.
///
/// # Errors
///
/// A test fails, a race is found, or there are no sources of the library.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let test = [
        "test",
        "--package",
        "rlsf_threads",
        "--tests",
        "--target",
        library::HOST,
    ];
    let mut cargo = workspace.cargo(test);
    library::build_along(workspace, &mut cargo, "std")?;
    cargo.env("RUSTFLAGS", "-Zsanitizer=thread");
    process::run(&mut cargo)
}
