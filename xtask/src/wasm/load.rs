//! Whether a heap is right, how far its memory grows, and how fast it is, under node.

use std::{fs, process::Command};

use anyhow::{ensure, Context, Result};
use rlsf_bench_report::{Cell, Table};

use super::build_bench;
use crate::{process, workspace::Workspace};

/// The heaps.
const HEAPS: [&str; 7] = [
    "ours-small",
    "ours-full",
    "published-small",
    "published-full",
    "talc",
    "dlmalloc",
    "lol_alloc",
];

/// The pages that ours must stay below.
const MOST_PAGES: u64 = 407;

/// Builds each module as fast as it gets, and measures.
pub(super) fn measure(workspace: &Workspace) -> Result<Table> {
    let scripts = workspace.root().join("bench/wasm");
    let mut modules = Vec::new();
    for heap in HEAPS {
        let module = build_bench(workspace, "release", &format!("{heap},load"))?;
        let kept = workspace.cache("wasm").join(format!("{heap}.wasm"));
        fs::copy(module, &kept)?;
        if heap.starts_with("ours") {
            for script in ["foreign.mjs", "invariants.mjs"] {
                let script = scripts.join(script);
                process::run(Command::new("node").arg(script).arg(&kept))?;
            }
        }
        modules.push(kept);
    }
    let script = scripts.join("load.mjs");
    let printed = process::output(Command::new("node").arg(script).args(modules))?;
    let title =
        "pages after the ratchet; actions a microsecond with sizes up to 200, 3 000, 30 000";
    let columns = ["pages", "to 200", "to 3 000", "to 30 000"];
    let mut table = Table::new("load", title, columns);
    for (heap, line) in HEAPS.iter().zip(printed.lines()) {
        let mut words = line.split(' ');
        let faults: u64 = words.next().unwrap_or_default().parse()?;
        if faults > 0 {
            let fault = format!("{faults} blocks were misaligned, or changed");
            ensure!(!heap.starts_with("ours"), "{heap}: {fault}");
            table.push_failing(heap, &fault);
            continue;
        }
        let pages = words.next().context("the script prints the pages")?;
        let pages: u64 = pages.parse()?;
        let fits = *heap != "ours-full" || pages < MOST_PAGES;
        ensure!(fits, "the memory has grown to {pages} pages");
        let speeds = words.map(|word| Ok(Cell::Number(word.parse()?, 2)));
        let speeds = speeds.collect::<Result<Vec<_>>>()?;
        let cells = core::iter::once(Cell::count(pages)).chain(speeds);
        table.push(*heap, cells.collect());
    }
    Ok(table)
}
