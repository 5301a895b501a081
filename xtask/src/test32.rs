//! `cargo xtask test32`: the tests of the crate `rlsf`, plain and hardened, natively on 32-bit x86.
//!
//! Uses rustup's target when it is installed. Otherwise builds the standard library from Debian's sources of
//! the very version of the compiler.

use std::process::Command;

use anyhow::{ensure, Result};

use crate::{library, process, workspace::Workspace};

/// The machine.
pub(crate) const TARGET: &str = "i686-unknown-linux-gnu";

/// Runs the tests.
///
/// # Errors
///
/// A test fails, the C compiler cannot link, or there is neither a target nor sources of its library.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let test = ["test", "--package", "rlsf", "--lib", "--tests"];
    process::run(&mut cargo(workspace, &test)?)?;
    let hardened = [&test[..], &["--features", "hardened"]].concat();
    process::run(&mut cargo(workspace, &hardened)?)
}

/// A call of cargo that builds for the machine.
///
/// # Errors
///
/// The C compiler cannot link, or there is neither a target nor sources of its library.
pub(crate) fn cargo(workspace: &Workspace, arguments: &[&str]) -> Result<Command> {
    check_linker()?;
    let mut cargo = workspace.cargo(arguments);
    cargo.args(["--target", TARGET]);
    if !library::is_installed(TARGET)? {
        library::build_along(workspace, &mut cargo, "std,panic_abort")?;
    }
    Ok(cargo)
}

/// Sees to it that the C compiler, which links for us, has its start files for the machine.
fn check_linker() -> Result<()> {
    let start = "Scrt1.o";
    let search = format!("-print-file-name={start}");
    let found = process::output(Command::new("cc").args(["-m32", &search]))?;
    // What is not found comes back as it was asked for.
    ensure!(
        found.trim() != start,
        "cc cannot link for 32 bits; install gcc-multilib"
    );
    Ok(())
}
