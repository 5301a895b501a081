//! `rlsf-bench`: heaps side by side in one run.

use core::error::Error;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use clap::{Args, Parser, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};

use rlsf_bench::contestant::Contestant;
use rlsf_bench::heaps::{versions, HEAPS, OF_C};
use rlsf_bench::machine::Machine;
use rlsf_bench::table::Table;
use rlsf_bench::threads::command;
use rlsf_bench::time::Extent;
use rlsf_bench::{instructions, time, traces, utilisation};

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
    /// Also write the tables to this file, as JSON; of `threads` and `latency` every run, a line each
    #[arg(long, global = true, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Compare only these heaps, by their names in the tables, separated by commas
    #[arg(long, global = true, value_name = "NAMES", value_delimiter = ',')]
    heaps: Vec<String>,
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
    /// Count the distinct cache lines that each kind of operation touches, exactly (x86-64 Linux;
    /// some minutes)
    Lines {
        /// The number of operations in each random run
        #[arg(long, default_value_t = 5_000)]
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
    /// Replay what real programs asked their heaps for: time, and the smallest pool in which each
    /// completes (2 minutes)
    Traces {
        /// Traces, as `rlsf record` writes them [default: those that come with the project]
        files: Vec<PathBuf>,
        /// Fewer rounds, and pools to 2 % of the peak (20 seconds)
        #[arg(long)]
        quick: bool,
        /// Also write the tables to this file, as Markdown
        #[arg(long, value_name = "FILE")]
        markdown: Option<PathBuf>,
    },
    /// Run multithreaded workloads on heaps that are the allocator of their process: time, processor
    /// time and memory (builds each heap's program first; 15 minutes with all)
    Threads {
        #[command(flatten)]
        options: command::Options,
        /// Only these workloads
        #[arg(long, value_name = "NAMES", value_delimiter = ',')]
        workloads: Vec<String>,
    },
    /// Time single operations of threads that share a heap, those of `threads` (2 minutes with all)
    Latency {
        #[command(flatten)]
        options: command::Options,
    },
    /// Do everything but `traces`, `threads` and `latency`, one after the other
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

/// Does the task.
fn run(Arguments { command, common }: &Arguments) -> Result<ExitCode, Box<dyn Error>> {
    match command {
        Task::Record { files, output } => return record(files, output.as_deref()),
        Task::Threads { options, workloads } => {
            command::threads(options, workloads, common.of_processes(), &spinner())?;
        }
        Task::Latency { options } => {
            command::latency(options, common.of_processes(), &spinner())?;
        }
        task => compare_pools(task, common)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Compares heaps in pools, shows the tables and writes them where that is asked for.
fn compare_pools(task: &Task, common: &Common) -> Result<(), Box<dyn Error>> {
    let pools = Pools {
        heaps: common.of_pools()?,
        is_everyone: common.heaps.is_empty(),
        seed: common.seed,
    };
    let output = common.json.as_deref().map(create).transpose()?;
    let mut tables = Vec::new();
    match task {
        &Task::Instructions { operations } => tables.extend(pools.count_instructions(operations)?),
        &Task::Lines { operations } => tables.extend(pools.count_lines(operations)?),
        Task::Utilisation => tables.extend(pools.measure_utilisation()),
        &Task::Time { quick } => tables.extend(pools.measure_time(quick)),
        Task::Traces {
            files,
            quick,
            markdown,
        } => tables.extend(pools.replay_traces(files, *quick, markdown.as_deref())?),
        &Task::All { quick } => {
            let operations = if quick { 2_000 } else { 20_000 };
            tables.extend(pools.count_instructions(operations)?);
            tables.extend(pools.count_lines(operations / 4)?);
            tables.extend(pools.measure_utilisation());
            tables.extend(pools.measure_time(quick));
        }
        _ => unreachable!("no comparison of pools"),
    }
    if let Some(file) = output {
        serde_json::to_writer_pretty(file, &tables)?;
    }
    Ok(())
}

/// Which heaps get a pool each, and what is random about their operations.
struct Pools {
    heaps: Vec<&'static Contestant>,
    /// Whether the user chose none.
    is_everyone: bool,
    seed: u64,
}

impl Pools {
    fn count_instructions(&self, operations: usize) -> Result<Vec<Table>, String> {
        let bar = spinner();
        let tables = instructions::run(&self.heaps, operations, self.seed, &bar)
            .map_err(|error| format!("cannot step through a child: {error}"))?;
        Ok(show(tables, &bar))
    }

    fn count_lines(&self, operations: usize) -> Result<Vec<Table>, String> {
        let bar = spinner();
        let tables = instructions::lines(&self.heaps, operations, self.seed, &bar)
            .map_err(|error| format!("cannot step through a child: {error}"))?;
        Ok(show(tables, &bar))
    }

    fn replay_traces(
        &self,
        files: &[PathBuf],
        quick: bool,
        markdown: Option<&Path>,
    ) -> Result<Vec<Table>, Box<dyn Error>> {
        // After the first one, which is ours.
        let mut heaps = self.heaps.clone();
        if self.is_everyone {
            heaps.insert(1, &OF_C);
        }
        let files = if files.is_empty() {
            traces::shipped()?
        } else {
            files.to_vec()
        };
        let output = markdown.map(create).transpose()?;
        let about = traces::about_run(&Machine::here(versions(&heaps)), extent(quick));
        let bar = spinner();
        let tables = traces::run(&heaps, &files, extent(quick), &bar)?;
        let tables = show(tables, &bar);
        println!("{about}");
        if let Some(mut file) = output {
            write!(file, "# `rlsf-bench traces`\n\n{about}\n\n")?;
            for table in &tables {
                write!(file, "{}", table.to_markdown())?;
            }
        }
        Ok(tables)
    }

    fn measure_utilisation(&self) -> Vec<Table> {
        let bar = spinner();
        show(utilisation::run(&self.heaps, self.seed, &bar), &bar)
    }

    fn measure_time(&self, quick: bool) -> Vec<Table> {
        let bar = spinner();
        show(time::run(&self.heaps, extent(quick), self.seed, &bar), &bar)
    }
}

impl Common {
    /// The heaps to compare that get a pool each.
    fn of_pools(&self) -> Result<Vec<&'static Contestant>, String> {
        if self.heaps.is_empty() {
            return Ok(HEAPS.iter().collect());
        }
        self.heaps.iter().map(|name| find_heap(name)).collect()
    }

    /// What is said of heaps that are the allocator of a process each.
    fn of_processes(&self) -> command::Common<'_> {
        command::Common {
            heaps: &self.heaps,
            seed: self.seed,
            json: self.json.as_deref(),
        }
    }
}

fn extent(quick: bool) -> Extent {
    if quick {
        Extent::Quick
    } else {
        Extent::Full
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
            .chain([&OF_C])
            .map(|heap| heap.name)
            .collect::<Vec<_>>()
            .join(", ")
    };
    HEAPS
        .iter()
        .chain([&OF_C])
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
