//! What the command line says.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use rlsf_bench::instructions::Case;
use rlsf_bench::threads::command;
use rlsf_bench_report::Output;

/// Compares rlsf with its published release and with other heaps, in the same run and with the same
/// operations.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Task,
    #[command(flatten)]
    pub(crate) common: Common,
}

#[derive(Debug, Args)]
pub(crate) struct Common {
    #[command(flatten)]
    pub(crate) output: Output,
    /// Compare only these heaps, by their names in the tables, separated by commas
    #[arg(long, global = true, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) heaps: Vec<String>,
    /// The seed of every random sequence
    #[arg(long, global = true, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Less of everything: under a minute, when what is compared has been built
    #[arg(long, global = true)]
    pub(crate) quick: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Task {
    /// Count the instructions of each kind of operation, exactly, by stepping through them (x86-64
    /// Linux; minutes, or more on a virtual machine with slow traps)
    Instructions {
        /// The number of operations in each random run [default: 20 000, with --quick 400]
        #[arg(long)]
        operations: Option<usize>,
        /// Count one operation in this state only: what `--json` has written of a worst one
        #[arg(long, value_name = "JSON", conflicts_with = "operations", value_parser = read_state)]
        state: Option<Case>,
    },
    /// Count the distinct cache lines that each kind of operation touches, exactly (x86-64 Linux;
    /// some minutes)
    Lines {
        /// The number of operations in each random run [default: 5 000, with --quick 300]
        #[arg(long)]
        operations: Option<usize>,
    },
    /// Time single operations of threads that share a heap, those of `threads` (2 minutes with all)
    Latency {
        #[command(flatten)]
        options: command::Options,
    },
    /// Time random mixes of operations (3 minutes)
    #[command(visible_alias = "time")]
    Throughput,
    /// Measure how much of a pool can be used: random mixes, heap efficiency, over-alignment,
    /// freeing and asking again (1 minute)
    #[command(visible_alias = "utilisation")]
    Efficiency,
    /// Run multithreaded workloads on heaps that are the allocator of their process: time, processor
    /// time and memory (builds each heap's program first; 15 minutes with all)
    Threads {
        #[command(flatten)]
        options: command::Options,
        /// Only these workloads
        #[arg(long, value_name = "NAMES", value_delimiter = ',')]
        workloads: Vec<String>,
    },
    /// Run workloads that leave holes on the heaps of `threads`: their memory, relative to what is live
    /// (2 minutes with all)
    Fragments {
        #[command(flatten)]
        options: command::Options,
    },
    /// Weigh WebAssembly modules and measure them under node: `cargo xtask wasm`
    Wasm,
    /// Count bytes and instructions of programs for microcontrollers in QEMU: `cargo xtask firmware`
    Firmware,
    /// Replay what real programs asked their heaps for: time, and the smallest pool in which each
    /// completes (2 minutes)
    Traces {
        /// Traces, as `rlsf record` writes them [default: those that come with the project]
        files: Vec<PathBuf>,
    },
    /// Do `instructions`, `lines`, `efficiency` and `throughput`, one after the other
    All,
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

fn read_state(text: &str) -> Result<Case, serde_json::Error> {
    serde_json::from_str(text)
}
