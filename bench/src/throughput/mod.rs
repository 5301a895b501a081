//! The command `throughput`: random mixes at a steady fill, the heaps taking turns.

mod actions;
pub(crate) mod exchange;
mod population;
mod scenario;

use indicatif::ProgressBar;

use crate::contestant::Contestant;
use crate::heaps::{BASELINE, TOUCH_ONLY};
use rlsf_bench_report::{Axis, Cell, Table};

use population::Population;
use scenario::Scenario;

/// How much is measured.
#[derive(Debug, Clone, Copy)]
pub enum Extent {
    /// About three minutes: every mix, fill and pool.
    Full,
    /// About twenty seconds: every mix at one fill of two pools.
    Quick,
}

impl Extent {
    pub(crate) const fn rounds(self) -> usize {
        match self {
            Self::Full => 9,
            Self::Quick => 5,
        }
    }
}

/// Exchanges a round.
const ROUND: usize = 25_000;

/// Measures and returns the tables.
#[must_use]
pub fn run(
    heaps: &[&'static Contestant],
    extent: Extent,
    seed: u64,
    progress: &ProgressBar,
) -> Vec<Table> {
    let mut tables = time_mixes(heaps, extent, seed, progress);
    progress.set_message("throughput: random actions");
    tables.extend(actions::measure(heaps, extent, seed));
    tables
}

/// The timed mixes, with the loop that has no heap beside them.
fn time_mixes(
    heaps: &[&'static Contestant],
    extent: Extent,
    seed: u64,
    progress: &ProgressBar,
) -> Vec<Table> {
    let heaps: Vec<_> = heaps.iter().copied().chain([&TOUCH_ONLY]).collect();
    let scenarios = scenario::all(extent);
    progress.set_length(scenarios.len() as u64);
    let title = format!(
        "processor time a pair of operations, median of {} rounds, ns",
        extent.rounds()
    );
    let names = heaps.iter().map(|heap| heap.name);
    let mut times = Table::new("time", title, names).with_heaps(Axis::Columns);
    for scenario in &scenarios {
        progress.set_message(format!("throughput: {}", scenario.name()));
        let cells = measure(scenario, &heaps, extent.rounds(), seed, &mut times.notes);
        times.push(scenario.name(), cells);
        progress.inc(1);
    }
    let ratios = ratios(&times);
    core::iter::once(times).chain(ratios).collect()
}

/// The median time of each heap in one scenario.
fn measure(
    scenario: &Scenario,
    heaps: &[&'static Contestant],
    rounds: usize,
    seed: u64,
    notes: &mut Vec<String>,
) -> Vec<Cell> {
    let script = scenario.script(rounds * ROUND, seed);
    let mut populations: Vec<_> = heaps
        .iter()
        .map(|heap| Population::new(heap, scenario.pool_size, &script))
        .collect();
    let mut times = vec![Vec::new(); heaps.len()];
    for (round, exchanges) in script.measured.chunks(ROUND).enumerate() {
        for turn in 0..heaps.len() {
            let index = (round + turn) % heaps.len();
            let population = populations[index].as_mut();
            times[index].extend(population.map(|population| population.time(exchanges)));
        }
    }
    notes.extend(failures(scenario, &populations));
    times.into_iter().map(median).collect()
}

/// What is to be said if some requests were not met: failing costs another time than succeeding.
fn failures(scenario: &Scenario, populations: &[Option<Population>]) -> Option<String> {
    let failing = populations
        .iter()
        .flatten()
        .filter(|population| population.failures() > 0);
    let counts: Vec<_> = failing
        .map(|population| format!("{} {}", population.name(), population.failures()))
        .collect();
    (!counts.is_empty()).then(|| {
        format!(
            "{}: requests that failed: {}",
            scenario.name(),
            counts.join(", ")
        )
    })
}

/// The middle of some times.
pub(crate) fn median(mut times: Vec<f64>) -> Cell {
    times.sort_unstable_by(f64::total_cmp);
    times
        .get(times.len() / 2)
        .map_or(Cell::Missing, |&time| Cell::Number(time, 1))
}

/// Every time divided by the published release's, and their geometric means.
pub(crate) fn ratios(times: &Table) -> Option<Table> {
    let base = times.columns.iter().position(|name| name == BASELINE)?;
    let title = format!("time, ratio to {BASELINE}");
    let mut ratios = Table::new(
        format!("{} ratio", times.name),
        title,
        times.columns.clone(),
    );
    ratios.heaps = Axis::Columns;
    for row in &times.rows {
        let base = row.cells[base].value();
        let ratio =
            |cell: &Cell| ratio_cell(cell.value().zip(base).map(|(time, base)| time / base));
        ratios.push(row.name.clone(), row.cells.iter().map(ratio).collect());
    }
    push_means(&mut ratios);
    Some(ratios)
}

/// Adds a row: the geometric mean of every column that has a figure in each row.
pub(crate) fn push_means(table: &mut Table) {
    let rows = f64::from(u32::try_from(table.rows.len()).expect("a table is short"));
    let mean = |column: usize| {
        let logarithms = table.rows.iter().map(|row| row.cells[column].value());
        let sum: Option<f64> = logarithms.map(|figure| figure.map(f64::ln)).sum();
        ratio_cell(sum.map(|sum| (sum / rows).exp()))
    };
    let means = (0..table.columns.len()).map(mean).collect();
    table.push("geometric mean", means);
}

fn ratio_cell(ratio: Option<f64>) -> Cell {
    ratio.map_or(Cell::Missing, |ratio| Cell::Number(ratio, 3))
}
