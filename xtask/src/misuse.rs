//! `cargo xtask misuse`: which misuses of a heap are noticed, by ours and by others.
//!
//! `rlsf_misuse` commits one misuse a process and goes on as if nothing had happened. Every case runs on every
//! heap, and so does the same program without the misuse, which must come to its end.

mod contestant;
mod outcome;
mod peers;
mod report;
mod run;

use anyhow::{ensure, Result};
use rlsf_bench_report::{Machine, Output, Report};

use crate::workspace::Workspace;
use contestant::Contestant;

/// What `cargo xtask misuse` is asked.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Only these heaps
    #[arg(long, value_name = "HEAP", value_delimiter = ',')]
    heaps: Vec<String>,
    /// Print what became of every case
    #[arg(long)]
    verbose: bool,
    #[command(flatten)]
    output: Output,
}

impl Options {
    /// Our heaps, with a look at the ceilings.
    pub(crate) fn check() -> Self {
        Self {
            heaps: contestant::OURS.map(str::to_owned).to_vec(),
            verbose: false,
            output: Output::checked(),
        }
    }
}

/// Runs the battery.
///
/// # Errors
///
/// Something cannot be built, there is no such heap, a program without a misuse does not come to its end, or a
/// figure is worse than it may be.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let files = options.output.open()?;
    let contestants = Contestant::find(workspace, &options.heaps)?;
    let (runs, faults) = run::all(&contestants)?;
    ensure!(
        faults.is_empty(),
        "programs without a misuse:\n{}",
        faults.join("\n")
    );
    if options.verbose {
        report::print_cases(&runs);
    }
    let versions = contestants.iter().filter_map(|it| it.version.clone());
    let mut report = Report::new("misuse", Machine::here(versions.collect()));
    report.about = format!(
        "{} cases; on every heap, the same programs without the misuse come to their end.",
        report::names(&runs).len()
    );
    report.tables = report::tables(&runs);
    report.records = report::records(&runs)?;
    Ok(files.write(&report)?)
}
