//! The pages inside of free blocks, a slice a step.

#![allow(clippy::incompatible_msrv)] // only the crate itself supports old compilers

use crate::verbs::layout;
use core::mem::MaybeUninit;
use core::ptr::NonNull;
use rlsf::{IdlePlace, Tlsf, TrimStep};
use std::collections::HashMap;

const PAGE: usize = 64;

type Heap<'pool> = Tlsf<'pool, u16, u16, 12, 16>;

/// The pages of free blocks, by their addresses.
fn idle_pages(heap: &Heap<'_>) -> Vec<usize> {
    let mut pages: Vec<usize> = heap
        .free_blocks(PAGE)
        .flat_map(|block| pages_of(block.idle_bytes()))
        .collect();
    pages.sort_unstable();
    pages
}

fn pages_of(bytes: NonNull<[u8]>) -> impl Iterator<Item = usize> {
    let first = bytes.cast::<u8>().as_ptr() as usize;
    let end = (first + bytes.len()) / PAGE * PAGE;
    ((first + PAGE - 1) / PAGE * PAGE..end).step_by(PAGE)
}

/// A heap of so many holes of different sizes, each between blocks in use.
fn with_holes(pool: &mut [MaybeUninit<u8>], holes: usize, sizes: usize) -> Heap<'_> {
    let mut heap = Heap::new();
    let _ = heap.insert_free_block(pool);
    let mut rng = fastrand::Rng::with_seed(7);
    let mut given = Vec::new();
    for _ in 0..holes {
        given.push(heap.allocate(layout(100 + rng.usize(..sizes), 8)).unwrap());
        heap.allocate(layout(1, 8)).unwrap();
    }
    for block in given {
        // SAFETY: a live block.
        unsafe { heap.deallocate(block, 8) };
    }
    heap
}

/// One step; every page that it shows is counted.
fn step(
    heap: &Heap<'_>,
    place: &mut IdlePlace,
    most: usize,
    met: &mut HashMap<usize, usize>,
) -> TrimStep {
    let mut bytes = 0;
    let step = heap.idle_step(place, PAGE, most, |slice| {
        assert_eq!(slice.cast::<u8>().as_ptr() as usize % PAGE, 0);
        bytes += slice.len();
        for page in pages_of(slice) {
            *met.entry(page).or_insert(0) += 1;
        }
    });
    assert_eq!(step.bytes, bytes);
    assert!(bytes <= most.max(PAGE));
    step
}

#[test]
fn a_round_shows_each_page_of_a_free_block_once() {
    let mut pool = vec![MaybeUninit::uninit(); 1 << 20];
    for (holes, sizes) in [(0, 1), (1, 1), (700, 1), (700, 900), (60, 9000)] {
        let heap = with_holes(&mut pool, holes, sizes);
        let pages = idle_pages(&heap);
        for most in [0, 1, PAGE, 3 * PAGE + 5, 100 * PAGE, usize::MAX] {
            let (mut place, mut met) = (IdlePlace::default(), HashMap::new());
            while !step(&heap, &mut place, most, &mut met).is_complete {}
            assert_eq!(place, IdlePlace::default());
            assert!(met.values().all(|&times| times == 1));
            let mut met: Vec<usize> = met.into_keys().collect();
            met.sort_unstable();
            assert_eq!(met, pages, "{holes} {sizes} {most}");
        }
    }
}

#[test]
fn a_step_looks_at_few_blocks_however_much_it_may_show() {
    let mut pool = vec![MaybeUninit::uninit(); 1 << 20];
    let heap = with_holes(&mut pool, 700, 900);
    let (mut place, mut met, mut steps) = (IdlePlace::default(), HashMap::new(), 1);
    while !step(&heap, &mut place, usize::MAX, &mut met).is_complete {
        steps += 1;
    }
    // 701 blocks, 64 a step.
    assert_eq!(steps, 11);
}

#[test]
fn the_larger_blocks_come_first() {
    let mut pool = vec![MaybeUninit::uninit(); 1 << 20];
    let heap = with_holes(&mut pool, 200, 9000);
    let (mut place, mut shown) = (IdlePlace::default(), Vec::new());
    while !heap
        .idle_step(&mut place, PAGE, usize::MAX, |slice| {
            shown.push(slice.len());
        })
        .is_complete
    {}
    // Within a bin, which is a sixteenth of an octave, any order will do.
    assert!(shown
        .windows(2)
        .all(|pair| pair[1] <= pair[0] + pair[0] / 16 + 2 * PAGE));
}

#[test]
fn what_is_allocated_and_freed_between_two_steps_does_no_harm() {
    let mut pool = vec![MaybeUninit::uninit(); 1 << 20];
    let mut heap = with_holes(&mut pool, 200, 4000);
    let mut rng = fastrand::Rng::with_seed(11);
    let (mut place, mut live) = (IdlePlace::default(), Vec::new());
    let mut rounds = 0;
    for _ in 0..20_000 {
        let idle = idle_pages(&heap);
        let step = heap.idle_step(&mut place, PAGE, rng.usize(..20 * PAGE), |slice| {
            assert!(pages_of(slice).all(|page| idle.binary_search(&page).is_ok()));
        });
        rounds += usize::from(step.is_complete);
        if rng.bool() {
            live.extend(heap.allocate(layout(rng.usize(1..3000), 8)));
        } else if !live.is_empty() {
            let block = live.swap_remove(rng.usize(..live.len()));
            // SAFETY: a live block.
            unsafe { heap.deallocate(block, 8) };
        }
    }
    assert!(rounds > 10, "{rounds}");
    assert_eq!(heap.validate(), Ok(()));
}

/// The highest rows of this kind are.
#[test]
fn bins_beyond_all_addresses_are_not_looked_at() {
    let mut pool = vec![MaybeUninit::uninit(); 1 << 16];
    let mut heap: Tlsf<'_, u64, u8, 64, 8> = Tlsf::new();
    heap.insert_free_block(&mut pool);
    let mut bytes = 0;
    let step = heap.idle_step(&mut IdlePlace::default(), PAGE, 1 << 20, |pages| {
        bytes += pages.len();
    });
    assert!(step.is_complete && step.bytes == bytes && bytes > (1 << 16) - 3 * PAGE);
    assert_eq!(heap.free_blocks(usize::MAX).count(), 0);
}

#[test]
fn idle_is_all_of_a_free_block_but_the_heaps_words() {
    const WORD: usize = size_of::<usize>();
    let mut pool = vec![MaybeUninit::uninit(); 1 << 16];
    let heap = with_holes(&mut pool, 50, 900);
    for block in heap.blocks() {
        let (start, end) = (block.as_ptr().cast::<u8>().as_ptr() as usize, block.size());
        let idle = block.idle_bytes();
        if block.is_occupied() {
            assert!(idle.is_empty());
            continue;
        }
        // Before them the header and two links, behind them the size.
        assert_eq!(idle.cast::<u8>().as_ptr() as usize, start + 3 * WORD);
        assert_eq!(idle.len(), end - 4 * WORD);
    }
}

#[test]
fn every_free_block_has_at_least_nothing() {
    let mut pool = vec![MaybeUninit::uninit(); 1 << 16];
    let heap = with_holes(&mut pool, 50, 900);
    let free = heap.blocks().filter(|block| !block.is_occupied()).count();
    assert_eq!(free, 51, "the holes and the rest");
    assert_eq!(heap.free_blocks(0).count(), free);
}
