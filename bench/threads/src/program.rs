//! The one program that all heaps are compiled into.

use core::time::Duration;
use std::process::ExitCode;
use std::thread;
use std::time::Instant;

use clap::Parser;
use serde::{Deserialize, Serialize};

use crate::latency::{self, Caches};
use crate::usage;
use crate::workload::{Load, Workload, FRAGMENTING, WORKLOADS};

/// How long after the end of the work the memory is looked at that is still resident.
pub const REST: Duration = Duration::from_secs(1);

/// Runs one workload on the heap of this program and prints its figures as lines of JSON.
#[derive(Debug, Parser)]
struct Arguments {
    /// A workload's name, `latency` or `latency-thrashed`
    workload: String,
    threads: usize,
    /// The part of the full work that is done: 1 for all, 2 for half of it
    #[arg(default_value_t = 1)]
    part: usize,
    #[arg(default_value_t = 1)]
    seed: u64,
}

/// The first line: what the work took.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub struct Work {
    /// Seconds from the start to the end.
    pub seconds: f64,
    /// Seconds of processor time of all threads.
    pub processor_seconds: f64,
    /// The most KiB that were resident.
    pub peak_kib: u64,
}

/// The second line: what is left of it.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub struct Rest {
    /// The KiB that were resident before the work.
    pub start_kib: u64,
    /// The KiB that are resident [`REST`] after everything was freed.
    pub rest_kib: u64,
}

/// Runs what the command line names.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let load = Load {
        threads: arguments.threads.max(1),
        part: arguments.part.max(1),
        seed: arguments.seed,
    };
    let named = |caches: &Caches| caches.name() == arguments.workload;
    if let Some(caches) = Caches::ALL.into_iter().find(named) {
        print(&latency::measure(&load, caches));
        return ExitCode::SUCCESS;
    }
    let named = |workload: &&Workload| workload.name == arguments.workload;
    let Some(workload) = WORKLOADS.iter().chain(&FRAGMENTING).find(named) else {
        eprintln!("no workload is called {}", arguments.workload);
        return ExitCode::from(2);
    };
    let start_kib = usage::resident();
    print(&work(workload, &load));
    thread::sleep(REST);
    let rest_kib = usage::resident();
    print(&Rest {
        start_kib,
        rest_kib,
    });
    ExitCode::SUCCESS
}

fn work(workload: &Workload, load: &Load) -> Work {
    let (start, processor) = (Instant::now(), usage::processor_time());
    (workload.run)(load);
    Work {
        seconds: start.elapsed().as_secs_f64(),
        processor_seconds: usage::processor_time()
            .saturating_sub(processor)
            .as_secs_f64(),
        peak_kib: usage::peak(),
    }
}

fn print<T: Serialize>(figures: &T) {
    let line = serde_json::to_string(figures).expect("figures are numbers");
    println!("{line}");
}
