//! The command `fragments`: the memory of workloads that leave holes, relative to what is live.

use indicatif::ProgressBar;
use rlsf_bench_report::{Axis, Cell, Report, Table};
use rlsf_bench_threads::workload::fragments::LIVE;

use super::heaps::ProcessHeap;
use super::report::{faults, mean_row, ratios, Row};
use super::sample::{median, Figure};
use super::Plan;

/// Measures, and adds tables and single runs to a report.
pub fn run(plan: &Plan, bar: &ProgressBar, report: &mut Report) {
    let rows = super::rows(plan, bar, report);
    let names = || plan.heaps.iter().map(|heap| heap.name);
    let title = "most resident memory that came with the work, divided by the most live bytes";
    let mut memory = Table::new("memory", title, names()).with_heaps(Axis::Columns);
    for row in &rows {
        memory.push(name(row), of_live(row));
        memory.mark_least();
    }
    let mean = mean_row(&memory);
    memory.push("geometric mean", mean);
    memory.mark_least();
    memory.notes = faults(&rows);
    let title = format!("time, ratio to {}", plan.heaps[0].name);
    let mut time = Table::new("time", title, names()).with_heaps(Axis::Columns);
    for row in &rows {
        time.push(name(row), ratios(row, Figure::Time));
        time.mark_least();
    }
    report.tables = vec![memory, time];
}

fn name(row: &Row) -> String {
    format!("{} {}", row.job.workload, row.job.threads)
}

/// What every heap took for the live bytes.
fn of_live(row: &Row) -> Vec<Cell> {
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let live = (LIVE / row.job.part) as f64 / 1024.0;
    let cell = |(_, runs): &(&ProcessHeap, Vec<_>)| match median(runs, Figure::Added) {
        Some(added) => Cell::Number(added / live, 2),
        None => Cell::Failed,
    };
    row.runs.iter().map(cell).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::threads::heaps;
    use crate::threads::sample::{Job, Sample};
    use rlsf_bench_threads::program::{Rest, Work};

    #[test]
    fn what_was_resident_before_the_work_does_not_count() {
        let job = Job {
            workload: "waves",
            threads: 1,
            part: 2,
            seed: 1,
        };
        let half = u64::try_from(LIVE / 2 / 1024).unwrap();
        let work = Work {
            seconds: 1.0,
            processor_seconds: 1.0,
            peak_kib: 3_000 + 3 * half / 2,
        };
        let rest = Rest {
            start_kib: 3_000,
            rest_kib: 0,
        };
        let heap = heaps::find(&["glibc".to_owned()]).unwrap()[0];
        let runs = vec![Ok(Sample::new(work, rest)), Err("stopped".to_owned())];
        let row = |runs| Row {
            job,
            runs: vec![(heap, runs)],
        };
        assert_eq!(of_live(&row(vec![runs[0].clone()])), [Cell::Number(1.5, 2)]);
        assert_eq!(of_live(&row(runs)), [Cell::Failed]);
    }
}
