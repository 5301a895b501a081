//! The command line.

use crate::error::Error;
use crate::run::parse_bytes;
use crate::workload::Workload;
use clap::error::ErrorKind;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  rlsf                              the three workloads, five runs each
  rlsf demo --file data.json        your own JSON instead
  rlsf demo --file book.txt         your own text instead
  rlsf demo --repeat 20 --seed 7    more runs, another document and cache
  rlsf demo --json result.json      every figure, for a program to read
  rlsf demo --ascii | less          without block characters
  rlsf run -- python3 script.py     any program on our heap
  rlsf record -- python3 script.py  the same, and a trace of its allocations

Exit codes: 0 done, 1 the run failed, 2 an argument or a file is wrong.";

const RUN_EXAMPLES: &str = "\
Examples:
  rlsf run -- python3 script.py                any program on our heap
  rlsf run --stats -- git gc                   and its figures afterwards
  rlsf run --stats-file out.jsonl -- make      a line of JSON from every process
  rlsf run --reserve 64M --lock-memory -- ./synth   no page fault within 64 MiB
  rlsf run --hardened -- ./service             ends at the first misuse of its memory
  rlsf run --hardened --calls -- ./service     and tells who allocated and freed the block
  rlsf run --fail-at 100 -- sqlite3 my.db .schema   without memory at the 100th request

The library takes the place of malloc and its family in the command and in all that it
starts. Programs that are statically linked, change the user, or bring an allocator of
their own keep theirs. The variables RLSF_STATS, RLSF_STATS_FILE, RLSF_RESERVE,
RLSF_LOCK_MEMORY, RLSF_FAIL_AT, RLSF_FAIL_EVERY and RLSF_FAIL_OVER do the same without this
program, and RLSF_CALLS with the hardened library.

With --calls a misuse is told with up to eight frames of who allocated the block, of who freed
it first, and of who calls. A place such as (./service+0x1234) is what `addr2line -fe ./service
0x1234` takes; names are those that the loader knows (link with -rdynamic for more).

A request that is made to fail is a malloc, calloc or their like, an operator new, or a
realloc to more than its block has: it returns null with ENOMEM, or throws std::bad_alloc.

Exit codes: the command's own; 127 it is not found, 126 it cannot be started, 1 the
library is missing, 2 an argument or a file is wrong.";

const RECORD_EXAMPLES: &str = "\
Examples:
  rlsf record -- python3 -m json.tool in.json      writes python3.trace.gz
  rlsf record -o sql.trace.gz -- sqlite3 :memory: < script.sql
  rlsf replay sql.trace.gz                         replays it on our heap
  cargo run --release -p rlsf_bench -- traces sql.trace.gz   replays it on many heaps

Recorded is the process that is started, with all its threads, until it ends, however it
ends. What it starts is not: of `sh -c 'make; ls'` that is the shell. A program that takes
the process over (exec) is recorded from its start. A recording takes 32 bytes an operation
beside the trace while the program runs; when the disk is full it stops with a line, and the
program goes on. The format is told in crates/rlsf_trace.

Exit codes: the command's own; 127 it is not found, 126 it cannot be started, 1 nothing was
recorded or the library is missing, 2 an argument or a file is wrong.";

/// The program's arguments; `rlsf` alone is `rlsf demo`.
#[derive(Debug, Parser)]
#[command(
    name = "rlsf",
    version,
    about = "Any program on rlsf's heap, and real workloads on it and on the system's, side by side",
    after_help = EXAMPLES,
    args_conflicts_with_subcommands = true
)]
pub(crate) struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    /// The options of `demo`, which is what runs without a command.
    #[command(flatten)]
    pub(crate) demo: DemoOptions,
}

/// The program's commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run real workloads on both heaps and compare (the default)
    #[command(after_help = EXAMPLES)]
    Demo(DemoOptions),
    /// Run any program on our heap
    #[command(after_help = RUN_EXAMPLES)]
    Run(RunOptions),
    /// Run any program on our heap, and record what it asks of it
    #[command(after_help = RECORD_EXAMPLES)]
    Record(RecordOptions),
    /// Replay a trace of `rlsf record` on our heap, and draw it at the peak
    #[command(after_help = "Exit codes: 0 done, 1 the heap is broken, 2 the file is no trace.")]
    Replay(ReplayOptions),
    /// Run one workload in this process and answer in JSON
    #[command(hide = true)]
    Child(ChildOptions),
}

/// What `demo` is to do.
#[derive(Args, Debug)]
pub(crate) struct DemoOptions {
    /// Use this file instead: JSON is parsed and rebuilt, text is counted
    #[arg(long, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// What the file is; `auto` takes it as JSON if it parses as JSON
    #[arg(
        long = "as",
        value_name = "KIND",
        default_value = "auto",
        requires = "file"
    )]
    pub(crate) kind: Kind,
    /// Timed and measured runs of each workload on each heap
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) repeat: u32,
    /// Seed of the made document and of the cache's requests
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Write every figure to this file as JSON
    #[arg(long, value_name = "OUT")]
    pub(crate) json: Option<PathBuf>,
    /// Leave out the pictures of the heap
    #[arg(long)]
    pub(crate) no_picture: bool,
    /// Use ASCII characters only (also chosen by a locale without UTF-8)
    #[arg(long)]
    pub(crate) ascii: bool,
}

/// What `run` is to do.
#[derive(Args, Debug)]
pub(crate) struct RunOptions {
    /// Print the heap's figures on the standard error when the command has ended
    #[arg(long)]
    pub(crate) stats: bool,
    /// Have every process write its figures to this file, a line of JSON each
    #[arg(long, value_name = "FILE")]
    pub(crate) stats_file: Option<PathBuf>,
    /// Take so many bytes from the system, and make them resident, before the command starts
    /// (K, M, G: multiples of 1024)
    #[arg(long, value_name = "BYTES", value_parser = parse_bytes)]
    pub(crate) reserve: Option<u64>,
    /// Keep the heap's pages in memory (mlock); the system limits how many
    #[arg(long)]
    pub(crate) lock_memory: bool,
    /// What is looked for.
    #[command(flatten)]
    pub(crate) checks: CheckOptions,
    /// What is to fail.
    #[command(flatten)]
    pub(crate) faults: FaultOptions,
    /// The command and its arguments, after `--`
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub(crate) command: Vec<OsString>,
}

/// Which misuses of its memory end a program, and what is told of them.
#[derive(Args, Debug)]
pub(crate) struct CheckOptions {
    /// Use the library that also finds what is written behind a block, and to a free one
    #[arg(long)]
    pub(crate) hardened: bool,
    /// Record where every block is allocated and freed, and tell it of those that are misused;
    /// this makes programs slow
    #[arg(long, requires = "hardened")]
    pub(crate) calls: bool,
}

/// Which requests of a program are to fail.
#[derive(Args, Debug)]
pub(crate) struct FaultOptions {
    /// Let the N-th request for memory of each program fail, as if there were none
    #[arg(long = "fail-at", value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) at: Option<u64>,
    /// Let every N-th request fail
    #[arg(long = "fail-every", value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) every: Option<u64>,
    /// Let every request of more bytes fail (K, M, G: multiples of 1024)
    #[arg(long = "fail-over", value_name = "BYTES", value_parser = parse_bytes)]
    pub(crate) over: Option<u64>,
}

/// What `record` is to do.
#[derive(Args, Debug)]
pub(crate) struct RecordOptions {
    /// The trace's file, compressed by gzip [default: the command's name with .trace.gz, in the
    /// present folder]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// The command and its arguments, after `--`
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub(crate) command: Vec<OsString>,
}

/// What `replay` is to do.
#[derive(Args, Debug)]
pub(crate) struct ReplayOptions {
    /// The trace
    pub(crate) file: PathBuf,
    /// Leave out the picture of the heap
    #[arg(long)]
    pub(crate) no_picture: bool,
    /// Use ASCII characters only (also chosen by a locale without UTF-8)
    #[arg(long)]
    pub(crate) ascii: bool,
}

/// What the user's file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// JSON if it parses as JSON, text otherwise
    Auto,
    /// JSON, or an error that says where it is not
    Json,
    /// Text, whatever it looks like
    Text,
}

/// What a child process is to do.
#[derive(Args, Debug)]
pub(crate) struct ChildOptions {
    /// The workload
    #[arg(long)]
    pub(crate) workload: Workload,
    /// The seed of what the workload makes itself
    #[arg(long)]
    pub(crate) seed: u64,
    /// The user's file
    #[arg(long)]
    pub(crate) file: Option<PathBuf>,
    /// The number of the call after which the heap's figures are read
    #[arg(long)]
    pub(crate) look_at: Option<u64>,
    /// The cells of the heap's picture
    #[arg(long, default_value_t = 0)]
    pub(crate) cells: usize,
}

/// Does what clap found instead of arguments: prints help or the version, or
/// makes its complaint one line.
pub(crate) fn answer(found: &clap::Error) -> Result<(), Error> {
    let wanted = [ErrorKind::DisplayHelp, ErrorKind::DisplayVersion];
    if wanted.contains(&found.kind()) {
        return found.print().map_err(|error| Error::of_output(&error));
    }
    let text = found.to_string();
    let complaint = text.split("\n\n").next().unwrap_or_default();
    let line: Vec<&str> = complaint.split_whitespace().collect();
    let line = line.join(" ");
    let line = line.strip_prefix("error: ").unwrap_or(&line);
    Err(Error::Input(format!("{line} (see rlsf --help)")))
}
