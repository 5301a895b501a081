//! `cargo xtask real-programs`: programs that know nothing of us, on our heap and on others'.
//!
//! Each program works on inputs of `xtask/real_programs` in a folder of its own, and must end with 0 and print
//! what it prints on the C library's allocator. Unless only that is to be checked, all allocators take turns, and
//! medians are compared.

mod allocator;
mod measure;
mod program;
mod report;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{ensure, Context, Result};
use clap::Args;

use crate::{process, workspace::Workspace};
use allocator::Allocator;
use measure::Run;
use program::{Program, PROGRAMS};

/// What is to be done.
#[derive(Args)]
pub(crate) struct Options {
    /// Only check the results, once, on our heap and on the C library's
    #[arg(long)]
    check: bool,
    /// Measured runs of each program on each allocator
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=99))]
    rounds: u32,
    /// Only these programs
    #[arg(long, value_name = "PROGRAM", value_delimiter = ',')]
    only: Vec<String>,
    /// Put the table into the README
    #[arg(long)]
    write: bool,
}

impl Options {
    /// What continuous integration asks for.
    pub(crate) fn check() -> Self {
        Self {
            check: true,
            rounds: 1,
            only: Vec::new(),
            write: false,
        }
    }

    fn programs(&self) -> Result<Vec<&'static Program>> {
        for name in &self.only {
            let exists = PROGRAMS.iter().any(|program| program.name == name);
            ensure!(exists, "there is no program `{name}`");
        }
        let is_chosen = |program: &&Program| {
            self.only.is_empty() || self.only.iter().any(|name| name == program.name)
        };
        let chosen: Vec<_> = PROGRAMS.iter().filter(is_chosen).collect();
        for program in &chosen {
            program.require()?;
        }
        Ok(chosen)
    }
}

/// Runs the programs.
///
/// # Errors
///
/// A program or an allocator is missing; a program fails, or prints something else than on the C library's heap.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let programs = options.programs()?;
    let ours = library(workspace)?;
    let allocators = if options.check {
        Allocator::ours_and_system(ours)
    } else {
        Allocator::all(ours)?
    };
    let mut table = report::Table::new(&allocators);
    for program in programs {
        let runs = compare(workspace, program, &allocators, options.rounds)?;
        println!("{}", table.add(program, &runs));
    }
    println!("\n{table}");
    if options.write {
        ensure!(
            !options.check && options.only.is_empty(),
            "only a whole run is written into the README"
        );
        report::write_into(&workspace.root().join("README.md"), &table.to_string())?;
    }
    Ok(())
}

/// Builds the library that is preloaded.
fn library(workspace: &Workspace) -> Result<PathBuf> {
    let build = [
        "build",
        "--quiet",
        "--release",
        "--package",
        "rlsf_override",
    ];
    process::run(&mut workspace.cargo(build))?;
    Ok(workspace.cache("release/librlsf_override.so"))
}

/// Runs one program in turns on all allocators; the runs of each.
fn compare(
    workspace: &Workspace,
    program: &Program,
    allocators: &[Allocator],
    rounds: u32,
) -> Result<Vec<Vec<Run>>> {
    let inputs = workspace.root().join("xtask/real_programs");
    let data = tempfile::tempdir().context("no folder for the inputs")?;
    program.prepare(&inputs, data.path())?;
    let mut runs = vec![Vec::new(); allocators.len()];
    let mut expected: Option<String> = None;
    for _ in 0..rounds {
        for (allocator, runs) in allocators.iter().zip(&mut runs) {
            let run = one(program, allocator, &inputs, data.path())?;
            let right = expected.get_or_insert_with(|| run.output.clone());
            ensure!(
                *right == run.output,
                "{} printed on {}:\n{}\ninstead of:\n{right}",
                program.name,
                allocator.name,
                run.output
            );
            runs.push(run);
        }
    }
    Ok(runs)
}

/// One run in a folder of its own.
fn one(program: &Program, allocator: &Allocator, inputs: &Path, data: &Path) -> Result<Run> {
    let folder = tempfile::tempdir().context("no folder to work in")?;
    let mut command = program.command("run", inputs, data);
    command.current_dir(fs::canonicalize(folder.path())?);
    allocator.preload_into(&mut command);
    measure::run(&mut command).with_context(|| format!("{} on {}", program.name, allocator.name))
}
