//! Several threads of WebAssembly on one heap.

use std::process::Command;

use anyhow::Result;

use super::TARGET;
use crate::{library, process, workspace::Workspace};

/// What the target needs for threads.
const FLAGS: [&str; 8] = [
    "-Ctarget-feature=+atomics,+bulk-memory,+mutable-globals",
    "-Clink-arg=--shared-memory",
    "-Clink-arg=--import-memory",
    "-Clink-arg=--max-memory=268435456",
    "-Clink-arg=--export=__stack_pointer",
    "-Clink-arg=--no-check-features",
    "-Clink-arg=--export-memory",
    "-Cembed-bitcode=yes",
];

/// Builds the module for threads, its library with it, and runs it in four.
pub(super) fn test(workspace: &Workspace) -> Result<()> {
    let mut cargo = workspace.cargo(["build", "--quiet", "--locked", "--release"]);
    cargo.args([
        "--manifest-path",
        "bench/wasm/Cargo.toml",
        "--target",
        TARGET,
    ]);
    cargo.args(["--features", "ours-full,load"]);
    library::build_along(workspace, &mut cargo, "core,alloc")?;
    let products = workspace.cache("wasm-threads");
    cargo.env("CARGO_ENCODED_RUSTFLAGS", FLAGS.join("\u{1f}"));
    process::run(cargo.env("CARGO_TARGET_DIR", &products))?;
    let module = products.join(TARGET).join("release/rlsf_bench_wasm.wasm");
    let script = workspace.root().join("bench/wasm/threads.mjs");
    process::run(Command::new("node").arg(script).arg(module))
}
