//! What the commands `threads` and `latency` are told, and what they leave: tables on the terminal
//! and in files.

use core::error::Error;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use indicatif::ProgressBar;
use serde::Serialize;

use super::heaps;
use super::{find_workloads, latency, run, Plan};
use crate::machine::Machine;
use crate::table::Table;

/// The part of the work that `--quick` does.
const QUICK: usize = 10;

/// What both commands are told.
#[derive(Args, Clone, Debug)]
pub struct Options {
    /// The numbers of threads [default: 1,2,4,8 for `threads`, with --quick 2; 1,2,4 for `latency`]
    #[arg(long, value_name = "NUMBERS", value_delimiter = ',', value_parser = clap::value_parser!(u8).range(1..=64))]
    threads: Vec<u8>,
    /// How often everything is run; figures are medians
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..))]
    rounds: u8,
    /// A tenth of the work, once (under a minute, when the heaps' programs are built)
    #[arg(long)]
    quick: bool,
    /// Also write the tables to this file, as Markdown
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
}

/// What the command line says of every command.
#[derive(Clone, Copy, Debug)]
pub struct Common<'a> {
    /// Only these heaps, if there is one.
    pub heaps: &'a [String],
    /// The seed of every random sequence.
    pub seed: u64,
    /// Where the runs are written.
    pub json: Option<&'a Path>,
}

/// Does `threads`.
///
/// # Errors
/// An unknown name, a heap that cannot be built, a file that cannot be written.
pub fn threads(
    options: &Options,
    workloads: &[String],
    common: Common<'_>,
    bar: &ProgressBar,
) -> Result<(), Box<dyn Error>> {
    let mut plan = options.plan(common, if options.quick { &[2] } else { &[1, 2, 4, 8] })?;
    plan.workloads = find_workloads(workloads)?;
    measure("threads", options, &plan, common, bar, run)
}

/// Does `latency`.
///
/// # Errors
/// As [`threads`].
pub fn latency(
    options: &Options,
    common: Common<'_>,
    bar: &ProgressBar,
) -> Result<(), Box<dyn Error>> {
    let plan = options.plan(common, &[1, 2, 4])?;
    measure("latency", options, &plan, common, bar, latency::run)
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
            rounds: if self.quick { 1 } else { self.rounds.into() },
            part: if self.quick { QUICK } else { 1 },
            seed: common.seed,
        })
    }
}

type Measure = fn(&Plan, &ProgressBar, &mut dyn Write) -> io::Result<Vec<Table>>;

fn measure(
    name: &str,
    options: &Options,
    plan: &Plan,
    common: Common<'_>,
    bar: &ProgressBar,
    run: Measure,
) -> Result<(), Box<dyn Error>> {
    let mut records: Box<dyn Write> = match common.json {
        Some(path) => Box::new(BufWriter::new(create(path)?)),
        None => Box::new(io::sink()),
    };
    let markdown = options.markdown.as_deref().map(create).transpose()?;
    heaps::build(&plan.heaps)?;
    let machine = Machine::here(heaps::versions(&plan.heaps));
    write_line(&mut records, &machine)?;
    let tables = run(plan, bar, &mut records)?;
    records.flush()?;
    bar.finish_and_clear();
    let about = about(&machine, plan);
    println!("{about}\n");
    for table in &tables {
        println!("{table}");
    }
    if let Some(mut file) = markdown {
        writeln!(file, "# `rlsf-bench {name}`\n\n{about}\n")?;
        tables
            .iter()
            .try_for_each(|table| writeln!(file, "{}", table.to_markdown()))?;
    }
    Ok(())
}

/// How the figures came about.
fn about(machine: &Machine, plan: &Plan) -> String {
    let rounds = match plan.rounds {
        1 => "One round".to_owned(),
        rounds => format!("Medians of {rounds} rounds"),
    };
    let part = match plan.part {
        1 => String::new(),
        part => format!(" with a {part}th of the work"),
    };
    let description = machine.describe();
    format!("{description} {rounds}{part}, the heaps in turns; * marks the best.")
}

fn write_line(records: &mut dyn Write, line: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *records, line)?;
    writeln!(records)
}

fn create(path: &Path) -> Result<File, String> {
    File::create(path).map_err(|error| format!("{}: {error}", path.display()))
}
