//! What the commands `threads` and `latency` are told.

use core::error::Error;

use clap::Args;
use indicatif::ProgressBar;
use rlsf_bench_report::{Machine, Report};
use rlsf_bench_threads::workload::FRAGMENTING;

use super::heaps;
use super::{find_workloads, fragments, latency, run, Plan};

/// The part of the work that `--quick` does.
const QUICK: usize = 10;

/// What both commands are told.
#[derive(Args, Clone, Debug)]
pub struct Options {
    /// The numbers of threads [default: 1,2,4,8 for `threads`, with --quick 2; 1,2,4 for `latency`; 1,4 for `fragments`]
    #[arg(long, value_name = "NUMBERS", value_delimiter = ',', value_parser = clap::value_parser!(u8).range(1..=64))]
    threads: Vec<u8>,
    /// How often everything is run; figures are medians
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..))]
    rounds: u8,
}

/// What the command line says of every command.
#[derive(Clone, Copy, Debug)]
pub struct Common<'a> {
    /// Only these heaps, if there is one.
    pub heaps: &'a [String],
    /// The seed of every random sequence.
    pub seed: u64,
    /// A tenth of the work, once.
    pub quick: bool,
}

/// Does `threads`.
///
/// # Errors
/// An unknown name, a heap that cannot be built.
pub fn threads(
    options: &Options,
    workloads: &[String],
    common: Common<'_>,
    bar: &ProgressBar,
) -> Result<Report, Box<dyn Error>> {
    let mut plan = options.plan(common, if common.quick { &[2] } else { &[1, 2, 4, 8] })?;
    plan.workloads = find_workloads(workloads)?;
    measure("threads", &plan, bar, run)
}

/// Does `fragments`.
///
/// # Errors
/// As [`threads`].
pub fn fragments(
    options: &Options,
    common: Common<'_>,
    bar: &ProgressBar,
) -> Result<Report, Box<dyn Error>> {
    let mut plan = options.plan(common, if common.quick { &[1] } else { &[1, 4] })?;
    plan.workloads = FRAGMENTING.iter().collect();
    measure("fragments", &plan, bar, fragments::run)
}

/// Does `latency`.
///
/// # Errors
/// As [`threads`].
pub fn latency(
    options: &Options,
    common: Common<'_>,
    bar: &ProgressBar,
) -> Result<Report, Box<dyn Error>> {
    let plan = options.plan(common, &[1, 2, 4])?;
    measure("latency", &plan, bar, latency::run)
}

impl Options {
    fn plan(&self, common: Common<'_>, threads: &[usize]) -> Result<Plan, String> {
        let chosen = self.threads.iter().copied().map(usize::from);
        let chosen: Vec<_> = chosen.collect();
        Ok(Plan {
            heaps: heaps::find(common.heaps)?,
            workloads: Vec::new(),
            threads: if chosen.is_empty() {
                threads.to_vec()
            } else {
                chosen
            },
            rounds: if common.quick { 1 } else { self.rounds.into() },
            part: if common.quick { QUICK } else { 1 },
            seed: common.seed,
        })
    }
}

fn measure(
    name: &str,
    plan: &Plan,
    bar: &ProgressBar,
    run: fn(&Plan, &ProgressBar, &mut Report),
) -> Result<Report, Box<dyn Error>> {
    heaps::build(&plan.heaps)?;
    let mut report = Report::new(name, Machine::here(heaps::versions(&plan.heaps)));
    report.about = about(plan);
    run(plan, bar, &mut report);
    Ok(report)
}

/// How the figures came about.
fn about(plan: &Plan) -> String {
    let rounds = match plan.rounds {
        1 => "One round".to_owned(),
        rounds => format!("Medians of {rounds} rounds"),
    };
    let part = match plan.part {
        1 => String::new(),
        part => format!(" with a {part}th of the work"),
    };
    let marks = if plan.workloads.is_empty() {
        ""
    } else {
        "; * marks the best"
    };
    format!("{rounds}{part}, the heaps in turns{marks}.")
}
