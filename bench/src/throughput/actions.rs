//! Random actions as talc's suite has them, and the pairs of the seed's benchmark for microcontrollers.
//!
//! Both are written down once as actions on slots, and replayed over and over by each heap in turn.

use rlsf_bench_report::{Axis, Table};

use crate::contestant::Contestant;
use crate::rng::Rng;
use crate::traces::pace::Pacer;
use crate::traces::replay::Action;

use super::{median, ratios, Extent};

/// The most blocks that live at a time in random actions, and the actions of a replay.
const BLOCKS: usize = 300;
const ACTIONS: usize = 20_000;

/// The bounds of the sizes of random actions.
const BOUNDS: [usize; 3] = [200, 3_000, 30_000];

/// The size ranges of the pairs: `least..least + width`.
const RANGES: [(usize, usize); 10] = [
    (1, 8),
    (1, 16),
    (1, 64),
    (1, 256),
    (16, 16),
    (16, 64),
    (16, 128),
    (64, 64),
    (64, 128),
    (128, 128),
];

/// The arena of the pairs, and the most blocks in it.
const ARENA: usize = 70 << 10;
const PAIR_BLOCKS: usize = 256;

/// Pairs of a replay.
const PAIRS: usize = 5_000;

/// The pool of both: ample, so that no request fails.
const POOL_SIZE: usize = 64 << 20;

/// Actions of a round.
const ROUND: usize = 200_000;

/// What is replayed.
struct Load {
    name: String,
    slots: usize,
    actions: Vec<Action>,
}

/// Measures every load on every heap.
pub(super) fn measure(
    heaps: &[&'static Contestant],
    extent: Extent,
    seed: u64,
) -> impl Iterator<Item = Table> {
    let title = format!(
        "processor time an action, median of {} rounds, ns",
        extent.rounds()
    );
    let names = heaps.iter().map(|heap| heap.name);
    let mut times = Table::new("actions", title, names).with_heaps(Axis::Columns);
    for load in loads(seed) {
        let pacer =
            |heap: &&'static Contestant| Pacer::new(heap, &load.actions, load.slots, POOL_SIZE);
        let mut pacers: Vec<_> = heaps.iter().map(pacer).collect();
        let repeats = u32::try_from(ROUND.div_ceil(load.actions.len())).expect("a few");
        let mut found = vec![Vec::new(); heaps.len()];
        for round in 0..extent.rounds() {
            for turn in 0..heaps.len() {
                let index = (round + turn) % heaps.len();
                let pacer = pacers[index].as_mut();
                found[index].extend(pacer.and_then(|pacer| pacer.time(repeats)));
            }
        }
        times.push(load.name.clone(), found.into_iter().map(median).collect());
    }
    let ratios = ratios(&times);
    core::iter::once(times).chain(ratios)
}

fn loads(seed: u64) -> Vec<Load> {
    let mut loads = Vec::new();
    for resizes in [false, true] {
        loads.extend(BOUNDS.map(|bound| random(bound, resizes, seed)));
    }
    loads.extend(RANGES.map(|range| pairs(range, seed)));
    loads
}

/// Half of the actions allocate, the others free, or half of these resize. In the end all is freed.
fn random(bound: usize, resizes: bool, seed: u64) -> Load {
    let mut rng = Rng::new(seed);
    let mut empty: Vec<u32> = (0..).take(BLOCKS).collect();
    let mut live: Vec<u32> = Vec::new();
    let mut actions = Vec::with_capacity(ACTIONS + BLOCKS);
    for _ in 0..ACTIONS {
        let size = bytes(rng.between(1, bound));
        let allocates = rng.percent(50) || live.is_empty();
        if let Some(slot) = empty.pop_if(|_| allocates) {
            let align = 8;
            actions.push(Action::Allocate { slot, size, align });
            live.push(slot);
            continue;
        }
        let at = rng.below(live.len());
        if resizes && rng.percent(50) {
            let slot = live[at];
            actions.push(Action::Resize { slot, size });
            continue;
        }
        let slot = live.swap_remove(at);
        actions.push(Action::Free { slot });
        empty.push(slot);
    }
    actions.extend(live.into_iter().map(|slot| Action::Free { slot }));
    let with = if resizes { ", realloc" } else { "" };
    Load {
        name: format!("actions to {bound} B{with}"),
        slots: BLOCKS,
        actions,
    }
}

/// The blocks of a ring are freed and replaced one after the other, at alignments of 4 to 32.
fn pairs(range: (usize, usize), seed: u64) -> Load {
    let (least, width) = range;
    let mut rng = Rng::new(seed);
    let slots = PAIR_BLOCKS.min(ARENA / (least + width + 8) / 2);
    let mut allocate = |slot| Action::Allocate {
        slot,
        size: bytes(least + rng.below(width)),
        align: 4 << rng.below(4),
    };
    let slots_in_order = || (0..).take(slots);
    let mut actions: Vec<_> = slots_in_order().map(&mut allocate).collect();
    for slot in slots_in_order().cycle().take(PAIRS) {
        actions.extend([Action::Free { slot }, allocate(slot)]);
    }
    actions.extend(slots_in_order().map(|slot| Action::Free { slot }));
    Load {
        name: format!("pairs of {least}-{} B", least + width - 1),
        slots,
        actions,
    }
}

fn bytes(size: usize) -> u32 {
    u32::try_from(size).expect("sizes below 4 GiB")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_load_keeps_the_rules_of_a_replay() {
        for load in loads(1) {
            let mut taken = vec![false; load.slots];
            for action in &load.actions {
                let (slot, before, after) = match *action {
                    Action::Allocate { slot, .. } => (slot, false, true),
                    Action::Free { slot } => (slot, true, false),
                    Action::Resize { slot, .. } => (slot, true, true),
                };
                let is_taken = &mut taken[slot as usize];
                assert_eq!(*is_taken, before, "{}", load.name);
                *is_taken = after;
            }
            assert!(!taken.contains(&true), "{}", load.name);
        }
    }
}
