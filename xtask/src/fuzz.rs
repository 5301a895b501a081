//! `cargo xtask fuzz`: libFuzzer makes up inputs for the targets, under `AddressSanitizer`.
//!
//! What it finds is kept among the build products. The inputs of `crates/rlsf_fuzz/corpus` are where it starts.

use std::{fs, path::PathBuf, process::Stdio};

use anyhow::{ensure, Result};
use clap::Args;

use crate::{library, process, workspace::Workspace};

/// Where the inputs are that are kept, and the folder's name among the build products.
const CORPUS: &str = "crates/rlsf_fuzz/corpus";
const WORK: &str = "fuzz";

/// What is to be fuzzed.
#[derive(Args)]
pub(crate) struct Options {
    /// For how long, each target
    #[arg(long, default_value_t = 60)]
    seconds: u32,
    /// The targets; all of them if none is named
    #[arg(value_name = "TARGET")]
    targets: Vec<String>,
}

/// Fuzzes each target in turn.
///
/// # Errors
///
/// An input fails, whose file the fuzzer names; or cargo-fuzz is missing, or there is no such target.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let asked = workspace
        .cargo(["fuzz", "--version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()?;
    ensure!(
        asked.success(),
        "cargo-fuzz is missing: `cargo install cargo-fuzz` gets it"
    );
    let known = targets(workspace)?;
    let chosen = if options.targets.is_empty() {
        &known
    } else {
        &options.targets
    };
    for target in chosen {
        ensure!(
            known.contains(target),
            "no target `{target}`: there are {}",
            known.join(", ")
        );
        fuzz(workspace, target, options.seconds)?;
    }
    Ok(())
}

/// The targets: each has a corpus.
fn targets(workspace: &Workspace) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for folder in fs::read_dir(workspace.root().join(CORPUS))? {
        names.push(folder?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

/// Fuzzes one target.
fn fuzz(workspace: &Workspace, target: &str, seconds: u32) -> Result<()> {
    let found: PathBuf = workspace.cache(WORK).join("found").join(target);
    fs::create_dir_all(&found)?;
    let mut cargo = workspace.cargo(["fuzz", "run", "--target", library::HOST, target]);
    cargo.arg(&found);
    cargo.arg(workspace.root().join(CORPUS).join(target));
    cargo.arg("--");
    cargo.arg(format!("-max_total_time={seconds}"));
    cargo.args(["-max_len=1200", "-close_fd_mask=1", "-print_final_stats=1"]);
    // The flags of sanitizers are for a compiler of the future, or for one that takes itself for that.
    cargo.env("RUSTC_BOOTSTRAP", "1");
    cargo.env("CARGO_TARGET_DIR", workspace.cache(WORK));
    process::run(&mut cargo)
}
