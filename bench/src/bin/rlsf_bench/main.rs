//! `rlsf-bench`: heaps side by side in one run.

mod arguments;
mod pools;

use core::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};

use arguments::{Arguments, Common, Task};
use pools::Pools;
use rlsf_bench::threads::{command, heaps};
use rlsf_bench_report::{Machine, Report};

/// The root of the checkout.
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

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
        Task::Wasm => return other("wasm", common),
        Task::Firmware => return other("firmware", common),
        _ => {}
    }
    let files = common.output.open()?;
    let bar = spinner();
    let report = compare(command, common, &bar)?;
    bar.finish_and_clear();
    files.write(&report)?;
    Ok(ExitCode::SUCCESS)
}

/// Compares heaps.
fn compare(task: &Task, common: &Common, bar: &ProgressBar) -> Result<Report, Box<dyn Error>> {
    let of_processes = command::Common {
        heaps: &common.heaps,
        seed: common.seed,
        quick: common.quick,
    };
    match task {
        Task::Threads { options, workloads } => {
            command::threads(options, workloads, of_processes, bar)
        }
        Task::Fragments { options } => command::fragments(options, of_processes, bar),
        Task::Latency { options } => latency(task, options, common, of_processes, bar),
        task => Pools::new(task, &common.heaps, common, bar)?.compare(task),
    }
}

/// Times operations of heaps that are the allocator of a process, and of heaps in a pool.
fn latency(
    task: &Task,
    options: &command::Options,
    common: &Common,
    of_processes: command::Common<'_>,
    bar: &ProgressBar,
) -> Result<Report, Box<dyn Error>> {
    let (processes, pools) = split(&common.heaps);
    let is_everyone = common.heaps.is_empty();
    let mut report = Report::new("latency", Machine::here(Vec::new()));
    if is_everyone || !processes.is_empty() {
        let of_processes = command::Common {
            heaps: &processes,
            ..of_processes
        };
        report = command::latency(options, of_processes, bar)?;
    }
    if is_everyone || !pools.is_empty() {
        let pools = Pools::new(task, &pools, common, bar)?.compare(task)?;
        report.tables.extend(pools.tables);
        report.machine.versions.extend(pools.machine.versions);
    }
    Ok(report)
}

/// The names of heaps that are the allocator of a process, and those of heaps that get a pool; some are both.
fn split(names: &[String]) -> (Vec<String>, Vec<String>) {
    let is_process = |name: &&String| heaps::find(core::slice::from_ref(name)).is_ok();
    let is_pool = |name: &&String| !is_process(name) || pools::find_heap(name).is_ok();
    let chosen = |names: Vec<&String>| names.into_iter().cloned().collect();
    (
        chosen(names.iter().filter(is_process).collect()),
        chosen(names.iter().filter(is_pool).collect()),
    )
}

fn spinner() -> ProgressBar {
    let style =
        ProgressStyle::with_template("{elapsed} {wide_bar} {msg}").expect("the template is valid");
    ProgressBar::new(1).with_style(style)
}

/// Does what is for another machine, and therefore a task of the project.
fn other(task: &str, common: &Common) -> Result<ExitCode, Box<dyn Error>> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["run", "--quiet", "--package", "xtask", "--", task]);
    if common.quick {
        cargo.arg("--quick");
    }
    cargo.args(common.output.to_arguments()).current_dir(ROOT);
    Ok(exit_code(cargo.status()?))
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
    Ok(exit_code(status))
}

fn exit_code(status: std::process::ExitStatus) -> ExitCode {
    if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(2)
    }
}
