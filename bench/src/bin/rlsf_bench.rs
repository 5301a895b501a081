//! `rlsf-bench`: heaps side by side in one run.

use core::error::Error;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use clap::{Args, Parser, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};

use rlsf_bench::contestant::Contestant;
use rlsf_bench::heaps::HEAPS;
use rlsf_bench::table::Table;
use rlsf_bench::time::Extent;
use rlsf_bench::{instructions, time, utilisation};

/// Compares rlsf with its published release and with other heaps, in the same run and with the same
/// operations.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Task,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Args)]
struct Common {
    /// Also write the tables to this file, as JSON
    #[arg(long, global = true, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Compare only these heaps, by their names in the tables, separated by commas
    #[arg(long, global = true, value_name = "NAMES", value_delimiter = ',', value_parser = find_heap)]
    heaps: Vec<&'static Contestant>,
    /// The seed of every random sequence
    #[arg(long, global = true, default_value_t = 1)]
    seed: u64,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Count the instructions of each kind of operation, exactly, by stepping through them (x86-64
    /// Linux; seconds, or minutes on a virtual machine with slow traps)
    Instructions {
        /// The number of operations in each random run
        #[arg(long, default_value_t = 20_000)]
        operations: usize,
    },
    /// Measure how much of a pool can be used: random mixes, heap efficiency, over-alignment,
    /// freeing and asking again (1 minute)
    Utilisation,
    /// Time random mixes of operations (3 minutes)
    Time {
        /// One fill of two pools only (20 seconds)
        #[arg(long)]
        quick: bool,
    },
    /// Do everything, one after the other
    All {
        /// Count 2 000 operations in each random run, and time one fill of two pools only
        #[arg(long)]
        quick: bool,
    },
    /// Record the layouts of the mix `recorded` anew: parse and format Rust sources
    Record {
        /// Rust sources
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Where the table is written, instead of the terminal
        #[arg(long, short)]
        output: Option<PathBuf>,
    },
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("rlsf-bench: {error}");
            ExitCode::from(2)
        }
    }
}

/// Does the task, shows its tables and writes them where that is asked for.
fn run(Arguments { command, common }: &Arguments) -> Result<ExitCode, Box<dyn Error>> {
    if let Task::Record { files, output } = command {
        return record(files, output.as_deref());
    }
    let output = common.json.as_ref().map(|path| create(path)).transpose()?;
    let mut tables = Vec::new();
    match *command {
        Task::Instructions { operations } => tables.extend(count_instructions(common, operations)?),
        Task::Utilisation => tables.extend(measure_utilisation(common)),
        Task::Time { quick } => tables.extend(measure_time(common, quick)),
        Task::All { quick } => {
            tables.extend(count_instructions(
                common,
                if quick { 2_000 } else { 20_000 },
            )?);
            tables.extend(measure_utilisation(common));
            tables.extend(measure_time(common, quick));
        }
        Task::Record { .. } => unreachable!("done above"),
    }
    if let Some(file) = output {
        serde_json::to_writer_pretty(file, &tables)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn count_instructions(common: &Common, operations: usize) -> Result<Vec<Table>, Box<dyn Error>> {
    let bar = spinner();
    let tables = instructions::run(&common.chosen(), operations, common.seed, &bar);
    Ok(show(
        tables.map_err(|error| format!("cannot step through a child: {error}"))?,
        &bar,
    ))
}

fn measure_utilisation(common: &Common) -> Vec<Table> {
    let bar = spinner();
    show(utilisation::run(&common.chosen(), common.seed, &bar), &bar)
}

fn measure_time(common: &Common, quick: bool) -> Vec<Table> {
    let bar = spinner();
    let extent = if quick { Extent::Quick } else { Extent::Full };
    show(time::run(&common.chosen(), extent, common.seed, &bar), &bar)
}

impl Common {
    fn chosen(&self) -> Vec<&'static Contestant> {
        if self.heaps.is_empty() {
            return HEAPS.iter().collect();
        }
        self.heaps.clone()
    }
}

fn spinner() -> ProgressBar {
    let style =
        ProgressStyle::with_template("{elapsed} {wide_bar} {msg}").expect("the template is valid");
    ProgressBar::new(1).with_style(style)
}

fn show(tables: Vec<Table>, bar: &ProgressBar) -> Vec<Table> {
    bar.finish_and_clear();
    for table in &tables {
        println!("{table}");
    }
    tables
}

fn create(path: &Path) -> Result<File, String> {
    File::create(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn find_heap(name: &str) -> Result<&'static Contestant, String> {
    let names = || {
        HEAPS
            .iter()
            .map(|heap| heap.name)
            .collect::<Vec<_>>()
            .join(", ")
    };
    HEAPS
        .iter()
        .find(|heap| heap.name == name)
        .ok_or_else(|| format!("the heaps are {}", names()))
}

/// Runs the program `record-layouts`, which stands beside this one and has an allocator of its own.
fn record(files: &[PathBuf], output: Option<&Path>) -> Result<ExitCode, Box<dyn Error>> {
    let recorder = std::env::current_exe()?.with_file_name("record-layouts");
    let mut command = Command::new(&recorder);
    command.args(files);
    if let Some(path) = output {
        command.arg("--output").arg(path);
    }
    let status = command
        .status()
        .map_err(|error| format!("{}: {error}", recorder.display()))?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(2)
    })
}
