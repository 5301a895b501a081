//! The command `traces`: what real programs asked their heaps for, replayed.
//!
//! `script` makes a trace ready, `replay` is the loop that every heap has of its own, `attempt`
//! tries a pool, `pace` takes the time.

mod attempt;
pub(crate) mod pace;
pub(crate) mod replay;
mod script;

use std::path::{Path, PathBuf};
use std::{fs, io};

use indicatif::ProgressBar;

use crate::contestant::Contestant;
use crate::throughput;
use rlsf_bench_report::{Axis, Cell, Table};

use crate::smallest::{smallest_pool, Try};
use attempt::attempt;
use pace::Pacer;
use script::Script;

pub use crate::throughput::Extent;

/// Where the traces are that come with the project.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data");

/// How the names of traces end.
const SUFFIX: &str = ".trace.gz";

impl Extent {
    /// The part of the peak to which the smallest pool is found.
    const fn part(self) -> usize {
        match self {
            Self::Full => 1_000,
            Self::Quick => 50,
        }
    }

    /// The actions of a round, at least.
    const fn actions(self) -> usize {
        match self {
            Self::Full => 500_000,
            Self::Quick => 50_000,
        }
    }
}

/// The files of the traces that come with the project.
///
/// # Errors
/// The folder cannot be read.
pub fn shipped() -> io::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(FOLDER)?;
    let paths: io::Result<Vec<_>> = entries.map(|entry| Ok(entry?.path())).collect();
    let is_trace = |path: &PathBuf| path.to_string_lossy().ends_with(SUFFIX);
    let mut paths: Vec<_> = paths?.into_iter().filter(is_trace).collect();
    paths.sort();
    Ok(paths)
}

/// Replays the traces in these files on every heap and returns the tables.
///
/// # Errors
/// A file is no trace, or cannot be replayed: the file, and why.
pub fn run(
    heaps: &[&'static Contestant],
    files: &[PathBuf],
    extent: Extent,
    progress: &ProgressBar,
) -> Result<Vec<Table>, String> {
    let scripts: Result<Vec<_>, _> = files.iter().map(|file| load(file)).collect();
    let scripts = scripts?;
    progress.set_length(2 * scripts.len() as u64);
    let names = || heaps.iter().map(|heap| heap.name);
    let title = "smallest pool in which a trace completes, ratio to its peak of live bytes";
    let mut pools = Table::new("pools", title, names()).with_heaps(Axis::Columns);
    let title = format!(
        "processor time an operation, median of {} rounds, ns",
        extent.rounds()
    );
    let mut times = Table::new("time", title, names()).with_heaps(Axis::Columns);
    for script in &scripts {
        progress.set_message(format!("traces: pools of {}", script.name));
        let largest = find_pools(heaps, script, extent, &mut pools);
        progress.inc(1);
        progress.set_message(format!("traces: time of {}", script.name));
        times.push(
            script.name.clone(),
            pace(heaps, script, 2 * largest, extent),
        );
        times.mark_least();
        progress.inc(1);
    }
    throughput::push_means(&mut pools);
    pools.mark_least();
    let ratios = throughput::ratios(&times);
    Ok([about(&scripts), pools, times]
        .into_iter()
        .chain(ratios)
        .collect())
}

/// Where and how the figures of a run were taken.
#[must_use]
pub fn about_run(extent: Extent) -> String {
    let part = extent.part();
    format!("Pools are found to a {part}th of the peak, or 64 B; the heaps take turns; * marks the best.")
}

fn load(file: &Path) -> Result<Script, String> {
    let fault = |error: &dyn core::fmt::Display| format!("{}: {error}", file.display());
    let trace = rlsf_trace::file::read(file).map_err(|error| fault(&error))?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let name = name.strip_suffix(SUFFIX).unwrap_or(&name);
    Script::new(name.to_owned(), &trace).map_err(|error| fault(&error))
}

/// What the traces are.
fn about(scripts: &[Script]) -> Table {
    let columns = [
        "allocate",
        "resize",
        "free",
        "threads",
        "peak bytes",
        "peak blocks",
        "left at the end",
    ];
    let mut table = Table::new("traces", "the traces", columns).with_heaps(Axis::Nowhere);
    for script in scripts {
        let figures = &script.figures;
        let counts = [
            figures.allocations,
            figures.resizes,
            figures.frees,
            figures.threads.into(),
            figures.peak_bytes,
            figures.peak_blocks,
            figures.left_blocks,
        ];
        let cells = counts.map(Cell::count);
        table.push(script.name.clone(), cells.to_vec());
    }
    table
}

/// Adds the smallest pool of every heap to a table, and returns the largest of them in bytes.
fn find_pools(
    heaps: &[&'static Contestant],
    script: &Script,
    extent: Extent,
    table: &mut Table,
) -> usize {
    let tolerance = script.peak() / extent.part();
    let mut largest = script.peak();
    let mut cells = Vec::new();
    for heap in heaps {
        let found = smallest_pool(script.peak(), tolerance, |pool| attempt(heap, script, pool));
        cells.push(match found {
            Ok(pool) => {
                largest = largest.max(pool);
                Cell::Number(ratio(pool, script.peak()), 3)
            }
            Err(_) => Cell::Missing,
        });
        let why = match found {
            Ok(_) => continue,
            Err(Try::Slow) => "takes too long for",
            Err(_) => "never completes",
        };
        table
            .notes
            .push(format!("{} {why} {}", heap.name, script.name));
    }
    table.push(script.name.clone(), cells);
    table.mark_least();
    largest
}

/// The median time of every heap, which take turns.
fn pace(
    heaps: &[&'static Contestant],
    script: &Script,
    pool_size: usize,
    extent: Extent,
) -> Vec<Cell> {
    let repeats = extent.actions().div_ceil(script.actions.len());
    let repeats = u32::try_from(repeats).expect("a round is short");
    let pacer =
        |heap: &&'static Contestant| Pacer::new(heap, &script.actions, script.slots, pool_size);
    let mut pacers: Vec<_> = heaps.iter().map(pacer).collect();
    let mut times = vec![Vec::new(); heaps.len()];
    for round in 0..extent.rounds() {
        for turn in 0..heaps.len() {
            let index = (round + turn) % heaps.len();
            let pacer = pacers[index].as_mut();
            times[index].extend(pacer.and_then(|pacer| pacer.time(repeats)));
        }
    }
    times.into_iter().map(throughput::median).collect()
}

#[expect(clippy::cast_precision_loss, reason = "pools are far below 2^52 bytes")]
fn ratio(pool: usize, peak: usize) -> f64 {
    pool as f64 / peak as f64
}

#[cfg(test)]
mod tests;
