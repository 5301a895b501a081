//! `cargo xtask wasm`: WebAssembly.
//!
//! Builds the page of `examples/wasm` and tests it in headless Chromium, and its module under node; builds
//! the modules of `bench/wasm`, with our heap and with the peers', and prints what they weigh, how far their
//! memory grows, and how fast they are; and lets several threads share a heap.

mod load;
mod page;
mod size;
mod threads;

use std::path::PathBuf;

use anyhow::Result;
use rlsf_bench_report::{Machine, Output, Report};

use crate::{library, lock, process, workspace::Workspace};

/// The machine.
const TARGET: &str = "wasm32-unknown-unknown";

/// What the versions are told of.
const PACKAGES: [&str; 4] = ["rlsf", "talc", "dlmalloc", "lol_alloc"];

/// What `cargo xtask wasm` is asked.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Only measure: no clippy, no page in Chromium, no threads
    #[arg(long)]
    quick: bool,
    #[command(flatten)]
    output: Output,
}

impl Options {
    /// Everything, with a look at the ceilings.
    pub(crate) fn check() -> Self {
        Self {
            quick: false,
            output: Output::checked(),
        }
    }
}

/// Tests and measures.
///
/// # Errors
///
/// A tool is missing, a test fails, or a memory grows too far.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let files = options.output.open()?;
    if !options.quick {
        test(workspace)?;
    }
    let versions = lock::versions(workspace, "bench/wasm/Cargo.lock", &PACKAGES)?;
    let mut report = Report::new("wasm", Machine::here(versions));
    "Speeds are the best of 25 rounds, the heaps in turns.".clone_into(&mut report.about);
    report.tables = vec![size::measure(workspace)?, load::measure(workspace)?];
    Ok(files.write(&report)?)
}

/// Clippy, the page, and threads.
fn test(workspace: &Workspace) -> Result<()> {
    library::lint(workspace, "examples/wasm/Cargo.toml", TARGET, &[], &[])?;
    library::lint(
        workspace,
        "bench/wasm/Cargo.toml",
        TARGET,
        &["--features", "ours-full,load"],
        &[],
    )?;
    page::test(workspace)?;
    threads::test(workspace)
}

/// Builds the module of `bench/wasm` with the given profile and features.
fn build_bench(workspace: &Workspace, profile: &str, features: &str) -> Result<PathBuf> {
    let arguments = [
        "build",
        "--quiet",
        "--locked",
        "--manifest-path",
        "bench/wasm/Cargo.toml",
        "--profile",
        profile,
        "--features",
        features,
    ];
    let products = workspace.cache("wasm");
    let mut cargo = library::cargo(workspace, TARGET, &arguments, &[])?;
    process::run(cargo.env("CARGO_TARGET_DIR", &products))?;
    let built = products.join(TARGET).join(profile);
    Ok(built.join("rlsf_bench_wasm.wasm"))
}
