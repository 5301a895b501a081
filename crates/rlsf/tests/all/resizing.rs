//! Resizing in every direction: contents, alignment, exact edges.

use crate::parameters::for_every_parameter_set;
use crate::verbs::{
    fill, free, grow, heap_over, holds, layout, payload_before_64k, shrink, take, write, LEAST,
    OVERHEAD, WORD,
};
use core::ptr::NonNull;
use rlsf::int::BinInteger;
use rlsf::{Tlsf, GRANULARITY};
use rlsf_testkit::{picture, Arena};

for_every_parameter_set!(
    the_edges_of_growing_and_shrinking_in_place_are_exact,
    shrinking_and_growing_back_gives_the_same_block,
    growing_over_free_neighbours_reaches_all_of_them_and_no_further,
);

type Heap<'pool> = Tlsf<'pool, u16, u16, 12, 16>;

fn reallocate(
    heap: &mut Heap<'_>,
    block: NonNull<u8>,
    size: usize,
    align: usize,
) -> Option<NonNull<u8>> {
    // SAFETY: the tests pass live blocks.
    let resized = unsafe { heap.reallocate(block, layout(size, align)) };
    assert_eq!(heap.validate(), Ok(()));
    resized
}

fn the_edges_of_growing_and_shrinking_in_place_are_exact<
    FL: BinInteger,
    SL: BinInteger,
    const FLLEN: usize,
    const SLLEN: usize,
>() {
    let bytes = Tlsf::<FL, SL, FLLEN, SLLEN>::LARGEST_BLOCK.min(2000) & !7;
    let arena = Arena::new(bytes + OVERHEAD, 0);
    let mut heap = heap_over::<FL, SL, FLLEN, SLLEN>(&arena);
    if bytes < 2 * LEAST {
        return; // one block is all that such a pool has
    }
    let block = take(&mut heap, 1);
    let least = Tlsf::<FL, SL, FLLEN, SLLEN>::block_size(1) - WORD;
    let most = bytes - WORD;
    let before = picture(&heap);
    assert_eq!(shrink(&mut heap, block, least + 1), None);
    assert_eq!(grow(&mut heap, block, most + 1), None);
    assert_eq!(shrink(&mut heap, block, least), Some(()));
    assert_eq!(grow(&mut heap, block, least), Some(()));
    assert_eq!(picture(&heap), before);
    assert_eq!(grow(&mut heap, block, most), Some(()));
    assert_eq!(heap.validate(), Ok(()));
    assert_eq!(heap.largest_allocatable(), 0);
    // SAFETY: a live block.
    let usable = unsafe { Tlsf::<FL, SL, FLLEN, SLLEN>::allocation_usable_size(block) };
    assert_eq!(usable, most);
    assert_eq!(shrink(&mut heap, block, most + 1), None);
    assert_eq!(shrink(&mut heap, block, 0), Some(()));
    assert_eq!(picture(&heap), before);
}

fn shrinking_and_growing_back_gives_the_same_block<
    FL: BinInteger,
    SL: BinInteger,
    const FLLEN: usize,
    const SLLEN: usize,
>() {
    let most = (Tlsf::<FL, SL, FLLEN, SLLEN>::LARGEST_BLOCK.min(3000) & !7) - WORD;
    let arena = Arena::new(most + WORD + OVERHEAD, 0);
    let mut heap = heap_over::<FL, SL, FLLEN, SLLEN>(&arena);
    let block = take(&mut heap, most);
    let full = picture(&heap);
    for size in (0..most).step_by(1 + most / 100) {
        write(block, most, 6);
        // SAFETY: a live block.
        let shrunk = unsafe { heap.reallocate(block, layout(size, 1)) };
        assert_eq!(shrunk, Some(block));
        assert_eq!(heap.validate(), Ok(()));
        assert!(holds(block, size, 6));
        assert_eq!(grow(&mut heap, block, most), Some(()));
        assert!(holds(block, size, 6));
        assert_eq!(picture(&heap), full);
    }
}

/// `[ free ][ block ][ free, or not ]`, and nothing else is free.
fn growing_over_free_neighbours_reaches_all_of_them_and_no_further<
    FL: BinInteger,
    SL: BinInteger,
    const FLLEN: usize,
    const SLLEN: usize,
>() {
    let bytes = Tlsf::<FL, SL, FLLEN, SLLEN>::LARGEST_BLOCK.min(2000) & !7;
    let arena = Arena::new(bytes + OVERHEAD, 0);
    let low = bytes / 16 * 8;
    let (least, rest) = (LEAST - WORD, bytes.saturating_sub(low + LEAST));
    if low < LEAST || rest < LEAST {
        return; // no three blocks
    }
    for is_high_free in [false, true] {
        let mut heap = heap_over::<FL, SL, FLLEN, SLLEN>(&arena);
        let [front, block, high] =
            [low - WORD, least, rest - WORD].map(|size| take(&mut heap, size));
        write(block, least, 4);
        free(&mut heap, front);
        let mut most = low + LEAST - WORD;
        if is_high_free {
            free(&mut heap, high);
            most = bytes - WORD;
        }
        let before = picture(&heap);
        // SAFETY: a live block.
        let too_large = unsafe { heap.reallocate(block, layout(most + 1, 1)) };
        assert_eq!((too_large, picture(&heap)), (None, before));
        // SAFETY: a live block.
        let grown = unsafe { heap.reallocate(block, layout(most, 1)) };
        assert_eq!(grown, Some(front), "{most} bytes");
        assert!(holds(front, least, 4));
        assert_eq!(heap.validate(), Ok(()));
        assert_eq!(heap.largest_allocatable(), 0);
    }
}

#[test]
fn a_block_grows_in_place_by_a_granule_a_step() {
    let arena = Arena::new(10_000 + GRANULARITY + OVERHEAD, 0);
    let mut heap: Heap<'_> = heap_over(&arena);
    let block = take(&mut heap, 0);
    for size in (0..=10_000).step_by(GRANULARITY) {
        assert_eq!(grow(&mut heap, block, size), Some(()), "{size}");
        assert_eq!(heap.validate(), Ok(()));
        assert!(holds(block, size.saturating_sub(GRANULARITY), 1));
        write(block, size, 1);
        // SAFETY: a live block.
        assert!(unsafe { Heap::allocation_usable_size(block) } >= size);
    }
    assert_eq!(grow(&mut heap, block, 10_001 + GRANULARITY), None);
}

const ALIGNS: [usize; 5] = [1, 16, 64, 512, 4096];

/// Room for [`between`], its first payload at a multiple of every alignment.
fn arena() -> Arena {
    Arena::new(20_000, payload_before_64k(0))
}

/// The payload of the block before the aligned one: that begins right behind.
fn low_size(align: usize) -> usize {
    align.max(1024) - WORD
}

/// `[ low ][ block: 200 bytes ][ high: 1000 ]` at the start of a full heap.
fn between(heap: &mut Heap<'_>, align: usize) -> [NonNull<u8>; 3] {
    let low = take(heap, low_size(align));
    let hole = take(heap, 200);
    let high = take(heap, 1000);
    fill(heap, 400);
    fill(heap, 0);
    [low, aligned_in(heap, hole, align), high]
}

/// A block of 200 bytes at a multiple of `align` where one of them was: nothing else is free.
fn aligned_in(heap: &mut Heap<'_>, hole: NonNull<u8>, align: usize) -> NonNull<u8> {
    free(heap, hole);
    let block = heap.allocate(layout(200, align)).unwrap();
    assert_eq!(block, hole);
    write(block, 200, 77);
    block
}

#[test]
fn shrinking_stays_in_place_whatever_the_alignment() {
    for align in ALIGNS {
        let arena = arena();
        let mut heap: Heap<'_> = heap_over(&arena);
        let [_, block, _] = between(&mut heap, align);
        assert_eq!(reallocate(&mut heap, block, 50, align), Some(block));
        assert!(holds(block, 50, 77));
        assert!(heap.largest_allocatable() >= 100);
    }
}

#[test]
fn growing_forward_stays_in_place_whatever_the_alignment() {
    for align in ALIGNS {
        let arena = arena();
        let mut heap: Heap<'_> = heap_over(&arena);
        let [_, block, high] = between(&mut heap, align);
        free(&mut heap, high);
        assert_eq!(reallocate(&mut heap, block, 1100, align), Some(block));
        assert!(holds(block, 200, 77));
    }
}

/// Frees the lower neighbour (`true` for the higher one, too) and grows.
fn grow_backward(align: usize, size: usize, free_both: bool) {
    let arena = arena();
    let mut heap: Heap<'_> = heap_over(&arena);
    let [low, block, high] = between(&mut heap, align);
    free(&mut heap, low);
    if free_both {
        free(&mut heap, high);
    }
    let grown = reallocate(&mut heap, block, size, align).unwrap();
    assert!(grown < block, "{align} {size}");
    assert_eq!(grown.as_ptr() as usize % align, 0);
    assert!(holds(grown, 200, 77), "{align} {size}");
    write(grown, size, 1);
    assert_eq!(heap.validate(), Ok(()));
}

#[test]
fn growing_backward_keeps_contents_and_alignment() {
    for align in ALIGNS {
        grow_backward(align, 300, false);
        grow_backward(align, 700, false);
    }
}

#[test]
fn growing_both_ways_keeps_contents_and_alignment() {
    for align in ALIGNS {
        // More than either neighbour gives alone.
        grow_backward(align, low_size(align) + 500, true);
    }
}

/// On 32 bits it lies at the end of the free block until it grows for the first time.
#[test]
fn a_slightly_aligned_block_is_moved_once_to_grow_at_most() {
    for align in [16, 32] {
        let arena = arena();
        let mut heap: Heap<'_> = heap_over(&arena);
        let last = heap.allocate(layout(100, align)).unwrap();
        write(last, 100, 77);
        let block = reallocate(&mut heap, last, 200, align).unwrap();
        assert_eq!(block < last, WORD == 4);
        for size in [400, 800, 1600, 10_000] {
            assert_eq!(reallocate(&mut heap, block, size, align), Some(block));
        }
        assert!(holds(block, 100, 77));
    }
}

#[test]
fn moving_keeps_contents_and_alignment_and_frees_the_old_place() {
    for align in ALIGNS {
        let arena = arena();
        let mut heap: Heap<'_> = heap_over(&arena);
        let hole = take(&mut heap, 200);
        take(&mut heap, 10);
        let large = take(&mut heap, 9000 + low_size(align));
        fill(&mut heap, 0);
        let block = aligned_in(&mut heap, hole, align);
        free(&mut heap, large);
        let moved = reallocate(&mut heap, block, 9000, align).unwrap();
        assert!(moved > block);
        assert_eq!(moved.as_ptr() as usize % align, 0);
        assert!(holds(moved, 200, 77));
        let first = heap.blocks().next().map(|block| block.is_occupied());
        assert_eq!(first, Some(false), "the old place is free");
    }
}

#[test]
fn failing_to_resize_leaves_everything() {
    for align in ALIGNS {
        let arena = arena();
        let mut heap: Heap<'_> = heap_over(&arena);
        let [low, block, high] = between(&mut heap, align);
        let expect_failure = |heap: &mut Heap<'_>, size| {
            let before = picture(heap);
            assert_eq!(reallocate(heap, block, size, align), None);
            assert_eq!(picture(heap), before);
            assert!(holds(block, 200, 77));
        };
        expect_failure(&mut heap, 300);
        free(&mut heap, high);
        expect_failure(&mut heap, 1400);
        free(&mut heap, low);
        expect_failure(&mut heap, 10_000);
    }
}

/// Exact layouts; those of the other directions stand in `layouts`.
#[cfg(target_pointer_width = "64")]
mod pictures {
    use super::*;

    fn heap(arena: &Arena) -> Heap<'_> {
        let heap = heap_over(arena);
        assert_eq!(picture(&heap), ".400");
        heap
    }

    #[test]
    fn moving_takes_the_first_block_that_is_large_enough() {
        let arena = Arena::new(400 + OVERHEAD, 0);
        let mut heap = heap(&arena);
        let [a, _b] = [40, 40].map(|size| take(&mut heap, size));
        let moved = reallocate(&mut heap, a, 100, 1);
        assert_eq!(picture(&heap), ".48 #48 #112 .192");
        assert!(moved > Some(a));
    }

    #[test]
    fn growing_backward_over_an_aligned_place_leaves_a_gap() {
        let arena = Arena::new(400 + OVERHEAD, 0);
        let mut heap = heap(&arena);
        let low = take(&mut heap, 160);
        let line = heap.allocate(layout(40, 64)).unwrap();
        take(&mut heap, 96);
        assert_eq!(picture(&heap), "#168 .80 #48 #104");
        free(&mut heap, low);
        assert_eq!(picture(&heap), ".248 #48 #104");
        let grown = reallocate(&mut heap, line, 100, 64).unwrap();
        assert_eq!(grown.as_ptr() as usize + 192, line.as_ptr() as usize);
        assert_eq!(picture(&heap), ".56 #112 .128 #104");
    }

    #[test]
    fn a_rest_that_is_no_block_stays_when_shrinking_and_growing() {
        let arena = Arena::new(400 + OVERHEAD, 0);
        let mut heap = heap(&arena);
        let [a, _b] = [40, 40].map(|size| take(&mut heap, size));
        assert_eq!(reallocate(&mut heap, a, 24, 1), Some(a));
        assert_eq!(picture(&heap), "#48 #48 .304");
        assert_eq!(reallocate(&mut heap, a, 16, 1), Some(a));
        assert_eq!(picture(&heap), "#24 .24 #48 .304");
        assert_eq!(reallocate(&mut heap, a, 17, 1), Some(a));
        assert_eq!(picture(&heap), "#48 #48 .304");
    }
}
