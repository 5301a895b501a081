//! Heap efficiency, after the test of talc's suite: half of the actions allocate, a tenth free, the
//! rest resize.

use core::alloc::Layout;

use crate::clock::Budget;
use crate::contestant::Contestant;
use crate::open_heap::{Block, OpenHeap};
use crate::rng::Rng;
use rlsf_bench_report::{Figure, Table};

use super::{mean, percent, LIMIT};

/// The arena of talc's test.
const ARENA_SIZE: usize = 128 << 20;

/// How often the arena is filled and emptied.
const FILLS: usize = 20;

/// The bound of the sizes that are allocated, and of those that blocks are resized to.
const ALLOCATED: usize = 10_000;
const RESIZED: usize = 100_000;

/// Live bytes / arena that others saw, in percent.
const SEEN: [Figure; 5] = [
    ("dlmalloc", "efficiency", 97.74),
    ("rlsf 0.2.3 52x64", "efficiency", 97.26),
    ("talc", "efficiency", 95.24),
    ("galloc", "efficiency", 81.5),
    ("buddy", "efficiency", 58.9),
];

/// How far a share may be from what others saw before it is noted, as a fraction.
const TOLERANCE: f64 = 0.01;

/// Measures every heap.
pub(crate) fn measure(heaps: &[&'static Contestant], seed: u64) -> Table {
    let title = "talc's heap efficiency test: live bytes / arena at the first failure, 128 MiB, %";
    let mut table = Table::new("arena", title, ["efficiency"]);
    for heap in heaps {
        let mut budget = Budget::of(LIMIT);
        let mut rng = Rng::new(seed);
        let mut opened = OpenHeap::new(heap, ARENA_SIZE);
        let shares: Vec<_> = (0..FILLS)
            .map(|_| live_share(&mut opened, &mut rng, &mut budget))
            .collect();
        table.push(heap.name, vec![mean(&shares)]);
    }
    table.compare_with(&SEEN, TOLERANCE);
    table
}

/// Acts at random until a request fails, then empties the heap.
fn live_share(heap: &mut OpenHeap, rng: &mut Rng, budget: &mut Budget) -> Option<f64> {
    let mut blocks = Vec::new();
    while !budget.is_over() {
        if !act(heap, rng, &mut blocks) {
            let live = blocks.iter().map(Block::size).sum();
            for block in blocks {
                heap.free(block);
            }
            return Some(percent(live, ARENA_SIZE));
        }
    }
    None
}

/// One random action; false if a request failed.
fn act(heap: &mut OpenHeap, rng: &mut Rng, blocks: &mut Vec<Block>) -> bool {
    let action = rng.below(10);
    if action < 5 {
        let block = heap.allocate(draw(rng));
        let met = block.is_some();
        blocks.extend(block);
        return met;
    }
    if blocks.is_empty() {
        return true;
    }
    let index = rng.below(blocks.len());
    if action == 5 {
        heap.free(blocks.swap_remove(index));
        return true;
    }
    heap.resize(&mut blocks[index], rng.between(1, RESIZED - 1))
}

/// Small sizes are likelier than large ones, and each doubling of the alignment is four times
/// rarer.
fn draw(rng: &mut Rng) -> Layout {
    let bound = rng.between(16, ALLOCATED - 1);
    let size = rng.between(4, bound - 1);
    let zeros = (rng.bits() | 1 << 16).trailing_zeros();
    Layout::from_size_align(size, 8 << (zeros / 2))
        .expect("small sizes and alignments form layouts")
}
