//! `cargo xtask msrv`: the crate `rlsf` compiles with the oldest compiler at hand, and passes its own tests.
//!
//! Debian 12 has rustc 1.63 and cargo 0.66; they are unpacked privately. The minimum that the crate
//! states may be older: clippy's `incompatible_msrv` answers for the library calls in between.

mod compiler;
mod copy;
mod manifest;

use anyhow::Result;

use crate::{process, workspace::Workspace};
use compiler::Compiler;
use copy::Copy;

/// The features to compile with.
const FEATURES: [&[&str]; 3] = [&[], &["--no-default-features"], &["--all-features"]];

/// Compiles, tests and lints.
///
/// # Errors
///
/// The compiler cannot be had, or it or clippy complains.
pub(crate) fn run(workspace: &Workspace, toolchain: Option<&str>) -> Result<()> {
    let compiler = match toolchain {
        Some(name) => Compiler::of_rustup(name),
        None => Compiler::of_debian(workspace)?,
    };
    for program in ["rustc", "cargo"] {
        process::run(compiler.call(program).arg("--version"))?;
    }
    let copy = Copy::of_crate(workspace)?;
    let target = workspace.cache("msrv/build");
    let cargo = |arguments: &[&str]| {
        let mut cargo = compiler.call("cargo");
        cargo
            .args(arguments)
            .arg("--offline")
            .current_dir(copy.directory());
        cargo.env("CARGO_TARGET_DIR", &target);
        cargo
    };
    for features in FEATURES {
        process::run(cargo(&["build", "--lib"]).args(features))?;
    }
    match copy.test_dependency() {
        Some(name) => println!("the crate's own tests use `{name}`, so they are not run here"),
        None => process::run(&mut cargo(&["test", "--lib", "--quiet"]))?,
    }
    let lint = ["clippy", "--package", "rlsf", "--all-features", "--"];
    process::run(
        workspace
            .cargo(lint)
            .args(["-D", "clippy::incompatible_msrv"]),
    )
}
