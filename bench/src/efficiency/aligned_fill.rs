//! What over-aligned blocks leave for others.

use core::alloc::Layout;

use crate::contestant::Contestant;
use crate::fill::{fill_with, plain};
use crate::open_heap::{Block, OpenHeap};
use rlsf_bench_report::{Cell, Figure, Table};

use super::percent;

const POOL_SIZE: usize = 16 << 20;
const PAGE: usize = 4096;

/// The sizes of the small blocks.
const SMALL: [usize; 3] = [32, 1000, 4080];

/// Usable shares that others saw, in percent.
const SEEN: [Figure; 2] = [
    ("rlsf 0.2.3", "then 32 B", 50.0),
    ("talc", "then 32 B", 74.6),
];

/// How far a share may be from what others saw before it is noted, as a fraction.
const TOLERANCE: f64 = 0.02;

/// Fills a pool with pages and then with small blocks, and reports the payload.
pub(crate) fn measure(heaps: &[&'static Contestant]) -> Table {
    let title =
        "16 MiB filled with 4096 B blocks aligned to 4096, then with small ones: payload / pool, %";
    let columns = core::iter::once("pages alone".to_string())
        .chain(SMALL.map(|size| format!("then {size} B")));
    let mut table = Table::new("aligned fill", title, columns);
    for heap in heaps {
        let shares =
            core::iter::once(share(heap, None)).chain(SMALL.map(|size| share(heap, Some(size))));
        table.push(
            heap.name,
            shares.map(|share| Cell::Number(share, 2)).collect(),
        );
    }
    table.compare_with(&SEEN, TOLERANCE);
    table
}

fn share(heap: &'static Contestant, small: Option<usize>) -> f64 {
    let mut heap = OpenHeap::new(heap, POOL_SIZE);
    let page = Layout::from_size_align(PAGE, PAGE).expect("a page is a layout");
    let mut blocks = fill_with(&mut heap, page);
    if let Some(size) = small {
        blocks.extend(fill_with(&mut heap, plain(size)));
    }
    percent(blocks.iter().map(Block::size).sum(), POOL_SIZE)
}
