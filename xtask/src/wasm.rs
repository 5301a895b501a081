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

use crate::{library, process, workspace::Workspace};

/// The machine.
const TARGET: &str = "wasm32-unknown-unknown";

/// Builds, tests and measures.
///
/// # Errors
///
/// A tool is missing, a test fails, or a memory grows too far.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    library::lint(workspace, "examples/wasm/Cargo.toml", TARGET, "", &[])?;
    library::lint(
        workspace,
        "bench/wasm/Cargo.toml",
        TARGET,
        "ours-full,load",
        &[],
    )?;
    page::test(workspace)?;
    threads::test(workspace)?;
    size::print(workspace)?;
    load::print(workspace)
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
