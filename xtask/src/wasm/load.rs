//! How far a heap's memory grows, and how fast the heap is, under node.

use std::process::Command;

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
    println!("\nratchet: pages after 120 steps; actions a microsecond with sizes up to 200, 3 000, 30 000");
    let script = workspace.root().join("bench/wasm/load.mjs");
    for heap in HEAPS {
        let module = build_bench(workspace, "release", &format!("{heap},load"))?;
        let printed = process::output(Command::new("node").arg(&script).arg(&module))?;
        println!("{heap:<20} {}", printed.trim_end());
        let pages = printed.split(' ').next().and_then(|word| word.parse().ok());
        let pages: u32 = pages.context("the script prints the pages first")?;
        let fits = heap != "ours-full" || pages < MOST_PAGES;
        ensure!(fits, "the memory has grown to {pages} pages");
    }
    Ok(())
}
