//! States that are bad for a heap, found by search: many random ones, and then the worst of them changed again
//! and again, where a change stays that makes the operation longer.

mod case;

use core::time::Duration;
use std::time::Instant;

use indicatif::ProgressBar;
use nix::errno::Errno;
use rlsf_bench_report::{Cell, Table};
use rlsf_stepper::announce;
use serde_json::{json, Value};

use crate::contestant::Contestant;
use crate::open_heap::OpenHeap;
use crate::rng::Rng;

use super::{count, for_each_heap, Measure};
pub use case::Case;
use case::Target;

/// How long and where is searched.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// The free fragments of the heaps.
    pub fragments: &'static [usize],
    /// States of each search.
    pub states: usize,
    /// What one search may take: linear heaps take long.
    pub limit: Duration,
}

impl Effort {
    /// Every number of fragments.
    pub const FULL: Self = Self {
        fragments: &[100, 1_000, 10_000],
        states: 400,
        limit: Duration::from_secs(20),
    };

    /// A first look.
    pub const QUICK: Self = Self {
        fragments: &[100, 1_000],
        states: 96,
        limit: Duration::from_millis(700),
    };
}

/// What is searched for, as the tables have it.
const TARGETS: [(Target, &str, &str); 3] = [
    (Target::Allocate, "worst allocate", "allocate, aligned to 8"),
    (
        Target::Aligned,
        "worst aligned",
        "allocate, aligned to 16-4096",
    ),
    (Target::Free, "worst free", "free"),
];

/// States that are counted in one child.
const BATCH: usize = 8;

/// The states that are changed.
const PARENTS: usize = 4;

/// What a search has found.
struct Found {
    /// Of the random states, sorted.
    counts: Vec<u64>,
    /// The longest, and where.
    worst: Option<(u64, Case)>,
    /// The states that were counted.
    states: usize,
}

/// The tables, and the worst states as records.
pub(super) fn search(
    heaps: &[&'static Contestant],
    effort: Effort,
    seed: u64,
    progress: &ProgressBar,
) -> Result<(Vec<Table>, Vec<Value>), Errno> {
    let (mut tables, mut records) = (Vec::new(), Vec::new());
    for (target, name, title) in TARGETS {
        let columns = effort.fragments.iter().flat_map(|&fragments| {
            ["least", "median", "most"].map(|figure| format!("{fragments}: {figure}"))
        });
        let title = format!("{title}, in states found by search with so many free fragments: instructions; least and median of the random ones");
        let mut table = Table::new(name, title, columns);
        progress.set_message(format!("instructions: {name}"));
        let found = for_each_heap(heaps, |heap| {
            let searches = effort.fragments.iter();
            let found =
                searches.map(|&fragments| search_one(heap, fragments, target, effort, seed));
            found.collect::<Result<Vec<_>, _>>()
        })?;
        for (heap, found) in heaps.iter().zip(found) {
            table.push(heap.name, found.iter().flat_map(Found::cells).collect());
            let cut = found.iter().any(|found| found.states < effort.states);
            let note = || format!("{}: fewer states, as time was up", heap.name);
            table.notes.extend(cut.then(note));
            let worst = found.into_iter().filter_map(|found| found.worst);
            records.extend(worst.map(|(instructions, state)| {
                json!({"heap": heap.name, "operation": name, "instructions": instructions, "state": state})
            }));
        }
        tables.push(table);
    }
    Ok((tables, records))
}

impl Found {
    /// The least and the median of the random states, and the most of all.
    fn cells(&self) -> [Cell; 3] {
        let least = self.counts.first().copied();
        let median = self.counts.get(self.counts.len() / 2).copied();
        let most = self.worst.as_ref().map(|worst| worst.0);
        [least, median, most].map(Cell::from)
    }
}

/// Searches the states of one heap.
fn search_one(
    heap: &'static Contestant,
    fragments: usize,
    target: Target,
    effort: Effort,
    seed: u64,
) -> Result<Found, Errno> {
    let start = Instant::now();
    let mut rng = Rng::new(seed);
    let mut parents: Vec<(u64, Case)> = Vec::new();
    let (mut counts, mut states) = (Vec::new(), 0);
    while states < effort.states && start.elapsed() < effort.limit {
        let is_random = states < effort.states / 3;
        let draw = |_| match parents.as_slice() {
            [_, ..] if !is_random => parents[rng.below(parents.len())]
                .1
                .mutated(target, &mut rng),
            _ => Case::random(fragments, target, &mut rng),
        };
        let batch: Vec<Case> = (0..BATCH).map(draw).collect();
        let counted = count_batch(heap, &batch, effort.limit)?;
        states += BATCH;
        if is_random {
            counts.extend(counted.iter().flatten());
        }
        let counted = counted.into_iter().zip(batch);
        parents.extend(counted.filter_map(|(count, case)| Some((count?, case))));
        // Among equals those found last, so that the search does not stand still.
        parents.reverse();
        parents.sort_by_key(|parent| core::cmp::Reverse(parent.0));
        parents.truncate(PARENTS);
    }
    counts.sort_unstable();
    Ok(Found {
        counts,
        worst: parents.into_iter().next(),
        states,
    })
}

/// The instructions of the operation in each state; nothing of those that the heap cannot come to.
fn count_batch(
    heap: &'static Contestant,
    cases: &[Case],
    limit: Duration,
) -> Result<Vec<Option<u64>>, Errno> {
    let traced = count(heap, Measure::Instructions, limit, || {
        for (tag, case) in (0..).zip(cases) {
            let mut opened = OpenHeap::new(heap, case.pool_size());
            // A heap that cannot come to the state is not counted there.
            let _ = case.play(&mut opened, || announce(tag));
        }
        Some(())
    })?;
    let mut counts = vec![None; cases.len()];
    for sample in &traced.samples {
        counts[sample.tag as usize] = Some(sample.instructions);
    }
    Ok(counts)
}

/// Counts the operation in one state on every heap.
pub(super) fn count_case(
    heaps: &[&'static Contestant],
    case: &Case,
    limit: Duration,
) -> Result<Table, Errno> {
    let counts = for_each_heap(heaps, |heap| {
        count_batch(heap, core::slice::from_ref(case), limit)
    })?;
    let mut table = Table::new("state", "the given state: instructions", ["operation"]);
    for (heap, counts) in heaps.iter().zip(counts) {
        table.push(heap.name, counts.into_iter().map(Cell::from).collect());
    }
    Ok(table)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::heaps::HEAPS;

    #[test]
    fn a_state_counts_the_same_again_when_it_is_told() {
        let effort = Effort {
            states: 16,
            ..Effort::QUICK
        };
        let heaps = [&HEAPS[0]];
        let found = search_one(heaps[0], 20, Target::Aligned, effort, 1).unwrap();
        let (instructions, case) = found.worst.unwrap();
        let told = serde_json::to_string(&case).unwrap();
        let read: Case = serde_json::from_str(&told).unwrap();
        let table = count_case(&heaps, &read, effort.limit).unwrap();
        assert_eq!(
            table.cell("rlsf", "operation"),
            Some(&Cell::count(instructions))
        );
        assert!(instructions >= *found.counts.last().unwrap());
    }
}
