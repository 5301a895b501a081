//! What a heap looks like after known steps, as pictures. (64-bit figures.)
#![cfg(target_pointer_width = "64")]

use crate::verbs::OVERHEAD;
use core::alloc::Layout;
use core::ptr::NonNull;
use rlsf::Tlsf;
use rlsf_testkit::{picture, Arena};

type Heap<'pool> = Tlsf<'pool, u16, u16, 12, 16>;

/// A heap with one free block of 400 bytes at a multiple of 64 Ki.
fn heap(arena: &Arena) -> Heap<'_> {
    let mut heap = Heap::new();
    // SAFETY: the arena outlives the heap.
    unsafe { heap.insert_free_block_ptr(arena.whole()) }.unwrap();
    assert_eq!(picture(&heap), ".400");
    heap
}

fn arena() -> Arena {
    Arena::new(400 + OVERHEAD, 0)
}

fn take(heap: &mut Heap<'_>, size: usize) -> NonNull<u8> {
    heap.allocate(Layout::from_size_align(size, 1).unwrap())
        .unwrap()
}

fn free(heap: &mut Heap<'_>, block: NonNull<u8>) {
    // SAFETY: the tests pass live blocks.
    unsafe { heap.deallocate(block, 1) };
    assert_eq!(heap.validate(), Ok(()));
}

#[test]
fn a_block_is_split_from_the_front_of_a_free_one() {
    let arena = arena();
    let mut heap = heap(&arena);
    take(&mut heap, 16);
    assert_eq!(picture(&heap), "#24 .376");
    take(&mut heap, 17);
    assert_eq!(picture(&heap), "#24 #32 .344");
    take(&mut heap, 0);
    assert_eq!(picture(&heap), "#24 #32 #24 .320");
}

#[test]
fn freeing_between_two_free_neighbours_leaves_one_block() {
    let arena = arena();
    let mut heap = heap(&arena);
    let [a, b, c, _d] = [40, 24, 56, 8].map(|size| take(&mut heap, size));
    assert_eq!(picture(&heap), "#48 #32 #64 #24 .232");
    free(&mut heap, a);
    free(&mut heap, c);
    assert_eq!(picture(&heap), ".48 #32 .64 #24 .232");
    free(&mut heap, b);
    assert_eq!(picture(&heap), ".144 #24 .232");
}

#[test]
fn freeing_merges_with_the_block_before_or_behind() {
    let arena = arena();
    let mut heap = heap(&arena);
    let [a, b, c] = [40, 24, 56].map(|size| take(&mut heap, size));
    free(&mut heap, a);
    free(&mut heap, b);
    assert_eq!(picture(&heap), ".80 #64 .256");
    free(&mut heap, c);
    assert_eq!(picture(&heap), ".400");
}

#[test]
fn a_free_block_of_the_least_size_is_found_from_behind() {
    let arena = arena();
    let mut heap = heap(&arena);
    let [a, b, c] = [1, 1, 1].map(|size| take(&mut heap, size));
    free(&mut heap, a);
    assert_eq!(picture(&heap), ".24 #24 #24 .328");
    free(&mut heap, b);
    assert_eq!(picture(&heap), ".48 #24 .328");
    free(&mut heap, c);
    assert_eq!(picture(&heap), ".400");
}

#[test]
fn a_rest_that_is_no_block_stays_with_the_block() {
    let arena = arena();
    let mut heap = heap(&arena);
    take(&mut heap, 400 - 8 - 16);
    assert_eq!(picture(&heap), "#400");
}

#[test]
fn an_over_aligned_block_leaves_its_gap_free() {
    let arena = arena();
    let mut heap = heap(&arena);
    let line = heap
        .allocate(Layout::from_size_align(40, 64).unwrap())
        .unwrap();
    assert_eq!(picture(&heap), ".56 #48 .296");
    take(&mut heap, 48);
    assert_eq!(picture(&heap), "#56 #48 .296");
    free(&mut heap, line);
    assert_eq!(picture(&heap), "#56 .344");
    // A snug block: at the highest aligned address nothing is left behind.
    take(&mut heap, 208);
    assert_eq!(picture(&heap), "#56 #216 .128");
    heap.allocate(Layout::from_size_align(16, 64).unwrap())
        .unwrap();
    assert_eq!(picture(&heap), "#56 #216 .104 #24");
}

#[test]
fn growing_forward_takes_what_it_needs_of_the_next_block() {
    let arena = arena();
    let mut heap = heap(&arena);
    let a = take(&mut heap, 40);
    // SAFETY: a live block.
    unsafe { heap.reallocate(a, Layout::from_size_align(100, 1).unwrap()) }.unwrap();
    assert_eq!(picture(&heap), "#112 .288");
}

#[test]
fn growing_backward_moves_the_block_down() {
    let arena = arena();
    let mut heap = heap(&arena);
    let [a, b, _c] = [100, 40, 16].map(|size| take(&mut heap, size));
    free(&mut heap, a);
    assert_eq!(picture(&heap), ".112 #48 #24 .216");
    // SAFETY: a live block.
    let grown = unsafe { heap.reallocate(b, Layout::from_size_align(120, 1).unwrap()) };
    assert_eq!(grown, Some(a));
    assert_eq!(picture(&heap), "#128 .32 #24 .216");
}

#[test]
fn growing_both_ways_uses_both_neighbours() {
    let arena = arena();
    let mut heap = heap(&arena);
    let [a, b, c, _d] = [40, 40, 40, 248].map(|size| take(&mut heap, size));
    free(&mut heap, a);
    free(&mut heap, c);
    assert_eq!(picture(&heap), ".48 #48 .48 #256");
    // SAFETY: a live block.
    let grown = unsafe { heap.reallocate(b, Layout::from_size_align(100, 1).unwrap()) };
    assert_eq!(grown, Some(a));
    assert_eq!(picture(&heap), "#112 .32 #256");
}

#[test]
fn shrinking_gives_the_rest_to_the_next_block() {
    let arena = arena();
    let mut heap = heap(&arena);
    let a = take(&mut heap, 200);
    // SAFETY: a live block.
    unsafe { heap.shrink_in_place(a, 50) }.unwrap();
    assert_eq!(picture(&heap), "#64 .336");
}
