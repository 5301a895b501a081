//! What is too small, too large or out of memory ends in `None` and changes
//! nothing.

use crate::parameters::for_every_parameter_set;
use crate::verbs::{
    fill, grow, heap_over, holds, layout, shrink, take, write, LEAST, OVERHEAD, WORD,
};
use core::alloc::Layout;
use core::ptr::NonNull;
use rlsf::int::BinInteger;
use rlsf::{Tlsf, GRANULARITY};
use rlsf_testkit::{picture, Arena};
use std::collections::HashSet;

for_every_parameter_set!(
    a_region_is_used_to_what_is_answered_and_not_beyond,
    sizes_near_the_end_of_the_address_space_are_refused,
    a_zero_size_request_gets_an_address_of_its_own,
    a_heap_without_memory_refuses_everything,
);

/// Sizes that no block has, or that overflow when they are rounded up.
fn huge_sizes<FL: BinInteger, SL: BinInteger, const FLLEN: usize, const SLLEN: usize>() -> Vec<usize>
{
    let largest = Tlsf::<FL, SL, FLLEN, SLLEN>::LARGEST_BLOCK;
    let tops = [usize::MAX, isize::MAX as usize, usize::MAX / 4 * 3];
    let near = tops
        .into_iter()
        .flat_map(|top| (0..40).chain([4095, 4096]).map(move |by| top - by));
    near.chain((1..40).map(|by| largest - WORD + by)).collect()
}

fn a_region_is_used_to_what_is_answered_and_not_beyond<
    FL: BinInteger,
    SL: BinInteger,
    const FLLEN: usize,
    const SLLEN: usize,
>() {
    let first = Arena::new(LEAST + OVERHEAD, 0);
    let mut accepted = 0;
    for (offset, len) in (0..16).flat_map(|offset| (0..200).map(move |len| (offset, len))) {
        let arena = Arena::new(len, offset);
        let mut heap = heap_over::<FL, SL, FLLEN, SLLEN>(&first);
        let (blocks, bytes) = (picture(&heap), arena.bytes());
        // SAFETY: the arena outlives the heap.
        match unsafe { heap.insert_free_block_ptr(arena.whole()) } {
            None => {
                assert_eq!((picture(&heap), arena.bytes()), (blocks, bytes));
                assert!(len < OVERHEAD + LEAST + GRANULARITY);
            }
            Some(used) => {
                let used = used.get();
                assert!(used <= len && len >= WORD + LEAST + LEAST);
                fill(&mut heap, 0);
                assert_eq!(arena.bytes()[used..], bytes[used..]);
                accepted += 1;
            }
        }
        assert_eq!(heap.validate(), Ok(()));
    }
    assert!(accepted > 16 * 100);
}

fn sizes_near_the_end_of_the_address_space_are_refused<
    FL: BinInteger,
    SL: BinInteger,
    const FLLEN: usize,
    const SLLEN: usize,
>() {
    let arena = Arena::new(
        Tlsf::<FL, SL, FLLEN, SLLEN>::LARGEST_BLOCK.min(1000) + OVERHEAD,
        0,
    );
    let mut heap = heap_over::<FL, SL, FLLEN, SLLEN>(&arena);
    let block = take(&mut heap, 20);
    write(block, 20, 7);
    let before = picture(&heap);
    for size in huge_sizes::<FL, SL, FLLEN, SLLEN>() {
        if let Ok(layout) = Layout::from_size_align(size, 1) {
            assert_eq!(heap.allocate(layout), None, "{size:#x}");
            // SAFETY: a live block.
            assert_eq!(unsafe { heap.reallocate(block, layout) }, None, "{size:#x}");
        }
        let grown = grow(&mut heap, block, size);
        let shrunk = shrink(&mut heap, block, size);
        assert_eq!((grown, shrunk), (None, None), "{size:#x}");
        assert_eq!(heap.validate(), Ok(()));
        assert_eq!(picture(&heap), before);
    }
    assert!(holds(block, 20, 7));
}

fn a_zero_size_request_gets_an_address_of_its_own<
    FL: BinInteger,
    SL: BinInteger,
    const FLLEN: usize,
    const SLLEN: usize,
>() {
    let bytes = Tlsf::<FL, SL, FLLEN, SLLEN>::LARGEST_BLOCK.min(1000) & !7;
    let arena = Arena::new(bytes + OVERHEAD, 0);
    let mut heap = heap_over::<FL, SL, FLLEN, SLLEN>(&arena);
    let blocks = fill(&mut heap, 0);
    assert_eq!(blocks.len(), bytes / LEAST);
    let distinct: HashSet<NonNull<u8>> = blocks.iter().copied().collect();
    assert_eq!(distinct.len(), blocks.len());
}

fn a_heap_without_memory_refuses_everything<
    FL: BinInteger,
    SL: BinInteger,
    const FLLEN: usize,
    const SLLEN: usize,
>() {
    let mut heap: Tlsf<'_, FL, SL, FLLEN, SLLEN> = Tlsf::new();
    for shift in 0..usize::BITS {
        assert_eq!(heap.allocate(layout(0, 1 << shift)), None);
        assert_eq!(
            heap.allocate(layout(1, 1 << shift.min(usize::BITS - 2))),
            None
        );
    }
    assert_eq!(heap.largest_allocatable(), 0);
    assert_eq!(heap.blocks().count(), 0);
    assert_eq!(heap.validate(), Ok(()));
}

#[test]
fn layouts_whose_padding_overflows_are_refused() {
    const TOP: u32 = usize::BITS - 1;
    let most = isize::MAX as usize;
    let arena = Arena::new(1000, 0);
    let mut heap = heap_over::<usize, usize, { usize::BITS as usize }, 32>(&arena);
    let before = picture(&heap);
    for layout in [
        layout(most - 4095, 4096),
        layout(most - 15, 16),
        layout(most - 31, 32),
        layout(0, 1 << TOP),
        layout(1, 1 << (TOP - 1)),
        layout(1 << (TOP - 1), 1 << (TOP - 1)),
        layout((1 << (TOP - 1)) - 1, 1 << (TOP - 1)),
    ] {
        assert_eq!(heap.allocate(layout), None, "{layout:?}");
        assert_eq!(heap.validate(), Ok(()));
        assert_eq!(picture(&heap), before);
    }
}

#[test]
fn running_out_of_memory_in_reallocate_leaves_the_block() {
    for align in [1, 64] {
        let arena = Arena::new(2000, 0);
        let mut heap = heap_over::<u16, u16, 12, 16>(&arena);
        let block = heap.allocate(layout(100, align)).unwrap();
        write(block, 100, 3);
        fill(&mut heap, 0);
        let before = picture(&heap);
        // SAFETY: a live block.
        assert_eq!(unsafe { heap.reallocate(block, layout(300, align)) }, None);
        assert_eq!(picture(&heap), before);
        assert_eq!(heap.validate(), Ok(()));
        assert!(holds(block, 100, 3));
    }
}

#[test]
#[cfg(feature = "stats")]
fn every_refused_request_is_counted_once() {
    let arena = Arena::new(1000, 0);
    let mut heap = heap_over::<u16, u16, 12, 16>(&arena);
    let block = take(&mut heap, 100);
    fill(&mut heap, 0);
    let mut failed = heap.statistics().failed_requests;
    let mut counted = |heap: &Tlsf<'_, u16, u16, 12, 16>| {
        failed += 1;
        assert_eq!(heap.statistics().failed_requests, failed);
    };
    heap.allocate(layout(10, 1));
    counted(&heap);
    heap.allocate(layout(isize::MAX as usize, 1));
    counted(&heap);
    heap.allocate(layout(10, 512));
    counted(&heap);
    for size in [200, isize::MAX as usize] {
        // SAFETY: a live block.
        assert_eq!(unsafe { heap.reallocate(block, layout(size, 1)) }, None);
        counted(&heap);
    }
}
