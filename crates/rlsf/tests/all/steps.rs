//! A hardened heap that is checked in slices, while it is in use.

use crate::verbs::{free, layout, take, OVERHEAD, WORD};
use core::ptr::NonNull;
use rlsf::{Tlsf, Violation};
use rlsf_testkit::Arena;

/// Without a byte of padding: what is overwritten in it is always a field.
type Heap<'pool> = Tlsf<'pool, usize, usize, 12, 16>;

const BINS: usize = 12 * 16;

/// The bytes of a pool.
const HALF: usize = 480 + OVERHEAD;

/// The steps of a round: the start, blocks, pools' ends, bins, and the end.
fn steps_of(heap: &Heap<'_>) -> usize {
    1 + heap.blocks().count() + heap.pools().count() + BINS + 1
}

/// Checks the whole heap from the start on, `budget` steps at once; the number of calls.
fn round(heap: &mut Heap<'_>, budget: usize) -> Result<usize, Violation> {
    let mut calls = 1;
    while !heap.validate_step(budget)? {
        calls += 1;
    }
    Ok(calls)
}

/// A heap of two pools with blocks of every kind in both.
fn scene(arena: &Arena) -> Heap<'_> {
    let mut heap = Heap::new();
    for start in [HALF, 0] {
        // SAFETY: the arena outlives the heap.
        unsafe { heap.insert_free_block_ptr(arena.region(start, HALF)) }.unwrap();
        let blocks = [16, 40, 21, 40, 39, 40, 7].map(|size| take(&mut heap, size));
        for index in [1, 3, 5] {
            free(&mut heap, blocks[index]);
        }
        while heap.allocate(layout(60, 1)).is_some() {}
    }
    heap
}

fn arena() -> Arena {
    Arena::new(2 * HALF, 0)
}

#[test]
fn a_round_looks_once_at_every_block_pool_and_bin() {
    let arena = arena();
    let mut heap = scene(&arena);
    let steps = steps_of(&heap);
    for budget in [1, 2, 7, steps - 1, steps, steps + 1, usize::MAX] {
        assert_eq!(round(&mut heap, budget), Ok(steps.div_ceil(budget)));
    }
    assert_eq!(heap.validate_step(0), Ok(false));
    assert_eq!(round(&mut Heap::new(), 1), Ok(1 + BINS + 1));
}

/// Whether a round that has made `before` steps meets what `validate` meets.
fn is_met(heap: &mut Heap<'_>, budget: usize) -> bool {
    let whole = heap.validate();
    let step = round(heap, budget).map(|_| ());
    match whole {
        Ok(()) | Err(Violation::Sums | Violation::Statistics) => {
            // A step sees more than the sums, or nothing.
            whole.is_err() || step.is_ok()
        }
        Err(_) => step.is_err(),
    }
}

#[test]
fn whatever_is_damaged_in_a_pool_is_met_in_the_next_round() {
    let arena = arena();
    let mut heap = scene(&arena);
    let start = arena.whole().cast::<u8>().as_ptr();
    let mut damages = 0;
    for offset in 0..2 * HALF {
        let place = start.wrapping_add(offset);
        for bit in 0..8 {
            // SAFETY: a byte of the arena.
            let right = unsafe { place.read() };
            // SAFETY: as above.
            unsafe { place.write(right ^ 1 << bit) };
            assert!(is_met(&mut heap, 100), "{offset} {bit}");
            damages += usize::from(heap.validate().is_err());
            // SAFETY: as above.
            unsafe { place.write(right) };
            assert!(is_met(&mut heap, 100));
        }
    }
    // Headers, links and tags, which are words, and slack.
    assert!(damages > 8 * 37 * WORD, "{damages}");
}

#[test]
fn whatever_is_damaged_in_the_heap_is_met_or_harmless() {
    let arena = arena();
    let mut heap = scene(&arena);
    let start = (&raw mut heap).cast::<u8>();
    let mut damages = 0;
    for offset in 0..size_of::<Heap<'_>>() {
        let place = start.wrapping_add(offset);
        for bit in 0..8 {
            // SAFETY: a byte of the heap, of a type that any bits are of.
            let right = unsafe { place.read() };
            // SAFETY: as above.
            unsafe { place.write(right ^ 1 << bit) };
            // A cursor that is overwritten goes to another place, where all is well, or none.
            let met =
                heap.validate_step(3 * BINS).is_err() || heap.validate_step(3 * BINS).is_err();
            assert!(
                met || matches!(
                    heap.validate(),
                    Ok(()) | Err(Violation::Sums | Violation::Statistics)
                )
            );
            damages += usize::from(met);
            // SAFETY: as above.
            unsafe { place.write(right) };
            while !heap.validate_step(usize::MAX).unwrap() {}
        }
    }
    // All heads and bitmaps.
    assert!(damages > 8 * (BINS + 13) * WORD, "{damages}");
}

#[test]
fn steps_between_operations_find_nothing_and_end_rounds() {
    let arena = Arena::new(4 * (992 + OVERHEAD), 0);
    let mut rng = fastrand::Rng::with_seed(7);
    let mut heap: Heap<'_> = heap_over_first(&arena);
    let mut regions = [true, false, false, false];
    let mut live: Vec<NonNull<u8>> = Vec::new();
    let mut rounds = 0;
    for _ in 0..60_000 {
        let size = rng.usize(..150);
        match rng.u8(..10) {
            0..=3 => live.extend(heap.allocate(layout(size, 1))),
            4 => change_pool(&mut heap, &arena, &mut regions, rng.usize(1..4)),
            _ if live.is_empty() => {}
            5 => {
                let block = live.swap_remove(rng.usize(..live.len()));
                // SAFETY: a live block.
                let moved = unsafe { heap.reallocate(block, layout(size, 1)) };
                live.push(moved.unwrap_or(block));
            }
            _ => free(&mut heap, live.swap_remove(rng.usize(..live.len()))),
        }
        rounds += usize::from(heap.validate_step(rng.usize(..4)).unwrap());
        assert_eq!(heap.validate(), Ok(()));
    }
    // A round has about 250 steps, and a call takes one and a half.
    assert!(rounds > 200, "{rounds}");
}

fn heap_over_first(arena: &Arena) -> Heap<'_> {
    let mut heap = Heap::new();
    // SAFETY: the arena outlives the heap.
    unsafe { heap.insert_free_block_ptr(arena.region(0, 992 + OVERHEAD)) }.unwrap();
    heap
}

/// Gives a region as a pool of its own, or takes it back if it is not in use.
fn change_pool(heap: &mut Heap<'_>, arena: &Arena, regions: &mut [bool; 4], index: usize) {
    let region = arena.region(index * (992 + OVERHEAD), 992 + OVERHEAD);
    if regions[index] {
        // SAFETY: a pool of its own.
        regions[index] = unsafe { heap.remove_pool(region) }.is_err();
    } else {
        // SAFETY: the arena outlives the heap.
        regions[index] = unsafe { heap.insert_free_block_ptr(region) }.is_some();
    }
}

#[test]
fn a_check_goes_on_where_a_pool_has_become_longer() {
    let arena = Arena::new(1024 + OVERHEAD, 0);
    for before in 0..12 {
        let mut heap = Heap::new();
        // SAFETY: the arena outlives the heap.
        unsafe { heap.insert_free_block_ptr(arena.region(0, 512 + OVERHEAD)) }.unwrap();
        let blocks = [100; 4].map(|size| take(&mut heap, size));
        free(&mut heap, blocks[1]);
        assert_eq!(heap.validate_step(before), Ok(false));
        // SAFETY: what is appended lies behind the pool.
        let appended = unsafe {
            let end = heap.pools().next().unwrap().as_ptr();
            let start = end.as_ptr().cast::<u8>() as usize + end.len();
            let offset = start - arena.whole().cast::<u8>().as_ptr() as usize;
            heap.append_free_block_ptr(arena.region(offset, 512))
        };
        assert_eq!(appended, 512);
        assert_eq!(heap.validate_step(5), Ok(false));
        let last = take(&mut heap, 400);
        // SAFETY: one byte past the block.
        let past = unsafe { &mut *last.as_ptr().wrapping_add(400) };
        *past ^= 1;
        let met = (0..3).any(|_| heap.validate_step(BINS).is_err());
        assert!(met && heap.validate().is_err(), "{before}");
    }
}
