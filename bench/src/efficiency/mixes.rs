//! Live bytes when a random mix first fails.

use crate::clock::Budget;
use crate::contestant::Contestant;
use crate::histogram::Histogram;
use crate::mix::{Alignments, Mix, Sizes};
use crate::open_heap::{Block, OpenHeap};
use crate::rng::Rng;
use rlsf_bench_report::{Figure, Table};

use super::{mean, percent, LIMIT};

/// The pool, all of it, that the live bytes are compared with.
const POOL_SIZE: usize = 16 << 20;

/// How many sequences are averaged.
const SEEDS: u64 = 5;

/// Live bytes / pool that others saw, in percent.
const SEEN: [Figure; 15] = [
    ("galloc", "1-256 B", 89.6),
    ("dlmalloc", "1-256 B", 88.6),
    ("talc", "1-256 B", 84.4),
    ("rlsf 0.2.3", "1-256 B", 80.0),
    ("dlmalloc", "embedded", 92.0),
    ("rlsf 0.2.3", "embedded", 85.3),
    ("talc", "embedded", 83.7),
    ("dlmalloc", "8 B-64 KiB", 95.2),
    ("rlsf 0.2.3", "8 B-64 KiB", 93.9),
    ("talc", "over-aligned", 88.4),
    ("rlsf 0.2.3", "over-aligned", 75.8),
    ("dlmalloc", "recorded", 44.1),
    ("talc", "recorded", 41.7),
    ("rlsf 0.2.3", "recorded", 41.0),
    ("linked_list", "recorded", 66.0),
];

/// How far a share may be from what others saw before it is noted, as a fraction.
const TOLERANCE: f64 = 0.02;

/// A mix and how many operations in a hundred free a random live block; the others allocate. More
/// frees leave more holes by the time the pool is full. The shares are those at which the peers
/// come near what others saw.
struct Load {
    mix: Mix,
    free_percent: usize,
}

/// The mixes.
fn loads() -> [Load; 5] {
    let load = |name, sizes, alignments, free_percent| Load {
        mix: Mix {
            name,
            sizes,
            alignments,
        },
        free_percent,
    };
    let plain = Alignments::Only(8);
    [
        load("1-256 B", Sizes::Uniform(1, 256), plain, 20),
        load("embedded", Sizes::Embedded, plain, 40),
        load("8 B-64 KiB", Sizes::LogUniform(8, 64 << 10), plain, 43),
        load(
            "over-aligned",
            Sizes::LogUniform(8, 12 << 10),
            Alignments::Over(100),
            20,
        ),
        load(
            "recorded",
            Sizes::Recorded(Histogram::recorded(128)),
            plain,
            20,
        ),
    ]
}

/// Measures every mix on every heap.
pub(crate) fn measure(heaps: &[&'static Contestant], seed: u64) -> Table {
    let loads = loads();
    let title = "live bytes / pool when a random mix first fails, 16 MiB, %";
    let mut table = Table::new("mixes", title, loads.iter().map(|load| load.mix.name));
    for heap in heaps {
        let cells = loads.iter().map(|load| {
            let shares: Vec<_> = (0..SEEDS)
                .map(|nth| live_share(heap, load, seed + nth))
                .collect();
            mean(&shares)
        });
        table.push(heap.name, cells.collect());
    }
    table.compare_with(&SEEN, TOLERANCE);
    table
}

/// Allocates and frees at random until a request fails; nothing if that takes too long.
fn live_share(heap: &'static Contestant, load: &Load, seed: u64) -> Option<f64> {
    let mut budget = Budget::of(LIMIT);
    let mut rng = Rng::new(seed);
    let mut heap = OpenHeap::new(heap, POOL_SIZE);
    let mut blocks: Vec<Block> = Vec::new();
    let mut live = 0;
    while !budget.is_over() {
        if rng.percent(load.free_percent) && !blocks.is_empty() {
            let block = blocks.swap_remove(rng.below(blocks.len()));
            live -= block.size();
            heap.free(block);
        } else if let Some(block) = heap.allocate(load.mix.draw(&mut rng)) {
            live += block.size();
            blocks.push(block);
        } else {
            return Some(percent(live, POOL_SIZE));
        }
    }
    None
}
