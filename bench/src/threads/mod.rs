//! The command `threads`: multithreaded workloads on heaps that are the allocator of their process.

mod child;
pub mod command;
pub mod fragments;
pub mod heaps;
pub mod latency;
mod report;
mod sample;

use indicatif::ProgressBar;
use rlsf_bench_threads::workload::{Workload, WORKLOADS};
use serde::Serialize;

use rlsf_bench_report::Report;

use heaps::ProcessHeap;
use report::Row;
use sample::{Job, Resting, Sample};

/// What is measured.
#[derive(Debug)]
pub struct Plan {
    /// The heaps; ratios refer to the first one.
    pub heaps: Vec<&'static ProcessHeap>,
    /// The workloads.
    pub workloads: Vec<&'static Workload>,
    /// The numbers of threads.
    pub threads: Vec<usize>,
    /// How often everything is run.
    pub rounds: usize,
    /// The part of the full work that is done: 1 for all, 2 for half of it.
    pub part: usize,
    /// The seed of the random sequences.
    pub seed: u64,
}

/// The workloads of these names; all without names.
///
/// # Errors
/// A name that is none.
pub fn find_workloads(names: &[String]) -> Result<Vec<&'static Workload>, String> {
    if names.is_empty() {
        return Ok(WORKLOADS.iter().collect());
    }
    let find = |name: &String| {
        let found = WORKLOADS.iter().find(|workload| workload.name == name);
        found.ok_or_else(|| {
            let all: Vec<_> = WORKLOADS.iter().map(|workload| workload.name).collect();
            format!("the workloads are {}", all.join(", "))
        })
    };
    names.iter().map(find).collect()
}

/// A run as a record.
#[derive(Serialize)]
struct Record<'a> {
    heap: &'a str,
    #[serde(flatten)]
    job: Job,
    #[serde(flatten)]
    sample: Option<&'a Sample>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<&'a str>,
}

/// Measures, and adds tables and single runs to a report.
pub fn run(plan: &Plan, bar: &ProgressBar, report: &mut Report) {
    let rows = rows(plan, bar, report);
    report.tables = report::tables(&plan.heaps, &rows);
}

/// Does every job, and adds its single runs to a report.
fn rows(plan: &Plan, bar: &ProgressBar, report: &mut Report) -> Vec<Row> {
    let runs = plan.workloads.len() * plan.threads.len() * plan.rounds * plan.heaps.len();
    bar.set_length(runs as u64);
    let mut rows = Vec::new();
    for workload in &plan.workloads {
        for &threads in &plan.threads {
            let job = Job {
                workload: workload.name,
                threads,
                part: plan.part,
                seed: plan.seed,
            };
            let row = compare(plan, job, bar);
            report.records.extend(records(&row));
            rows.push(row);
        }
    }
    rows
}

/// Runs a job on every heap, in turns. While one process rests the next one works.
fn compare(plan: &Plan, job: Job, bar: &ProgressBar) -> Row {
    let mut runs: Vec<_> = plan.heaps.iter().map(|heap| (*heap, Vec::new())).collect();
    let count = plan.heaps.len();
    for round in 0..plan.rounds {
        let work = |turn: usize| {
            let index = (round + turn) % count;
            let heap = plan.heaps[index];
            bar.set_message(format!("{} {}, {}", job.workload, job.threads, heap.name));
            let run = Resting::after(heap, &job);
            bar.inc(1);
            (index, run)
        };
        let resting: Vec<_> = (0..count).map(work).collect();
        for (index, run) in resting {
            runs[index].1.push(run.and_then(Resting::end));
        }
    }
    Row { job, runs }
}

/// The runs of a job.
fn records(row: &Row) -> Vec<serde_json::Value> {
    let record = |heap: &ProcessHeap, run: &Result<Sample, String>| {
        let record = Record {
            heap: heap.name,
            job: row.job,
            sample: run.as_ref().ok(),
            fault: run.as_ref().err().map(String::as_str),
        };
        serde_json::to_value(record).expect("numbers and names")
    };
    let of_heap = |(heap, runs): &(&ProcessHeap, Vec<_>)| {
        let records: Vec<_> = runs.iter().map(|run| record(heap, run)).collect();
        records
    };
    row.runs.iter().flat_map(of_heap).collect()
}
