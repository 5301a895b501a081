//! `cargo xtask certify`: what the heap's operations take at most, proven from their machine code.
//!
//! The crate `certify_probe` exports the operations of two shapes of heap. This task builds it in release for
//! each target, follows the machine code of what it exports through every way that the processor could take,
//! and fails if there is a loop, a call that `certify.toml` does not allow, a trap or a way to a panic. What is
//! left is a graph without a cycle; its longest path is the most that one call can execute.

mod ceiling;
#[cfg(test)]
mod compiled;
mod document;
mod graph;
mod image;
mod instruction;
mod planted;
mod probes;
mod processor;
mod proof;
mod references;
mod report;
mod target;

use std::fs;

use anyhow::{ensure, Context, Result};

use crate::workspace::Workspace;
use ceiling::Ceilings;
use image::Image;
use probes::Probes;
use proof::Prover;
use report::Row;
use target::{Target, TARGETS};

/// What `cargo xtask certify` is asked.
#[derive(clap::Args, Default)]
pub(crate) struct Options {
    /// Certify this target only
    #[arg(long, value_name = "NAME", value_parser = Target::parse)]
    target: Option<Target>,
    /// Put the figures into the README's table
    #[arg(long, conflicts_with = "target")]
    write: bool,
}

/// Certifies every operation of every target, and prints the table.
///
/// # Errors
///
/// The probes cannot be built, an operation does what none may do or takes more than `certify.toml` allows,
/// or a run of it executed more than was proven.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let can_write = TARGETS.iter().all(|it| it.can_be_built_here());
    ensure!(
        can_write || !options.write,
        "the table is written on x86-64 Linux, which can build all targets"
    );
    let ceilings = Ceilings::read(workspace)?;
    let mut rows = Vec::new();
    for target in TARGETS {
        if options.target.is_some_and(|chosen| chosen != target) {
            continue;
        }
        if target.can_be_built_here() {
            rows.extend(certify(workspace, target, &ceilings)?);
        } else {
            references::check(workspace)?;
        }
    }
    println!("{}", report::table(&rows));
    let mut faults: Vec<_> = rows.iter().flat_map(Row::faults).collect();
    if options.write && faults.is_empty() {
        document::write(workspace, &rows)?;
    } else if faults.is_empty() {
        let is_near = |a, b| ceilings.is_near(a, b);
        faults = document::differences(workspace, &rows, is_near)?;
    }
    for remark in rows.iter().flat_map(Row::remarks) {
        println!("note: {remark}");
    }
    for fault in &faults {
        println!("fault: {fault}");
    }
    ensure!(faults.is_empty(), "certify: {} fault(s)", faults.len());
    println!("certify: {} operations, no loop, no panic", rows.len());
    Ok(())
}

/// Certifies every operation of `target`.
fn certify(workspace: &Workspace, target: Target, ceilings: &Ceilings) -> Result<Vec<Row>> {
    let probes = Probes::build(workspace, target)?;
    let data = fs::read(probes.file())?;
    let image = Image::read(&data)?;
    planted::check(&image, target.processor()).with_context(|| format!("{target}"))?;
    let observed = probes.run(workspace)?;
    let mut rows = Vec::new();
    for operation in target.operations() {
        let ceiling = ceilings.of(target, operation)?;
        let prover = Prover {
            image: &image,
            processor: target.processor(),
            allowed: &ceiling.calls,
            without: operation.without,
        };
        let proof = prover.prove(image.entry(operation.symbol)?);
        let observed = observed.get(&(operation.shape, operation.number));
        let uncounted = || format!("no run of {target} {} was counted", operation.name);
        rows.push(Row {
            target,
            operation,
            opinions: ceilings.compare(&proof, ceiling),
            observed: *observed.with_context(uncounted)?,
            proof,
        });
    }
    Ok(rows)
}
