//! `cargo xtask shipped`: the tests of the C side, with the library as it is shipped.
//!
//! Tests are built to unwind, what is shipped is not.

use anyhow::Result;

use crate::{process, workspace::Workspace};

/// Builds the library as it is shipped, and has its tests preload that one.
///
/// # Errors
///
/// The library cannot be built, or a test fails.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let build = ["build", "--release", "--package", "rlsf_override"];
    process::run(&mut workspace.cargo(build))?;
    let mut tests = workspace.cargo(["test", "--package", "rlsf_override", "malloc::"]);
    tests.env("PRODUCTS", workspace.cache("release"));
    process::run(&mut tests)
}
