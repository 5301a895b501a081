//! What an allocator weighs: the bytes of a module that exports it and nothing else.

use std::fs;

use anyhow::Result;
use rlsf_bench_report::{Cell, Table};

use super::build_bench;
use crate::{process, program::Program, workspace::Workspace};

/// The heaps, each with the one that it is compared with.
const HEAPS: [(&str, Option<&str>); 10] = [
    ("", None),
    ("published-small", None),
    ("ours-small", Some("published-small")),
    ("ours-small,stats", Some("published-small")),
    ("published-full", None),
    ("ours-full", Some("published-full")),
    ("ours-full,stats", Some("published-full")),
    ("talc", None),
    ("dlmalloc", None),
    ("lol_alloc", None),
];

/// Builds each module as small as it gets, and weighs it.
pub(super) fn measure(workspace: &Workspace) -> Result<Table> {
    let wasm_opt = Program::find(workspace, "wasm-opt", "binaryen", "usr/bin")?;
    let title = "bytes of a module that exports the allocator";
    let columns = ["rustc -z", "wasm-opt -Oz", "ratio to rlsf 0.2.3"];
    let mut table = Table::new("size", title, columns);
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
        let bytes = |path| Ok::<_, anyhow::Error>(Cell::count(fs::metadata(path)?.len()));
        let (built, optimised) = (bytes(&module)?, bytes(&optimised)?);
        let base = other.and_then(|other| table.cell(other, columns[1])?.value());
        let ratio = optimised.value().zip(base);
        let ratio = ratio.map_or(Cell::Missing, |(ours, base)| Cell::Number(ours / base, 3));
        let name = if heap.is_empty() { "no heap" } else { heap };
        table.push(name, vec![built, optimised, ratio]);
    }
    Ok(table)
}
