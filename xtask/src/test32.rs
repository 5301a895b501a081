//! `cargo xtask test32`: the tests of the crate `rlsf`, natively on 32-bit x86.
//!
//! Uses rustup's target when it is installed. Otherwise builds the standard library from Debian's sources of
//! the very version of the compiler.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{bail, ensure, Context, Result};

use crate::{debian::Apt, process, workspace::Workspace};

/// The machine.
const TARGET: &str = "i686-unknown-linux-gnu";

/// Tells cargo's `-Zbuild-std` where the sources are when the toolchain does not hold them.
const LIBRARY_VARIABLE: &str = "__CARGO_TESTS_ONLY_SRC_ROOT";

/// Suites of Debian that may hold the sources, the steadiest first.
const SUITES: [&str; 4] = ["trixie-backports", "trixie", "sid", "experimental"];

/// Runs the tests.
///
/// # Errors
///
/// A test fails, the C compiler cannot link, or there is neither a target nor sources of its library.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    check_linker()?;
    let test = [
        "test",
        "--package",
        "rlsf",
        "--lib",
        "--tests",
        "--target",
        TARGET,
    ];
    let mut cargo = workspace.cargo(test);
    let installed = PathBuf::from(rustc(&["--print", "sysroot"])?).join("lib/rustlib");
    if !installed.join(TARGET).exists() {
        cargo.arg("-Zbuild-std").env("RUSTC_BOOTSTRAP", "1");
        cargo.env(LIBRARY_VARIABLE, library(workspace)?);
    }
    process::run(&mut cargo)
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

/// Where the sources of the compiler's standard library are.
fn library(workspace: &Workspace) -> Result<PathBuf> {
    let version = rustc(&["--version"])?;
    let version = version
        .split(' ')
        .nth(1)
        .context("rustc does not say its version")?;
    let cache = workspace.cache("test32");
    let package = cache.join(version);
    unpack_sources(version, &package, &cache.join("apt"))?;
    Ok(package.join(format!("usr/src/rustc-{version}/library")))
}

/// Unpacks the sources of the library `version` into `directory`, once.
fn unpack_sources(version: &str, directory: &Path, apt_state: &Path) -> Result<()> {
    if directory.join("unpacked").exists() {
        return Ok(());
    }
    for suite in SUITES {
        let apt = Apt::of_suite(suite, &apt_state.join(suite))?;
        apt.update()?;
        if let Some(found) = apt.version("rust-src", &format!("{version}+"))? {
            return apt.unpack(&[&format!("rust-src={found}")], directory);
        }
    }
    bail!("Debian has no rust-src {version}; run `rustup target add {TARGET}` and try again")
}

/// What the compiler prints.
fn rustc(arguments: &[&str]) -> Result<String> {
    let text = process::output(Command::new("rustc").args(arguments))?;
    Ok(text.trim_end().to_owned())
}
