//! What can be told of a block while another thread is using its heap.

use crate::verbs::{free, heap_over, take, WORD};
use core::ptr::NonNull;
use rlsf::{Misuse, Tlsf, GRANULARITY};
use rlsf_testkit::Arena;

type Heap<'pool> = Tlsf<'pool, u16, u16, 12, 16>;

const POOL: usize = 4000;

fn glance(block: NonNull<u8>, pool: NonNull<[u8]>) -> Result<usize, Misuse> {
    // SAFETY: a pool of a heap, as long as the test goes.
    unsafe { Heap::examine_shared(block, GRANULARITY, pool) }
}

/// So many bytes behind a block's start.
fn behind(block: NonNull<u8>, bytes: usize) -> NonNull<u8> {
    NonNull::new(block.as_ptr().wrapping_add(bytes)).unwrap()
}

#[test]
fn blocks_in_use_are_told_with_their_bytes() {
    let arena = Arena::new(POOL, 0);
    let mut heap: Heap = heap_over(&arena);
    let pool = heap.pools().next().unwrap().as_ptr();
    let blocks: Vec<_> = (0..40).map(|size| take(&mut heap, size)).collect();
    for &block in &blocks {
        // SAFETY: a live block.
        let bytes = unsafe { Heap::allocation_usable_size(block) };
        assert_eq!(glance(block, pool), Ok(bytes));
    }
    // Whether the block before is in use or not.
    for &block in blocks.iter().step_by(2) {
        free(&mut heap, block);
        assert_eq!(glance(block, pool), Err(Misuse::Free));
    }
    for &block in blocks.iter().skip(1).step_by(2) {
        // SAFETY: a live block.
        let bytes = unsafe { Heap::allocation_usable_size(block) };
        assert_eq!(glance(block, pool), Ok(bytes));
    }
}

#[test]
fn what_is_no_blocks_place_is_refused() {
    let arena = Arena::new(POOL, 0);
    let mut heap: Heap = heap_over(&arena);
    let pool = heap.pools().next().unwrap().as_ptr();
    let block = take(&mut heap, 100);
    for bytes in 1..GRANULARITY {
        assert_eq!(glance(behind(block, bytes), pool), Err(Misuse::Misaligned));
    }
    let (start, end) = (arena.address(), arena.address() + POOL);
    for place in [start - 64, start, end, end + 1000] {
        let place = place / GRANULARITY * GRANULARITY;
        let place = behind(block, place.wrapping_sub(block.as_ptr() as usize));
        assert_eq!(glance(place, pool), Err(Misuse::Foreign));
    }
}

/// Words that may stand before a pointer: sizes of all kinds, flags, text, single bits.
fn words() -> Vec<usize> {
    let small = 0..2 * POOL;
    let bits = (0..usize::BITS).map(|bit| 1 << bit);
    let filled = (0..=u8::MAX).map(|byte| usize::from_ne_bytes([byte; WORD]));
    let large = (0..64).map(|below| usize::MAX - below);
    let bits: Vec<usize> = bits.collect();
    let pairs = bits
        .iter()
        .flat_map(|one| bits.iter().map(move |other| one | other));
    small.chain(filled).chain(large).chain(pairs).collect()
}

#[test]
fn nothing_beyond_the_pool_is_believed() {
    let arena = Arena::new(POOL, 0);
    let mut heap: Heap = heap_over(&arena);
    let pool = heap.pools().next().unwrap().as_ptr();
    let end = arena.address() + POOL;
    let block = take(&mut heap, POOL / 2);
    let mut believed = 0;
    for inside in [64, 1024] {
        let before = behind(block, inside - WORD).cast::<usize>();
        let inside = behind(block, inside);
        for word in words() {
            // SAFETY: within the block.
            unsafe { before.as_ptr().write(word) };
            if let Ok(bytes) = glance(inside, pool) {
                believed += 1;
                let address = inside.as_ptr() as usize;
                assert!(bytes < POOL && address + bytes < end, "{word:#x}");
            }
        }
    }
    assert!(believed > 0, "what looks like a header is taken for one");
}
