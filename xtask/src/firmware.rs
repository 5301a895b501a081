//! `cargo xtask firmware`: the programs in `firmware/`, built for four processors and run in QEMU.
//!
//! Prints the flash and the memory that each takes and the instructions that its heap takes, and compares
//! each exit code with what the program is meant to end with.

mod board;
mod c;
mod image;
mod plan;
mod probes;
mod states;
mod stress;

use std::time::Instant;

use anyhow::{ensure, Context, Result};
use rlsf_bench_report::{Axis, Cell, Machine as Host, Output, Report, Table};

use crate::{library, lock, workspace::Workspace};
use board::Machine;
use plan::{Run, RUNS};
pub(crate) use probes::Probes;

/// What the versions are told of.
const PACKAGES: [&str; 5] = [
    "rlsf",
    "talc",
    "linked_list_allocator",
    "embedded-alloc",
    "tlsf",
];

/// What `cargo xtask firmware` is asked.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Only what is measured: no clippy, no program in C, no demonstration
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

/// Builds and runs every program.
///
/// # Errors
///
/// A program cannot be built, ends with another code than it should, or is too slow or too large.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let files = options.output.open()?;
    let arm = Machine::find(workspace, "qemu-system-arm", "qemu-system-arm")?;
    let riscv = Machine::find(workspace, "qemu-system-riscv32", "qemu-system-misc")?;
    if !options.quick {
        lint(workspace)?;
        c::run(workspace, &arm)?;
    }
    let versions = lock::versions(workspace, "firmware/Cargo.lock", &PACKAGES)?;
    let mut report = Report::new("firmware", Host::here(versions));
    "Exact, as QEMU counts.".clone_into(&mut report.about);
    let mut bytes = Table::new("bytes", "bytes of programs", ["flash", "memory"]);
    bytes.heaps = Axis::Nowhere;
    let mut counts = Vec::new();
    for run in &RUNS {
        if options.quick && !run.is_measured() {
            continue;
        }
        let machine = if run.board.is_riscv() { &riscv } else { &arm };
        let (size, printed) = build_and_run(workspace, run, machine)?;
        let cells = [size.flash, size.ram].map(Cell::count);
        bytes.push(run.to_string(), cells.to_vec());
        counts.extend(stress::read(run, &printed)?);
        counts.extend(states::read(run, &printed)?);
    }
    report.tables = counts;
    report.tables.push(bytes);
    Ok(files.write(&report)?)
}

/// The bytes of a program, and what it printed.
fn build_and_run(
    workspace: &Workspace,
    run: &Run,
    machine: &Machine,
) -> Result<(image::Size, String)> {
    let start = Instant::now();
    let image = plan::build(workspace, run)?;
    let size = image::Size::of(&image)?;
    let printed = machine
        .run(run.board, &image, run.code)
        .with_context(|| format!("{run} failed"))?;
    for text in run.must_print {
        ensure!(
            printed.contains(text),
            "{run} did not print `{text}`:\n{printed}"
        );
    }
    println!(
        "{run}: ended with {} after {:.1} s",
        run.code,
        start.elapsed().as_secs_f64()
    );
    Ok((size, printed))
}

/// Format and clippy, for both kinds of processors.
fn lint(workspace: &Workspace) -> Result<()> {
    for (target, board) in [plan::M3, plan::RV32] {
        let variables = [("BOARD", board.name())];
        let manifest = "firmware/Cargo.toml";
        let all = ["--features", "stats,probes"];
        library::lint(workspace, manifest, target, &all, &variables)?;
        // Whatever is linked with a peer needs a global allocator.
        for program in ["stress", "states"] {
            let peers = ["--bin", program, "--features", "peers"];
            library::lint(workspace, manifest, target, &peers, &variables)?;
        }
    }
    Ok(())
}
