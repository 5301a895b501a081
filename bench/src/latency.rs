//! The part of the command `latency` that gives each heap a pool: the times of single operations, with hot and
//! with thrashed caches.

use core::hint::black_box;

use indicatif::ProgressBar;
use rlsf_bench_report::Table;
use rlsf_bench_threads::latency::{timed, Caches, Latency, Thrasher, BLOCKS};

use crate::contestant::Contestant;
use crate::fill::plain;
use crate::open_heap::{Block, OpenHeap};
use crate::rng::Rng;
use crate::threads::latency::{about_clock, cells, columns};
use crate::throughput::Extent;

/// Ample, so that no request fails.
const POOL_SIZE: usize = 16 << 20;

/// Rounds, and the part of the operations that each does.
const fn plan(extent: Extent) -> (usize, usize) {
    match extent {
        Extent::Full => (3, 1),
        Extent::Quick => (1, 10),
    }
}

/// Measures, the heaps in turns.
#[must_use]
pub fn run(
    heaps: &[&'static Contestant],
    extent: Extent,
    seed: u64,
    progress: &ProgressBar,
) -> Vec<Table> {
    let (rounds, part) = plan(extent);
    let mut tables = Vec::new();
    for caches in Caches::ALL {
        let title = caches.title();
        progress.set_message(format!("latency of heaps in a pool, {title}"));
        let mut runs: Vec<_> = heaps.iter().map(|_| Vec::new()).collect();
        for round in 0..rounds {
            for turn in 0..heaps.len() {
                let index = (round + turn) % heaps.len();
                let latency = Latency::of(work(heaps[index], caches, part, seed));
                runs[index].push(Ok(latency));
            }
        }
        let name = format!("pools, {title}");
        let title = format!("time of an operation on small blocks, heaps in a pool, {title}, ns");
        let mut table = Table::new(name, title, columns());
        let clock = runs.iter().flatten().flatten().map(|run| run.clock).next();
        table.notes.extend(clock.map(about_clock));
        for (heap, runs) in heaps.iter().zip(&runs) {
            table.push(heap.name, cells(runs));
        }
        tables.push(table);
    }
    tables
}

/// Empties or fills random ones of a thousand slots with blocks of 16 to 256 B; the ticks of each operation.
fn work(heap: &'static Contestant, caches: Caches, part: usize, seed: u64) -> Vec<u32> {
    let (operations, warm_up) = caches.operations();
    let (operations, warm_up) = (operations / part, warm_up / part);
    let thrasher = Thrasher::new(caches);
    let mut heap = OpenHeap::new(heap, POOL_SIZE);
    let mut rng = Rng::new(seed);
    let mut slots: Vec<Option<Block>> = (0..BLOCKS).map(|_| None).collect();
    // Written, so that no page comes while the clock runs.
    let mut ticks = vec![u32::MAX; warm_up + operations];
    for tick in &mut ticks {
        let slot = &mut slots[rng.below(BLOCKS)];
        let layout = plain(rng.between(16, 256));
        thrasher.thrash();
        *tick = match slot.take() {
            Some(block) => timed(|| heap.free(block)),
            None => timed(|| *slot = black_box(heap.allocate(layout))),
        };
    }
    ticks.split_off(warm_up)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::heaps::HEAPS;

    #[test]
    fn every_operation_after_the_first_ones_has_a_time() {
        for caches in Caches::ALL {
            let ticks = work(&HEAPS[0], caches, 100, 1);
            assert_eq!(ticks.len(), caches.operations().0 / 100);
            assert!(!ticks.contains(&u32::MAX));
        }
    }
}
