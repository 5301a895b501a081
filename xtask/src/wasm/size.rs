//! What an allocator weighs: the bytes of a module that exports it and nothing else.

use std::fs;

use anyhow::Result;

use super::build_bench;
use crate::{process, program::Program, workspace::Workspace};

/// The heaps, each with the one that it is compared with.
const HEAPS: [(&str, Option<&str>); 9] = [
    ("", None),
    ("published-small", None),
    ("ours-small", Some("published-small")),
    ("ours-small,stats", Some("published-small")),
    ("published-full", None),
    ("ours-full", Some("published-full")),
    ("ours-full,stats", Some("published-full")),
    ("talc", None),
    ("dlmalloc", None),
];

/// Builds each module as small as it gets, and prints its bytes.
pub(super) fn print(workspace: &Workspace) -> Result<()> {
    let wasm_opt = Program::find(workspace, "wasm-opt", "binaryen", "usr/bin")?;
    let mut lines: Vec<(&str, u64, u64, Option<&str>)> = Vec::new();
    for (heap, other) in HEAPS {
        let module = build_bench(workspace, "small", heap)?;
        let optimised = workspace.cache("wasm").join("optimised.wasm");
        let mut call = wasm_opt.call();
        call.args([
            "-Oz",
            "--all-features",
            "--strip-debug",
            "--strip-producers",
        ]);
        call.args(["--strip-target-features", "-o"])
            .arg(&optimised)
            .arg(&module);
        process::output(&mut call)?;
        let bytes = (
            fs::metadata(&module)?.len(),
            fs::metadata(&optimised)?.len(),
        );
        lines.push((heap, bytes.0, bytes.1, other));
    }
    println!(
        "\n{:<20} {:>8} {:>12} {:>8}",
        "bytes", "rustc -z", "wasm-opt -Oz", "ratio"
    );
    for (heap, built, optimised, other) in &lines {
        let peer = lines.iter().find(|line| Some(line.0) == *other);
        #[allow(clippy::cast_precision_loss)] // thousands of bytes
        let ratio = peer.map(|peer| format!("{:8.3}", *optimised as f64 / peer.2 as f64));
        let name = if heap.is_empty() { "no heap" } else { heap };
        println!(
            "{name:<20} {built:>8} {optimised:>12} {}",
            ratio.unwrap_or_default()
        );
    }
    Ok(())
}
