//! How far a heap's memory grows, and how fast the heap is, under node.

use std::{fs, process::Command};

use anyhow::{ensure, Context, Result};

use super::build_bench;
use crate::{process, workspace::Workspace};

/// The heaps.
const HEAPS: [&str; 6] = [
    "ours-small",
    "ours-full",
    "published-small",
    "published-full",
    "talc",
    "dlmalloc",
];

/// The pages that ours must stay below.
const MOST_PAGES: u32 = 407;

/// Builds each module as fast as it gets, and prints its figures.
pub(super) fn print(workspace: &Workspace) -> Result<()> {
    let scripts = workspace.root().join("bench/wasm");
    let mut modules = Vec::new();
    for heap in HEAPS {
        let module = build_bench(workspace, "release", &format!("{heap},load"))?;
        let kept = workspace.cache("wasm").join(format!("{heap}.wasm"));
        fs::copy(module, &kept)?;
        if heap.starts_with("ours") {
            let script = scripts.join("foreign.mjs");
            process::run(Command::new("node").arg(script).arg(&kept))?;
        }
        modules.push(kept);
    }
    let script = scripts.join("load.mjs");
    let printed = process::output(Command::new("node").arg(script).args(modules))?;
    println!(
        "\npages after the ratchet; actions a microsecond with sizes up to 200, 3 000, 30 000"
    );
    for (heap, line) in HEAPS.iter().zip(printed.lines()) {
        println!("{heap:<20} {line}");
        let pages = line.split(' ').next().and_then(|word| word.parse().ok());
        let pages: u32 = pages.context("the script prints the pages first")?;
        let fits = *heap != "ours-full" || pages < MOST_PAGES;
        ensure!(fits, "the memory has grown to {pages} pages");
    }
    Ok(())
}
