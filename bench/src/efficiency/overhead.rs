//! What a block costs beyond its size.

use rlsf_bench_report::{Cell, Table};

use crate::contestant::Contestant;
use crate::fill::{fill_with, plain};
use crate::open_heap::OpenHeap;

/// So large that what a heap keeps once hardly counts.
const POOL_SIZE: usize = 4 << 20;

/// The sizes.
const SIZES: [usize; 9] = [8, 16, 24, 32, 48, 64, 80, 96, 128];

/// Fills a pool with blocks of a size, and reports the bytes of the pool for each beyond that size.
pub(crate) fn measure(heaps: &[&'static Contestant]) -> Table {
    let title = "4 MiB filled with blocks of a size: bytes a block beyond its size";
    let columns = SIZES.iter().map(|size| format!("{size} B"));
    let mut table = Table::new("overhead", title, columns);
    for heap in heaps {
        let cells = SIZES
            .iter()
            .map(|&size| Cell::Number(overhead(heap, size), 1));
        table.push(heap.name, cells.collect());
    }
    table
}

fn overhead(heap: &'static Contestant, size: usize) -> f64 {
    let blocks = fill_with(&mut OpenHeap::new(heap, POOL_SIZE), plain(size)).len();
    let exact = |bytes: usize| f64::from(u32::try_from(bytes).expect("less than 4 GiB"));
    exact(POOL_SIZE) / exact(blocks) - exact(size)
}
