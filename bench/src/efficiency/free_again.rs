//! Whether a heap serves what its free memory holds: a block that was just freed, and a pool of one
//! free block.

use crate::contestant::Contestant;
use crate::fill::{fill, plain};
use crate::open_heap::OpenHeap;
use rlsf_bench_report::{Cell, Figure, Table};

use super::percent;

/// The sizes that are freed and requested again.
const SIZES: core::ops::RangeInclusive<usize> = 40..=20_000;

/// A pool that the largest of the sizes does not fill.
const POOL_SIZE: usize = 64 << 10;

/// The pool that is one free block.
const LONE_POOL_SIZE: usize = 100_000;

/// Failing shares that others saw, in percent, and the most that a lone block serves.
const SEEN: [Figure; 3] = [
    ("rlsf 0.2.3 12x16", "fails, %", 84.0),
    ("rlsf 0.2.3 16x32", "fails, %", 74.0),
    ("rlsf 0.2.3 20x8", "fails, %", 91.0),
];

/// How far a figure may be from what others saw before it is noted, as a fraction.
const TOLERANCE: f64 = 0.02;

/// Measures every heap.
pub(crate) fn measure(heaps: &[&'static Contestant]) -> Table {
    let title = "X freed in a full heap and asked for again, X = 40...20 000 B; most that a free pool serves";
    let mut table = Table::new("free again", title, ["fails, %", "of 100 000 B"]);
    for heap in heaps {
        let failures = SIZES.filter(|&size| !succeeds_again(heap, size)).count();
        let lone = (1..=LONE_POOL_SIZE)
            .rev()
            .step_by(8)
            .find(|&size| serves(heap, size));
        let lone = lone.and_then(|size| u32::try_from(size).ok());
        let cells = vec![
            Cell::Number(percent(failures, SIZES.count()), 2),
            lone.map_or(Cell::Missing, |size| Cell::Number(f64::from(size), 0)),
        ];
        table.push(heap.name, cells);
    }
    table.compare_with(&SEEN, TOLERANCE);
    table
}

/// `[ ][X][ ][ all else used ]`: X goes and is asked for again.
fn succeeds_again(heap: &'static Contestant, size: usize) -> bool {
    let mut heap = OpenHeap::new(heap, POOL_SIZE);
    let _before = heap.allocate(plain(64));
    let Some(block) = heap.allocate(plain(size)) else {
        return false;
    };
    let _after = heap.allocate(plain(64));
    let _rest = fill(&mut heap, POOL_SIZE / 2);
    heap.free(block);
    heap.allocate(plain(size)).is_some()
}

fn serves(heap: &'static Contestant, size: usize) -> bool {
    OpenHeap::new(heap, LONE_POOL_SIZE)
        .allocate(plain(size))
        .is_some()
}
