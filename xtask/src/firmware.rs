//! `cargo xtask firmware`: the programs in `firmware/`, built for four processors and run in QEMU.
//!
//! Prints the flash and the memory that each takes and the instructions that its heap takes, and compares
//! each exit code with what the program is meant to end with.

mod board;
mod c;
mod image;
mod plan;
mod probes;
mod stress;

use std::time::Instant;

use anyhow::{ensure, Context, Result};

use crate::{library, workspace::Workspace};
use board::Machine;
use plan::{Run, RUNS};
pub(crate) use probes::Probes;

/// Builds and runs every program.
///
/// # Errors
///
/// A program cannot be built, ends with another code than it should, or is too slow or too large.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let arm = Machine::find(workspace, "qemu-system-arm", "qemu-system-arm")?;
    let riscv = Machine::find(workspace, "qemu-system-riscv32", "qemu-system-misc")?;
    lint(workspace)?;
    c::run(workspace, &arm)?;
    let mut lines = Vec::new();
    let mut stresses = Vec::new();
    for run in &RUNS {
        let start = Instant::now();
        let image = plan::build(workspace, run)?;
        let size = image::Size::of(&image)?;
        let machine = if run.board.is_riscv() { &riscv } else { &arm };
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
        lines.push(format!(
            "{:<58} {:>7} {:>7}",
            run.to_string(),
            size.flash,
            size.ram
        ));
        stresses.extend(stress::read(run, &printed)?);
    }
    println!("\n{:<58} {:>7} {:>7}", "bytes", "flash", "memory");
    println!("{}", lines.join("\n"));
    stress::report(&stresses)
}

/// Format and clippy, for both kinds of processors.
fn lint(workspace: &Workspace) -> Result<()> {
    for (target, board) in [plan::M3, plan::RV32] {
        let variables = [("BOARD", board.name())];
        library::lint(
            workspace,
            "firmware/Cargo.toml",
            target,
            "stats,probes",
            &variables,
        )?;
    }
    Ok(())
}
