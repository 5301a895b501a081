//! What was there once is there again: good fit without false failures.

use crate::parameters::for_every_parameter_set;
use crate::verbs::{ask, fill, free, heap_over, layout, take, LEAST, OVERHEAD, WORD};
use core::ptr::NonNull;
use rlsf::int::BinInteger;
use rlsf::{Tlsf, GRANULARITY};
use rlsf_testkit::Arena;

for_every_parameter_set!(
    a_freed_size_can_be_had_again_in_an_otherwise_full_heap,
    a_lone_free_block_serves_its_whole_payload,
    a_heap_of_many_small_blocks_serves_a_freed_size_again,
    the_largest_allocatable_size_is_really_got,
);

/// Allocates `size` bytes, fills the rest, frees them and asks again.
fn refit<FL: BinInteger, SL: BinInteger, const FLLEN: usize, const SLLEN: usize>(
    arena: &Arena,
    size: usize,
) {
    let mut heap = heap_over::<FL, SL, FLLEN, SLLEN>(arena);
    take(&mut heap, 0);
    let block = take(&mut heap, size);
    fill(&mut heap, 600);
    fill(&mut heap, 0);
    free(&mut heap, block);
    assert_eq!(ask(&mut heap, size), Some(block), "{size} bytes again");
}

fn a_freed_size_can_be_had_again_in_an_otherwise_full_heap<
    FL: BinInteger,
    SL: BinInteger,
    const FLLEN: usize,
    const SLLEN: usize,
>() {
    let bytes = Tlsf::<FL, SL, FLLEN, SLLEN>::LARGEST_BLOCK.min(24_000) & !7;
    let arena = Arena::new(bytes + OVERHEAD, 0);
    if bytes < 2 * LEAST {
        return; // one block is all that such a pool has
    }
    let most = (bytes - WORD).saturating_sub(3 * LEAST);
    for size in (0..=most).step_by(1 + most / 400) {
        refit::<FL, SL, FLLEN, SLLEN>(&arena, size);
    }
    refit::<FL, SL, FLLEN, SLLEN>(&arena, most);
}

#[test]
fn every_size_up_to_20_000_can_be_had_again_in_an_otherwise_full_heap() {
    let arena = Arena::new(21_000, 0);
    for size in 1..=20_000 {
        refit::<u16, u16, 12, 16>(&arena, size);
        refit::<u32, u32, 20, 8>(&arena, size);
    }
}

/// Frees one block among many of nearly its size, which are in use, while
/// smaller ones are free.
fn a_heap_of_many_small_blocks_serves_a_freed_size_again<
    FL: BinInteger,
    SL: BinInteger,
    const FLLEN: usize,
    const SLLEN: usize,
>() {
    let bytes = Tlsf::<FL, SL, FLLEN, SLLEN>::LARGEST_BLOCK.min(30_000) & !7;
    let arena = Arena::new(bytes + OVERHEAD, 0);
    let mut rng = fastrand::Rng::with_seed(11);
    for _ in 0..40 {
        let mut heap = heap_over::<FL, SL, FLLEN, SLLEN>(&arena);
        let mut live: Vec<(NonNull<u8>, usize)> = Vec::new();
        let top = rng.usize(16..4000);
        loop {
            let size = rng.usize(..top);
            match ask(&mut heap, size) {
                Some(block) => live.push((block, size)),
                None => break,
            }
        }
        fill(&mut heap, 0);
        rng.shuffle(&mut live);
        // Holes of other sizes first; then what is freed last is asked for.
        let holes = live.len() / 3;
        for &(block, _) in &live[..holes] {
            free(&mut heap, block);
        }
        for &(block, size) in &live[holes..] {
            free(&mut heap, block);
            assert!(ask(&mut heap, size).is_some(), "{size} bytes again");
        }
        assert_eq!(heap.validate(), Ok(()));
    }
}

/// Asks a heap of one free block of `bytes` for its payload, and for more.
fn lone_block<FL: BinInteger, SL: BinInteger, const FLLEN: usize, const SLLEN: usize>(
    arena: &Arena,
    bytes: usize,
) {
    let mut heap = Tlsf::<'_, FL, SL, FLLEN, SLLEN>::new();
    // SAFETY: the arena outlives the heap.
    unsafe { heap.insert_free_block_ptr(arena.region(0, bytes + OVERHEAD)) }.unwrap();
    let blocks: Vec<usize> = heap.blocks().map(|block| block.size()).collect();
    assert_eq!(blocks, [bytes]);
    assert_eq!(heap.largest_allocatable(), bytes - WORD);
    assert_eq!(ask(&mut heap, bytes - WORD + 1), None);
    let block = take(&mut heap, bytes - WORD);
    free(&mut heap, block);
    take(&mut heap, bytes - WORD - GRANULARITY.min(bytes - WORD));
}

fn a_lone_free_block_serves_its_whole_payload<
    FL: BinInteger,
    SL: BinInteger,
    const FLLEN: usize,
    const SLLEN: usize,
>() {
    let most = Tlsf::<FL, SL, FLLEN, SLLEN>::LARGEST_BLOCK.min(1 << 16) & !7;
    let arena = Arena::new(most + OVERHEAD, 0);
    for bytes in (LEAST..=most).step_by(GRANULARITY) {
        lone_block::<FL, SL, FLLEN, SLLEN>(&arena, bytes);
    }
}

#[test]
fn a_lone_free_block_of_a_mebibyte_serves_its_whole_payload() {
    let arena = Arena::new((1 << 20) + OVERHEAD + 4096, 0);
    for bytes in ((1 << 20) - 4096..(1 << 20) + 4096).step_by(GRANULARITY) {
        lone_block::<u32, u32, 20, 32>(&arena, bytes);
    }
}

fn the_largest_allocatable_size_is_really_got<
    FL: BinInteger,
    SL: BinInteger,
    const FLLEN: usize,
    const SLLEN: usize,
>() {
    let arena = Arena::new(30_000, 3);
    let mut heap = heap_over::<FL, SL, FLLEN, SLLEN>(&arena);
    let mut rng = fastrand::Rng::with_seed(5);
    let mut live = Vec::new();
    for _ in 0..3000 {
        let largest = heap.largest_allocatable();
        if largest > 0 {
            let probe = take(&mut heap, largest);
            free(&mut heap, probe);
        }
        let free_blocks = heap.blocks().filter(|block| !block.is_occupied());
        let really = free_blocks.map(|block| block.max_payload_size()).max();
        assert!(largest <= really.unwrap_or(0));
        assert!(
            largest >= really.unwrap_or(0) / SLLEN * (SLLEN - 1),
            "{largest} {really:?}"
        );
        if rng.u8(..5) < 3 {
            live.extend(heap.allocate(layout(rng.usize(..700), 1 << rng.u32(..6))));
        } else if !live.is_empty() {
            free(&mut heap, live.swap_remove(rng.usize(..live.len())));
        }
    }
}

/// Sizes of one bin: which of the two leads its list depends on what was freed last.
#[test]
fn the_larger_of_two_blocks_of_a_bin_is_known_whichever_was_freed_last() {
    const SIZES: [usize; 4] = [520, LEAST, 536, LEAST];
    let bytes: usize = SIZES.iter().sum();
    for last in [0, 2] {
        let arena = Arena::new(bytes + OVERHEAD, 0);
        let mut heap = heap_over::<u16, u16, 12, 16>(&arena);
        let blocks = SIZES.map(|size| take(&mut heap, size - WORD));
        free(&mut heap, blocks[2 - last]);
        free(&mut heap, blocks[last]);
        assert_eq!(heap.largest_allocatable(), 536 - WORD);
    }
}
