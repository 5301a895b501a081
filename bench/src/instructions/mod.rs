//! The commands `instructions` and `lines`: exact counts of user-mode instructions, and of the cache
//! lines that they touch, for each kind of operation.

mod adversary;
mod kinds;
mod random;
mod shared;

use core::time::Duration;
use std::thread;

use indicatif::ProgressBar;
use nix::errno::Errno;

use crate::contestant::Contestant;
use crate::heaps::BASELINE;
use rlsf_bench_report::{Cell, Figure, Table};
use rlsf_stepper::{trace, trace_lines, Sample, Trace};
use serde_json::Value;

pub use adversary::{Case, Effort};

/// How long one heap may take for one run: linear heaps take long, and so does every step on some
/// virtual machines.
const LIMIT: Duration = Duration::from_mins(4);

/// How far a count may be from what others saw before it is noted, as a fraction.
const TOLERANCE: f64 = 0.05;

/// The counts that others saw for the kinds of operation; see the README.
const SEEN: [Figure; 28] = [
    ("rlsf 0.2.3", "split", 115.0),
    ("rlsf 0.2.3", "exact", 76.0),
    ("rlsf 0.2.3", "align 64", 116.0),
    ("rlsf 0.2.3", "fail", 47.0),
    ("rlsf 0.2.3", "alone", 48.0),
    ("rlsf 0.2.3", "merge both", 111.0),
    ("rlsf 0.2.3", "same", 36.0),
    ("rlsf 0.2.3", "shrink", 74.0),
    ("rlsf 0.2.3", "forward", 112.0),
    ("rlsf 0.2.3", "backward", 161.0),
    ("rlsf 0.2.3", "move", 239.0),
    ("talc", "split", 102.0),
    ("talc", "exact", 64.0),
    ("talc", "align 64", 95.0),
    ("talc", "fail", 54.0),
    ("talc", "alone", 41.0),
    ("talc", "merge both", 70.0),
    ("talc", "same", 18.0),
    ("talc", "shrink", 61.0),
    ("talc", "forward", 82.0),
    ("talc", "backward", 200.0),
    ("talc", "move", 201.0),
    ("dlmalloc", "split", 60.0),
    ("dlmalloc", "exact", 53.0),
    ("dlmalloc", "fail", 99.0),
    ("dlmalloc", "alone", 75.0),
    ("dlmalloc", "merge both", 168.0),
    ("dlmalloc", "move", 214.0),
];

/// The worst counts of a random run that others saw.
const SEEN_AT_RANDOM: [Figure; 2] = [
    ("rlsf 0.2.3", "allocate most", 97.0),
    ("rlsf 0.2.3", "free most", 108.0),
];

/// What is counted of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Measure {
    Instructions,
    /// Cache lines that are read or written.
    LinesTouched,
    LinesWritten,
}

impl Measure {
    const fn name(self) -> &'static str {
        match self {
            Self::Instructions => "instructions",
            Self::LinesTouched => "cache lines touched",
            Self::LinesWritten => "cache lines written",
        }
    }

    fn of(self, sample: &Sample) -> u64 {
        let lines = sample.lines.unwrap_or_default();
        match self {
            Self::Instructions => sample.instructions,
            Self::LinesTouched => lines.touched as u64,
            Self::LinesWritten => lines.written as u64,
        }
    }
}

/// Counts cache lines and returns the tables.
///
/// # Errors
/// The system does not let us trace a child.
pub fn lines(
    heaps: &[&'static Contestant],
    operations: usize,
    seed: u64,
    progress: &ProgressBar,
) -> Result<Vec<Table>, Errno> {
    let mut tables = Vec::new();
    for group in &kinds::GROUPS {
        progress.set_message(format!("lines: {}", group.title));
        tables.push(kinds::count(group, heaps, Measure::LinesTouched)?);
    }
    for run in random::runs() {
        progress.set_message(format!("lines: {}", run.title));
        let measures = [Measure::LinesTouched, Measure::LinesWritten];
        tables.extend(random::count(&run, heaps, operations, seed, &measures)?);
    }
    Ok(tables)
}

/// Counts the operation in one state on every heap.
///
/// # Errors
/// The system does not let us trace a child.
pub fn in_state(heaps: &[&'static Contestant], case: &Case) -> Result<Table, Errno> {
    adversary::count_case(heaps, case, LIMIT)
}

/// Counts instructions and returns the tables, and the worst states that were found.
///
/// # Errors
/// The system does not let us trace a child.
pub fn run(
    heaps: &[&'static Contestant],
    operations: usize,
    effort: Effort,
    seed: u64,
    progress: &ProgressBar,
) -> Result<(Vec<Table>, Vec<Value>), Errno> {
    let mut tables = Vec::new();
    for group in &kinds::GROUPS {
        progress.set_message(format!("instructions: {}", group.title));
        let mut table = kinds::count(group, heaps, Measure::Instructions)?;
        table.compare_with(&SEEN, TOLERANCE);
        push_with_ratios(&mut tables, table);
    }
    for run in random::runs() {
        progress.set_message(format!("instructions: {}", run.title));
        let measures = [Measure::Instructions];
        for mut table in random::count(&run, heaps, operations, seed, &measures)? {
            if run.seen_by_others {
                table.compare_with(&SEEN_AT_RANDOM, TOLERANCE);
            }
            push_with_ratios(&mut tables, table);
        }
    }
    progress.set_message("instructions: heaps that threads share");
    tables.push(shared::count(operations, seed)?);
    let (worst, states) = adversary::search(heaps, effort, seed, progress)?;
    tables.extend(worst);
    Ok((tables, states))
}

fn push_with_ratios(tables: &mut Vec<Table>, table: Table) {
    let ratios = table.ratios_to(BASELINE);
    tables.push(table);
    tables.extend(ratios);
}

/// Counts the calls of one heap's operations in a child.
fn count(
    heap: &'static Contestant,
    measure: Measure,
    limit: Duration,
    operations: impl FnOnce() -> Option<()>,
) -> Result<Trace, Errno> {
    let entries = &heap.entries;
    let functions = [
        (entries.allocate as *const ()).addr(),
        (entries.deallocate as *const ()).addr(),
        (entries.reallocate as *const ()).addr(),
    ];
    match measure {
        Measure::Instructions => trace(&functions, limit, operations),
        Measure::LinesTouched | Measure::LinesWritten => trace_lines(&functions, limit, operations),
    }
}

/// Measures all heaps at once: counts do not suffer from neighbours.
fn for_each_heap<T: Send>(
    heaps: &[&'static Contestant],
    measure: impl Fn(&'static Contestant) -> Result<T, Errno> + Sync,
) -> Result<Vec<T>, Errno> {
    thread::scope(|scope| {
        let measure = &measure;
        let start = |&heap: &&'static Contestant| scope.spawn(move || measure(heap));
        let running: Vec<_> = heaps.iter().map(start).collect();
        running
            .into_iter()
            .map(|thread| thread.join().expect("a measurement does not panic"))
            .collect()
    })
}

/// The median and the maximum.
fn median_and_most(mut counts: Vec<u64>) -> Cell {
    counts.sort_unstable();
    match counts.last() {
        Some(&most) => Cell::MedianAndMost(counts[counts.len() / 2], most),
        None => Cell::Missing,
    }
}
