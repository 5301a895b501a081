//! The tables of `threads`.

use rlsf_bench_report::{Axis, Cell, Table};

use super::heaps::ProcessHeap;
use super::sample::{median, Figure, Job, Sample};

/// The runs of a job on each heap.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) job: Job,
    pub(crate) runs: Vec<(&'static ProcessHeap, Vec<Result<Sample, String>>)>,
}

/// What is compared, as the titles have it.
const FIGURES: [(Figure, &str); 4] = [
    (Figure::Time, "time"),
    (Figure::ProcessorTime, "processor time"),
    (Figure::Peak, "peak of resident memory"),
    (
        Figure::Rest,
        "resident memory one second after everything is freed",
    ),
];

/// How many times the best heap's time is worth a note.
const BEHIND: f64 = 1.15;

/// The means, and a table a figure. Ratios refer to the first heap.
pub(crate) fn tables(heaps: &[&'static ProcessHeap], rows: &[Row]) -> Vec<Table> {
    let Some(base) = heaps.first() else {
        return Vec::new();
    };
    let names = || heaps.iter().map(|heap| heap.name);
    let title = format!("geometric means, ratios to {}", base.name);
    let mut means = Table::new("means", title, names()).with_heaps(Axis::Columns);
    let mut tables = Vec::new();
    for (figure, name) in FIGURES {
        let title = format!("{name}, ratio to {}", base.name);
        let mut table = Table::new(name, title, names()).with_heaps(Axis::Columns);
        for row in rows {
            let name = format!("{} {}", row.job.workload, row.job.threads);
            table.push(name, ratios(row, figure));
            table.mark_least();
        }
        means.push(name, mean_row(&table));
        means.mark_least();
        tables.push(table);
    }
    means.push("most times the best heap's time", worst(&tables[0]));
    means.mark_least();
    tables[0].notes = behind(&tables[0]);
    means.notes = faults(rows);
    tables.insert(0, means);
    tables
}

/// A figure of every heap, divided by the first one's.
pub(crate) fn ratios(row: &Row, figure: Figure) -> Vec<Cell> {
    let base = row.runs.first().and_then(|(_, runs)| median(runs, figure));
    let cell = |(_, runs): &(_, Vec<Result<Sample, String>>)| match (median(runs, figure), base) {
        (Some(figure), Some(base)) => Cell::Number(figure / base, 2),
        (None, _) => Cell::Failed,
        (_, None) => Cell::Missing,
    };
    row.runs.iter().map(cell).collect()
}

/// The geometric mean of every column; that of a heap that failed somewhere is none.
pub(crate) fn mean_row(table: &Table) -> Vec<Cell> {
    let mean = |column: usize| {
        let ratios = table.rows.iter().map(|row| row.cells[column].value());
        let logarithms: Option<Vec<_>> = ratios.map(|ratio| ratio.map(f64::ln)).collect();
        let logarithms = logarithms.filter(|all| !all.is_empty())?;
        let count = u32::try_from(logarithms.len()).ok()?;
        Some((logarithms.iter().sum::<f64>() / f64::from(count)).exp())
    };
    let cell = |column| mean(column).map_or(Cell::Failed, |mean| Cell::Number(mean, 2));
    (0..table.columns.len()).map(cell).collect()
}

/// The least ratio of a row.
fn best(cells: &[Cell]) -> f64 {
    let values = cells.iter().filter_map(Cell::value);
    values.fold(f64::INFINITY, f64::min)
}

/// How many times the best heap's time each heap takes at the worst.
fn worst(times: &Table) -> Vec<Cell> {
    let worst = |column: usize| {
        let ratio =
            |row: &rlsf_bench_report::Row| Some(row.cells[column].value()? / best(&row.cells));
        let ratios: Option<Vec<f64>> = times.rows.iter().map(ratio).collect();
        ratios.map(|ratios| ratios.into_iter().fold(1.0, f64::max))
    };
    let cell = |column| worst(column).map_or(Cell::Failed, |worst| Cell::Number(worst, 2));
    (0..times.columns.len()).map(cell).collect()
}

/// Where our heap is behind the best one.
fn behind(times: &Table) -> Vec<String> {
    let ours = times.columns.iter().position(|name| name == "ThreadedTlsf");
    let Some(ours) = ours else {
        return Vec::new();
    };
    let note = |row: &rlsf_bench_report::Row| {
        let best = best(&row.cells);
        let times_best = row.cells[ours].value()? / best;
        let leader = row
            .cells
            .iter()
            .position(|cell| cell.value() == Some(best))?;
        (times_best > BEHIND)
            .then(|| format!("{}: {times_best:.2} x {}", row.name, times.columns[leader]))
    };
    let found: Vec<_> = times.rows.iter().filter_map(note).collect();
    if found.is_empty() {
        return Vec::new();
    }
    vec![format!(
        "ThreadedTlsf behind the best: {}",
        found.join("; ")
    )]
}

/// What went wrong.
pub(crate) fn faults(rows: &[Row]) -> Vec<String> {
    let mut faults = Vec::new();
    for row in rows {
        for (heap, runs) in &row.runs {
            let first = runs.iter().find_map(|run| run.as_ref().err());
            faults.extend(first.map(|fault| {
                let Job {
                    workload, threads, ..
                } = row.job;
                format!("{} fails in {workload} {threads}: {fault}", heap.name)
            }));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(rows: &[[f64; 2]]) -> Table {
        let mut table = Table::new("time", "time", ["glibc", "ThreadedTlsf"]);
        for (index, row) in rows.iter().enumerate() {
            let cells = row.map(|ratio| Cell::Number(ratio, 2)).to_vec();
            table.push(format!("row {index}"), cells);
        }
        table
    }

    #[test]
    fn the_mean_is_geometric() {
        let table = times(&[[1.0, 0.5], [1.0, 2.0]]);
        assert_eq!(
            mean_row(&table),
            [Cell::Number(1.0, 2), Cell::Number(1.0, 2)]
        );
    }

    #[test]
    fn a_failure_leaves_no_mean() {
        let mut table = times(&[[1.0, 0.5]]);
        table.push("more", vec![Cell::Number(1.0, 2), Cell::Failed]);
        assert_eq!(mean_row(&table)[1], Cell::Failed);
        assert_eq!(worst(&table)[1], Cell::Failed);
    }

    #[test]
    fn only_rows_far_behind_the_best_are_noted() {
        let table = times(&[[1.0, 1.1], [1.0, 1.5]]);
        let note = "ThreadedTlsf behind the best: row 1: 1.50 x glibc";
        assert_eq!(behind(&table), [note]);
        assert_eq!(worst(&table), [Cell::Number(1.0, 2), Cell::Number(1.5, 2)]);
    }
}
