//! Filling a heap to the brim.

use core::alloc::Layout;

use crate::open_heap::{Block, OpenHeap};

/// A layout with the alignment that most requests have.
pub(crate) fn plain(size: usize) -> Layout {
    Layout::from_size_align(size, 8).expect("sizes are smaller than a pool")
}

/// Requests blocks of one layout until the heap has no more.
pub(crate) fn fill_with(heap: &mut OpenHeap, layout: Layout) -> Vec<Block> {
    core::iter::from_fn(|| heap.allocate(layout)).collect()
}

/// Requests blocks of `largest` bytes, then of half of that, and so on down to one byte, until
/// nothing is left.
pub(crate) fn fill(heap: &mut OpenHeap, largest: usize) -> Vec<Block> {
    let halves =
        core::iter::successors(Some(largest), |size| Some(size / 2)).take_while(|&size| size > 0);
    halves
        .flat_map(|size| fill_with(heap, plain(size)))
        .collect()
}
