//! The hardened heap: every misuse of a kind, at every place, is met by the operation that
//! touches it.

use crate::reports::report_of;
use crate::verbs::{free, grow, heap_over, layout, shrink, take, word, OVERHEAD, WORD};
use core::ptr::{self, NonNull};
use rlsf::{Misuse, Operation, Tlsf};
use rlsf_testkit::Arena;

type Heap<'pool> = Tlsf<'pool, usize, usize, 12, 16>;

/// The misuse that ends an operation.
fn caught(operation: impl FnOnce()) -> Option<(Misuse, Operation)> {
    let report = report_of(operation)?;
    let text = report.to_string();
    assert!(text.starts_with("rlsf: ") && text.lines().count() == 1);
    Some((report.misuse, report.operation))
}

fn misuse(operation: impl FnOnce()) -> Option<Misuse> {
    caught(operation).map(|(misuse, _)| misuse)
}

fn byte(block: NonNull<u8>, offset: isize) -> *mut u8 {
    block.as_ptr().wrapping_offset(offset)
}

/// Runs `check` with every other value in a byte, which is put back then.
fn with_every_other_value(place: *mut u8, mut check: impl FnMut(u8)) {
    // SAFETY: a byte of an arena.
    let right = unsafe { place.read() };
    for change in 1..=u8::MAX {
        // SAFETY: as above.
        unsafe { place.write(right ^ change) };
        check(right ^ change);
        // SAFETY: as above.
        unsafe { place.write(right) };
    }
}

fn arena() -> Arena {
    Arena::new(2048 + OVERHEAD, 0)
}

type Operate = fn(&mut Heap<'_>, NonNull<u8>, usize);

/// Every way to hand a block in, and what its report is to name.
const OPERATIONS: [(Operation, Operate); 5] = [
    (Operation::Deallocate, |heap, block, _| free(heap, block)),
    (Operation::Deallocate, |heap, block, size| {
        // SAFETY: not a live block, or not a sound one: that is what is tested.
        unsafe { heap.deallocate_sized(block, layout(size, 1)) };
    }),
    (Operation::Reallocate, |heap, block, _| {
        // SAFETY: as above.
        unsafe { heap.reallocate(block, layout(300, 1)) };
    }),
    (Operation::Grow, |heap, block, size| {
        grow(heap, block, size);
    }),
    (Operation::Shrink, |heap, block, size| {
        shrink(heap, block, size);
    }),
];

/// The sizes of requests up to three words and a granule leave every number of bytes of slack
/// that a request leaves in a block of its own size.
const SIZES: core::ops::Range<usize> = 0..3 * WORD + 9;

#[test]
fn an_overflow_by_one_byte_of_any_value_is_met_by_whatever_is_done_with_the_block() {
    // What lies behind: a used block, a free one, or the pool's end.
    for behind in 0..3 {
        for size in SIZES {
            let arena = arena();
            let mut heap: Heap<'_> = heap_over(&arena);
            let block = if behind == 2 {
                take(&mut heap, 2048 - WORD - size % 8)
            } else {
                take(&mut heap, size)
            };
            let size = if behind == 2 {
                2048 - WORD - size % 8
            } else {
                size
            };
            if behind == 0 {
                let _used = take(&mut heap, 20);
            }
            let past = byte(block, size.cast_signed());
            with_every_other_value(past, |value| {
                for (operation, operate) in OPERATIONS {
                    let met = caught(|| operate(&mut heap, block, size));
                    let (misuse, met_by) = met.unwrap();
                    assert!(
                        matches!(misuse, Misuse::Slack | Misuse::Next),
                        "{size} {value}"
                    );
                    assert_eq!(met_by, operation);
                }
                assert!(heap.validate().is_err());
            });
            assert_eq!(heap.validate(), Ok(()));
            free(&mut heap, block);
        }
    }
}

#[test]
fn an_overflow_into_slack_that_a_snug_block_left_is_met() {
    for size in 0..=40 {
        for room in 0..40 {
            let arena = arena();
            let mut heap: Heap<'_> = heap_over(&arena);
            let hole = take(&mut heap, size + room);
            let _wall = take(&mut heap, 20);
            free(&mut heap, hole);
            let block = take(&mut heap, size);
            // SAFETY: a live block.
            assert_eq!(unsafe { Heap::allocation_usable_size(block) }, size);
            for past in 0..WORD {
                let place = byte(block, (size + past).cast_signed());
                // SAFETY: within the arena.
                let right = unsafe { place.read() };
                // SAFETY: as above.
                unsafe { place.write(right ^ 0x55) };
                assert!(
                    misuse(|| free(&mut heap, block)).is_some(),
                    "{size} {room} {past}"
                );
                // SAFETY: as above.
                unsafe { place.write(right) };
            }
            free(&mut heap, block);
            assert_eq!(heap.validate(), Ok(()));
        }
    }
}

#[test]
fn what_was_asked_for_may_hold_anything_after_every_way_to_ask() {
    let arena = arena();
    let mut heap: Heap<'_> = heap_over(&arena);
    let mut rng = fastrand::Rng::with_seed(1);
    let mut live: Vec<NonNull<u8>> = Vec::new();
    for _ in 0..20_000 {
        let size = rng.usize(..120);
        let index = rng.usize(..live.len().max(1));
        match rng.u8(..8) {
            0..=2 => live.extend(heap.allocate(layout(size, 1 << rng.u32(..6)))),
            _ if live.is_empty() => {}
            3 => {
                // SAFETY: a live block.
                if let Some(moved) = unsafe { heap.reallocate(live[index], layout(size, 1)) } {
                    live[index] = moved;
                }
            }
            4 => _ = grow(&mut heap, live[index], size),
            5 => _ = shrink(&mut heap, live[index], size),
            _ => free(&mut heap, live.swap_remove(index)),
        }
        if let Some(&block) = live.get(index) {
            // SAFETY: a live block.
            let usable = unsafe { Heap::allocation_usable_size(block) };
            // SAFETY: as above.
            unsafe { block.as_ptr().write_bytes(rng.u8(..), usable) };
        }
        assert_eq!(heap.validate(), Ok(()));
    }
}

#[test]
fn a_write_before_a_block_is_met_when_it_is_handed_in() {
    for size in SIZES {
        let arena = arena();
        let mut heap: Heap<'_> = heap_over(&arena);
        let [before, block, _wall] = [40, size, 20].map(|size| take(&mut heap, size));
        if size % 2 == 0 {
            free(&mut heap, before);
        }
        for offset in 1..=WORD {
            with_every_other_value(byte(block, -offset.cast_signed()), |_| {
                for (_, operate) in OPERATIONS {
                    let met = misuse(|| operate(&mut heap, block, size));
                    assert_eq!(met, Some(Misuse::Header));
                }
            });
        }
        free(&mut heap, block);
    }
}

#[test]
fn a_block_is_freed_once_whatever_its_neighbours_are() {
    for neighbours in 0..4 {
        for size in [0, 5, 40, 333] {
            let arena = arena();
            let mut heap: Heap<'_> = heap_over(&arena);
            let [before, block, after, _wall] =
                [40, size, 50, 20].map(|size| take(&mut heap, size));
            if neighbours & 1 != 0 {
                free(&mut heap, before);
            }
            if neighbours & 2 != 0 {
                free(&mut heap, after);
            }
            free(&mut heap, block);
            for (_, operate) in OPERATIONS {
                let met = misuse(|| operate(&mut heap, block, size));
                assert_eq!(met, Some(Misuse::Free), "{neighbours} {size}");
            }
            assert_eq!(heap.validate(), Ok(()));
        }
    }
}

#[test]
fn a_block_that_has_moved_is_not_where_it_was() {
    let arena = arena();
    let mut heap: Heap<'_> = heap_over(&arena);
    let [before, block, _wall] = [400, 40, 20].map(|size| take(&mut heap, size));
    free(&mut heap, before);
    // SAFETY: a live block.
    let moved = unsafe { heap.reallocate(block, layout(100, 1)) };
    assert_eq!(moved, Some(before));
    assert_eq!(misuse(|| free(&mut heap, block)), Some(Misuse::Free));
}

#[test]
fn a_pointer_that_is_no_blocks_is_refused() {
    let [arena, other_arena] = [arena(), arena()];
    let mut heap: Heap<'_> = heap_over(&arena);
    let mut other: Heap<'_> = heap_over(&other_arena);
    let [block, _wall] = [200, 20].map(|size| take(&mut heap, size));
    let mut rng = fastrand::Rng::with_seed(1);
    for index in 0..200 {
        // SAFETY: a byte of the block.
        unsafe { byte(block, index).write(rng.u8(..)) };
    }
    for inside in 1..200 {
        let pointer = NonNull::new(byte(block, inside)).unwrap();
        let expected = if inside % 8 == 0 {
            Misuse::Header
        } else {
            Misuse::Misaligned
        };
        assert_eq!(misuse(|| free(&mut heap, pointer)), Some(expected));
    }
    let foreign = [
        take(&mut other, 10),
        NonNull::from(&mut [0_u64; 4]).cast(),
        NonNull::dangling(),
        NonNull::new(byte(block, 1 << 20)).unwrap(),
        NonNull::new(ptr::null_mut::<u8>().wrapping_sub(8)).unwrap(),
    ];
    for pointer in foreign {
        let met = misuse(|| free(&mut heap, pointer));
        assert!(
            matches!(met, Some(Misuse::Foreign | Misuse::Misaligned)),
            "{met:?}"
        );
    }
    // A copy of a live block's header, at another address.
    // SAFETY: the block's bytes.
    unsafe { ptr::copy_nonoverlapping(byte(block, -8), byte(block, 40), 8) };
    let forged = NonNull::new(byte(block, 48)).unwrap();
    assert_eq!(misuse(|| free(&mut heap, forged)), Some(Misuse::Header));
}

/// `[ free: oldest ][ used ][ free: middle ][ used ][ free: newest ][ used ]…`, all in one list.
fn listed<'arena>(arena: &'arena Arena) -> (Heap<'arena>, [NonNull<u8>; 3], [NonNull<u8>; 3]) {
    let mut heap: Heap<'arena> = heap_over(arena);
    let blocks = [(); 6].map(|()| take(&mut heap, 56));
    let [oldest, first, middle, second, newest, third] = blocks;
    for block in [oldest, middle, newest] {
        free(&mut heap, block);
    }
    (heap, [oldest, middle, newest], [first, second, third])
}

/// The misuse that an operation meets in a heap as above while a byte of an unused block has
/// another value: what is met in the middle of an operation leaves the heap as it is then.
fn met_by(
    place: usize,
    offset: isize,
    change: u8,
    operation: impl FnOnce(&mut Heap<'_>, [NonNull<u8>; 3]),
) -> Option<Misuse> {
    let arena = arena();
    let (mut heap, unused, used) = listed(&arena);
    let place = byte(unused[place], offset);
    // SAFETY: a byte of the arena.
    let right = unsafe { place.read() };
    // SAFETY: as above.
    unsafe { place.write(right ^ change) };
    misuse(|| operation(&mut heap, used))
}

#[test]
fn a_write_to_a_freed_blocks_links_is_met_before_they_are_followed() {
    for place in 0..3 {
        for offset in 0..2 * WORD {
            for change in 1..=u8::MAX {
                // The block is to join the one behind it, or the one before.
                let met = met_by(place, offset.cast_signed(), change, |heap, used| {
                    free(heap, used[place]);
                });
                assert_eq!(met, Some(Misuse::Links), "{place} {offset} {change}");
                if place < 2 {
                    let met = met_by(place + 1, offset.cast_signed(), change, |heap, used| {
                        free(heap, used[place]);
                    });
                    assert_eq!(met, Some(Misuse::Links), "{place} {offset} {change}");
                }
            }
        }
    }
}

#[test]
fn a_write_to_the_first_freed_blocks_link_is_met_when_it_is_taken() {
    let arena = arena();
    let (mut heap, [_, _, newest], _) = listed(&arena);
    // Its link back is not followed then.
    for offset in 0..WORD {
        with_every_other_value(byte(newest, offset.cast_signed()), |_| {
            assert_eq!(misuse(|| _ = take(&mut heap, 56)), Some(Misuse::Links));
        });
    }
    assert_eq!(take(&mut heap, 56), newest);
}

#[test]
fn a_write_to_a_freed_blocks_tag_or_header_is_met_by_its_neighbour() {
    for offset in 0..WORD.cast_signed() {
        for change in 1..=u8::MAX {
            // The last word of the block, which is of 64 bytes; and the first.
            let tag = (64 - 2 * WORD).cast_signed() + offset;
            let met = met_by(1, tag, change, |heap, used| free(heap, used[1]));
            assert_eq!(met, Some(Misuse::Previous), "{offset} {change}");
            let header = offset - WORD.cast_signed();
            let met = met_by(1, header, change, |heap, used| free(heap, used[1]));
            assert_eq!(met, Some(Misuse::Previous), "{offset} {change}");
            let met = met_by(1, header, change, |heap, used| free(heap, used[0]));
            assert_eq!(met, Some(Misuse::Next), "{offset} {change}");
        }
    }
}

/// The one change that the next block's seal does not show: both bits that tell of the block
/// before, in two bytes.
#[test]
#[cfg(target_pointer_width = "64")]
fn a_next_block_that_takes_this_one_for_free_is_met() {
    let arena = arena();
    let mut heap: Heap<'_> = heap_over(&arena);
    let [block, next] = [40, 40].map(|size| take(&mut heap, size));
    let header = word(next, -1);
    // SAFETY: a word of the arena.
    let right = unsafe { header.read() };
    // SAFETY: as above.
    unsafe { header.write(right ^ 0x8080 << 48) };
    for (_, operate) in OPERATIONS {
        let met = misuse(|| operate(&mut heap, block, 40));
        assert_eq!(met, Some(Misuse::Next));
    }
    // SAFETY: as above.
    unsafe { header.write(right) };
    free(&mut heap, block);
    free(&mut heap, next);
    assert_eq!(heap.validate(), Ok(()));
}

#[test]
fn a_pool_has_the_key_that_was_set_or_one_of_its_own() {
    let arena = arena();
    let mut words = Vec::new();
    for key in [None, Some(1), Some(u64::MAX), Some(1 << 63)] {
        let mut heap = Heap::new();
        if let Some(key) = key {
            heap.set_key(key);
        }
        // SAFETY: the arena outlives the heap.
        unsafe { heap.insert_free_block_ptr(arena.whole()) }.unwrap();
        let block = take(&mut heap, 16);
        heap.set_key(17); // too late
        assert_eq!(heap.validate(), Ok(()));
        // SAFETY: the word before a block.
        words.push(unsafe { word(block, -1).read() });
    }
    words.sort_unstable();
    words.dedup();
    assert_eq!(words.len(), 4);
}

#[test]
fn misuses_in_each_of_several_pools_are_met() {
    let arena = Arena::new(4 * (480 + OVERHEAD), 0);
    let mut heap = Heap::new();
    for pool in [2, 0, 3, 1] {
        let region = arena.region(pool * (480 + OVERHEAD), 480 + OVERHEAD);
        // SAFETY: the arena outlives the heap.
        unsafe { heap.insert_free_block_ptr(region) }.unwrap();
    }
    let blocks = [(); 4].map(|()| take(&mut heap, 480 - WORD));
    for block in blocks {
        with_every_other_value(byte(block, (480 - WORD).cast_signed()), |_| {
            assert_eq!(misuse(|| free(&mut heap, block)), Some(Misuse::Next));
        });
        free(&mut heap, block);
        assert_eq!(misuse(|| free(&mut heap, block)), Some(Misuse::Free));
    }
    assert_eq!(heap.validate(), Ok(()));
}

#[test]
fn where_a_pool_ends_is_no_block() {
    for is_full in [false, true] {
        let arena = Arena::new(2 * (480 + OVERHEAD), 0);
        let mut heap = Heap::new();
        let mut ends = Vec::new();
        for pool in [0, 1] {
            let region = arena.region(pool * (480 + OVERHEAD), 480 + OVERHEAD);
            // SAFETY: the arena outlives the heap.
            unsafe { heap.insert_free_block_ptr(region) }.unwrap();
            let block = take(&mut heap, 480 - WORD);
            ends.push(NonNull::new(byte(block, 480)).unwrap());
            if !is_full {
                free(&mut heap, block);
            }
        }
        for (end, (operation, operate)) in ends
            .iter()
            .flat_map(|&end| OPERATIONS.map(|way| (end, way)))
        {
            let met = caught(|| operate(&mut heap, end, 8));
            let foreign = Some((Misuse::Foreign, operation));
            assert_eq!(met, foreign, "{end:?} of {ends:?}, {is_full}");
        }
        assert_eq!(heap.validate(), Ok(()));
    }
}
