//! The command `latency`: the times of single operations on heaps that threads share.

use indicatif::ProgressBar;
use rlsf_bench_threads::latency::{Caches, Latency, QUANTILES};
use serde::Serialize;

use super::heaps::ProcessHeap;
use super::sample::{start, Job};
use super::Plan;
use rlsf_bench_report::{Cell, Report, Table};

/// A run as a record.
#[derive(Serialize)]
struct Record<'a> {
    heap: &'a str,
    #[serde(flatten)]
    job: Job,
    #[serde(flatten)]
    latency: Option<&'a Latency>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<&'a str>,
}

pub(crate) type Runs = Vec<Result<Latency, String>>;

/// Measures, and adds the single runs and a table for each number of threads to a report.
pub fn run(plan: &Plan, bar: &ProgressBar, report: &mut Report) {
    let runs = plan.threads.len() * Caches::ALL.len() * plan.rounds * plan.heaps.len();
    bar.set_length(runs as u64);
    let every = |caches| plan.threads.iter().map(move |&threads| (caches, threads));
    for (caches, threads) in Caches::ALL.into_iter().flat_map(every) {
        let job = Job {
            workload: caches.name(),
            threads,
            part: plan.part,
            seed: plan.seed,
        };
        let mut runs: Vec<Runs> = plan.heaps.iter().map(|_| Vec::new()).collect();
        for _ in 0..plan.rounds {
            for (heap, runs) in plan.heaps.iter().zip(&mut runs) {
                bar.set_message(format!("latency, {threads} threads, {}", heap.name));
                let run = start(heap, &job).and_then(|mut reporter| reporter.next());
                report.records.push(record(heap, job, &run));
                runs.push(run);
                bar.inc(1);
            }
        }
        report.tables.push(table(plan, caches, threads, &runs));
    }
}

fn record(heap: &ProcessHeap, job: Job, run: &Result<Latency, String>) -> serde_json::Value {
    let record = Record {
        heap: heap.name,
        job,
        latency: run.as_ref().ok(),
        fault: run.as_ref().err().map(String::as_str),
    };
    serde_json::to_value(record).expect("numbers and names")
}

/// The medians over the rounds, and the longest of all.
fn table(plan: &Plan, caches: Caches, threads: usize, runs: &[Runs]) -> Table {
    let title = caches.title();
    let name = format!("{threads} threads, {title}");
    let title = format!("time of an operation on small blocks, {name}, ns");
    let mut table = Table::new(name, title, columns());
    for (heap, runs) in plan.heaps.iter().zip(runs) {
        table.push(heap.name, cells(runs));
        let fault = runs.iter().find_map(|run| run.as_ref().err());
        let note = fault.map(|fault| format!("{} fails: {fault}", heap.name));
        table.notes.extend(note);
    }
    let clock = runs.iter().flatten().flatten().map(|run| run.clock);
    table.notes.extend(median(clock.collect()).map(about_clock));
    table
}

/// The quantiles and the longest.
pub(crate) fn columns() -> impl Iterator<Item = String> {
    let quantiles = QUANTILES.map(|quantile| format!("p{}", quantile * 100.0));
    quantiles.into_iter().chain(["most".to_owned()])
}

/// What is to be said of a look at the clock.
pub(crate) fn about_clock(clock: f64) -> String {
    format!("reading the clock takes {clock:.0} ns of each")
}

/// The medians of some runs, and the longest operation of all.
pub(crate) fn cells(runs: &Runs) -> Vec<Cell> {
    let count = QUANTILES.len();
    let Ok(runs) = runs
        .iter()
        .map(Result::as_ref)
        .collect::<Result<Vec<_>, _>>()
    else {
        return vec![Cell::Failed; count + 1];
    };
    let quantile = |index| median(runs.iter().map(|run| run.quantiles[index]).collect());
    let most = runs.iter().map(|run| run.most).fold(0.0, f64::max);
    let figures = (0..count).map(quantile).chain([Some(most)]);
    figures
        .map(|figure| figure.map_or(Cell::Missing, |figure| Cell::Number(figure, 0)))
        .collect()
}

fn median(mut figures: Vec<f64>) -> Option<f64> {
    figures.sort_unstable_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quantiles_are_medians_and_the_most_is_the_most_of_all() {
        let run = |most| {
            Ok(Latency {
                clock: 20.0,
                quantiles: vec![most; 4],
                most,
            })
        };
        let cells = cells(&vec![run(9.0), run(1.0), run(3.0)]);
        assert_eq!(cells[0], Cell::Number(3.0, 0));
        assert_eq!(cells[4], Cell::Number(9.0, 0));
    }

    #[test]
    fn a_fault_leaves_no_figure() {
        let cells = cells(&vec![Err("changed".to_owned())]);
        assert_eq!(cells, vec![Cell::Failed; 5]);
    }
}
