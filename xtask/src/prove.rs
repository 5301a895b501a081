//! `cargo xtask prove`: the proofs by exhaustion, on 64 bits and natively on 32-bit x86.

mod faults;
mod planted;

use std::process::Command;

use anyhow::Result;
use clap::Args;

use crate::{process, test32, workspace::Workspace};

/// What is to be proved.
#[derive(Args)]
pub(crate) struct Options {
    /// Larger pools and more damage: hours
    #[arg(long)]
    long: bool,
    /// Plant faults in a copy of the heap instead, and see that each is found
    #[arg(long)]
    planted: bool,
}

impl Options {
    /// What continuous integration asks for: minutes.
    pub(crate) const fn short() -> Self {
        Self {
            long: false,
            planted: false,
        }
    }
}

/// The program with the proofs.
const PROVER: &str = "rlsf_prove";

/// Runs the proofs.
///
/// # Errors
///
/// The heap breaks a promise, or a proof cannot be built or run.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    if options.planted {
        return planted::run(workspace);
    }
    let build = ["build", "--release", "--package", PROVER];
    process::run(&mut workspace.cargo(build))?;
    prove(workspace, "release", options)?;
    process::run(&mut test32::cargo(workspace, &build)?)?;
    prove(workspace, &format!("{}/release", test32::TARGET), options)
}

/// Runs the program in a directory of build products.
fn prove(workspace: &Workspace, directory: &str, options: &Options) -> Result<()> {
    let program = workspace.cache(directory).join(PROVER);
    for proof in ["bins", "never-fails"] {
        process::run(Command::new(&program).arg(proof))?;
    }
    for proof in ["damage", "states"] {
        let mut prover = Command::new(&program);
        prover.arg(proof);
        if options.long {
            prover.arg("--long");
        }
        process::run(&mut prover)?;
    }
    Ok(())
}
