//! Middle blocks that rest.

use crate::alone::{alone, is_instrumented, repetitions, validate};
use crate::block::Block;
use crate::process::limit;
use core::alloc::Layout;
use core::ptr::NonNull;
use rlsf::{CAlloc, Misuse};
use rlsf_threads::ThreadedTlsf;
use std::thread;

const HEAP: ThreadedTlsf = ThreadedTlsf::new();
const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;

/// An address that can be sent to another thread.
struct Address(NonNull<u8>);

// SAFETY: who has it says what may be done there.
unsafe impl Send for Address {}

fn allocate(size: usize) -> NonNull<u8> {
    let layout = Layout::from_size_align(size, 1).unwrap();
    HEAP.allocate_checked(layout).unwrap()
}

fn free(block: NonNull<u8>) -> Result<(), Misuse> {
    // SAFETY: nobody uses it, if it is a block.
    unsafe { HEAP.deallocate_checked(block) }
}

/// Replaces blocks of up to so many bytes that are picked by chance.
fn replace(live: &mut [Block], most: usize, times: usize, rng: &mut fastrand::Rng) {
    for _ in 0..times {
        let index = rng.usize(..live.len());
        live[index] = Block::of(rng.usize(2 * KIB..most), 1, 7);
    }
}

/// So many blocks of 2 KiB and more.
fn blocks(number: usize, most: usize, rng: &mut fastrand::Rng) -> Vec<Block> {
    let sizes = (0..number).map(|_| rng.usize(2 * KIB..most));
    sizes.map(|size| Block::of(size, 1, 7)).collect()
}

#[test]
fn a_freed_block_serves_requests_of_nearly_its_size() {
    alone(|| {
        // So much that a few of each size may rest.
        let mut rng = fastrand::Rng::with_seed(1);
        let live = blocks(400, 32 * KIB, &mut rng);
        for size in (2033..32 * KIB).step_by(97) {
            let block = allocate(size);
            assert_eq!(free(block), Ok(()));
            let again = allocate(size);
            assert_eq!(again, block, "{size}");
            assert_eq!(free(again), Ok(()));
        }
        drop(live);
        // SAFETY: alone.
        unsafe { validate() };
    });
}

#[test]
fn sizes_that_only_come_have_no_waste() {
    alone(|| {
        const SIZE: usize = 4368;
        // The first segment is the one of slabs, too.
        let before = HEAP.statistics();
        let live: Vec<_> = (0..3000).map(|_| Block::of(SIZE, 1, 1)).collect();
        let after = HEAP.statistics();
        let segments = after.segment_bytes - before.segment_bytes;
        let most = live.len() * (SIZE + 16) + 5 * MIB;
        assert!(segments <= most, "{segments}");
        let bytes = after.live_bytes - before.live_bytes;
        let others = live.capacity() * size_of::<Block>() + 4 * KIB;
        let most = live.len() * (SIZE + 16) + others;
        assert!(!cfg!(feature = "stats") || bytes <= most, "{bytes}");
    });
}

#[test]
fn sizes_that_come_and_go_are_whole_sizes() {
    alone(|| {
        let mut rng = fastrand::Rng::with_seed(2);
        let mut live = blocks(500, 32 * KIB, &mut rng);
        let times = repetitions(100_000).max(20_000);
        replace(&mut live, 32 * KIB, times, &mut rng);
        // SAFETY: alone.
        unsafe { validate() };
        let wholes = live.iter().filter(|block| {
            let block = NonNull::new(block.address() as *mut u8).unwrap();
            // SAFETY: a block in use.
            unsafe { ThreadedTlsf::allocation_usable_size(block) % 256 == 8 }
        });
        let wholes = wholes.count();
        assert!(wholes * 2 > live.len(), "{wholes}");
    });
}

#[test]
fn segments_go_back_when_nothing_is_in_use_though_blocks_rest() {
    alone(|| {
        let mut rng = fastrand::Rng::with_seed(3);
        drop(blocks(10, 32 * KIB, &mut rng));
        let before = HEAP.statistics().segment_bytes;
        for most in [4 * KIB, 32 * KIB, 40 * KIB] {
            let mut live = blocks(3000, most, &mut rng);
            replace(&mut live, most, repetitions(20_000), &mut rng);
            assert!(HEAP.statistics().segment_bytes >= before + 4 * MIB);
            // SAFETY: alone.
            unsafe { validate() };
            rng.shuffle(&mut live);
            while live.len() > 1500 {
                live.pop();
            }
            // SAFETY: alone.
            unsafe { validate() };
            drop(live);
            assert_eq!(HEAP.statistics().segment_bytes, before, "{most}");
        }
        HEAP.trim();
        // SAFETY: alone.
        unsafe { validate() };
    });
}

#[test]
fn a_trim_gives_back_what_rests() {
    alone(|| {
        let mut rng = fastrand::Rng::with_seed(4);
        for in_steps in [false, true] {
            let mut live = blocks(300, 32 * KIB, &mut rng);
            replace(&mut live, 32 * KIB, 5000, &mut rng);
            drop(live);
            if in_steps {
                while !HEAP.trim_step(64 * KIB).is_complete {}
            } else {
                HEAP.trim();
            }
            // Nothing but free memory is left of them: it has room for one of 256 KiB without
            // another segment.
            let before = HEAP.statistics().segment_bytes;
            let block = Block::of(256 * KIB, 1, 1);
            assert!(HEAP.statistics().segment_bytes <= before.max(4 * MIB));
            drop(block);
            // SAFETY: alone.
            unsafe { validate() };
        }
    });
}

/// Where the next block begins that is cut from the same free one.
fn behind(block: NonNull<u8>) -> usize {
    // SAFETY: a block in use.
    block.as_ptr() as usize + unsafe { ThreadedTlsf::allocation_usable_size(block) } + 8
}

#[test]
fn bytes_behind_a_slab_that_are_no_block_are_not_counted_as_given_back() {
    alone(|| {
        const SLAB: usize = 16 * KIB;
        let begin = behind(allocate(40 * KIB));
        // The next block is to begin one stride behind where a slab may end.
        let end = (begin + 40 * KIB).next_multiple_of(SLAB) + 16;
        // A hardened heap has a byte behind each request.
        let hole = allocate(end - begin - 8 - usize::from(cfg!(feature = "hardened")));
        let next = allocate(40 * KIB);
        assert_eq!(
            (hole.as_ptr() as usize, next.as_ptr() as usize),
            (begin, end)
        );
        assert_eq!(free(hole), Ok(()));
        // The slab's second block has what is behind the slab given back.
        let blocks = [allocate(1900), allocate(1900)];
        assert!(blocks
            .iter()
            .all(|block| (end - SLAB - 16..end).contains(&(block.as_ptr() as usize))));
        // SAFETY: alone.
        unsafe { validate() };
        assert!([blocks[0], blocks[1], next]
            .into_iter()
            .all(|block| free(block) == Ok(())));
    });
}

#[test]
fn without_memory_for_a_segment_all_that_rests_serves() {
    if is_instrumented() {
        return;
    }
    alone(|| {
        const SMALLER: usize = 16 * KIB;
        let mut smaller = Vec::with_capacity(20_000);
        let larger: Vec<_> = (0..400).map(|_| allocate(32 * KIB)).collect();
        limit(300 << 20);
        let layout = Layout::from_size_align(SMALLER, 1).unwrap();
        smaller.extend(core::iter::from_fn(|| HEAP.allocate_checked(layout)));
        smaller.sort_unstable();
        let mut runs =
            smaller.chunk_by(|a, b| b.as_ptr() as usize - (a.as_ptr() as usize) < SMALLER + 64);
        let run = runs.find(|run| run.len() >= 30).unwrap();
        // More of these than are given back before a segment is asked for, no two side by side.
        for block in larger.iter().step_by(2).chain(&run[..20]) {
            assert_eq!(free(*block), Ok(()));
        }
        let whole = HEAP.allocate_checked(Layout::from_size_align(15 * SMALLER, 1).unwrap());
        // What tells of a failure needs memory.
        limit(u64::MAX);
        assert!(whole.is_some());
        // SAFETY: alone.
        unsafe { validate() };
    });
}

#[test]
fn a_block_that_rests_is_found_to_be_free() {
    alone(|| {
        // So much that one of each size may rest.
        let live = blocks(400, 32 * KIB, &mut fastrand::Rng::with_seed(5));
        for size in [2100, 5000, 32 * KIB] {
            let block = allocate(size);
            assert_eq!(free(block), Ok(()));
            assert_eq!(HEAP.usable_size_checked(block), Err(Misuse::Free));
            assert_eq!(free(block), Err(Misuse::Free), "{size}");
        }
        drop(live);
    });
}

#[test]
fn a_block_that_another_thread_has_freed_is_found_to_be_free_by_both() {
    for size in [2100, 5000, 32 * KIB, 200 * KIB] {
        let block = allocate(size);
        let address = Address(block);
        let other = thread::spawn(move || {
            let address = address;
            assert_eq!(free(address.0), Ok(()));
            assert_eq!(free(address.0), Err(Misuse::Free));
        });
        other.join().unwrap();
        assert_eq!(free(block), Err(Misuse::Free), "{size}");
    }
}

#[test]
fn another_threads_pointer_into_a_larger_block_is_found() {
    alone(|| {
        for size in [2100, 5000, 32 * KIB, 200 * KIB] {
            let block = allocate(size);
            for value in 0..=u8::MAX {
                // SAFETY: a live block of so many bytes.
                unsafe { block.write_bytes(value, size) };
                for offset in [1, 8, 16, 64, 2000] {
                    // SAFETY: within the block.
                    let inside = Address(unsafe { block.add(offset) });
                    let told = thread::spawn(move || {
                        let inside = inside;
                        (free(inside.0), HEAP.usable_size_checked(inside.0).is_err())
                    });
                    let misuse = if offset % 16 > 0 {
                        Misuse::Misaligned
                    } else {
                        Misuse::Header
                    };
                    assert_eq!(told.join().unwrap(), (Err(misuse), true), "{size} {value}");
                }
            }
            assert_eq!(free(block), Ok(()));
        }
        // SAFETY: alone, and the threads were joined.
        unsafe { validate() };
    });
}

#[test]
fn what_another_thread_has_freed_serves_the_owner() {
    alone(|| {
        const TIMES: usize = 20_000;
        let (send, receive) = std::sync::mpsc::sync_channel::<Block>(64);
        let other = thread::spawn(move || receive.iter().for_each(drop));
        let before = HEAP.statistics().segment_bytes;
        for index in 0..repetitions(TIMES) {
            send.send(Block::of(2 * KIB + index % 30 * KIB, 1, 1))
                .unwrap();
        }
        drop(send);
        other.join().unwrap();
        let after = HEAP.statistics().segment_bytes;
        assert!(after <= before + 16 * MIB, "{before} {after}");
        // SAFETY: alone, and the other thread was joined.
        unsafe { validate() };
    });
}

#[test]
fn an_owner_whose_blocks_rest_takes_in_what_others_have_freed() {
    alone(|| {
        const OTHERS: usize = 200;
        let mut rng = fastrand::Rng::with_seed(6);
        let live = blocks(400, 32 * KIB, &mut rng);
        let others = blocks(OTHERS, 32 * KIB, &mut rng);
        drop(Block::of(5000, 1, 1));
        thread::spawn(move || drop(others)).join().unwrap();
        let before = HEAP.statistics().live_blocks;
        for _ in 0..OTHERS {
            drop(Block::of(5000, 1, 1));
        }
        let after = HEAP.statistics().live_blocks;
        assert!(
            !cfg!(feature = "stats") || after + OTHERS <= before,
            "{before} {after}"
        );
        drop(live);
    });
}

#[test]
fn what_a_trusted_caller_has_freed_serves_one_that_is_not() {
    alone(|| {
        for (size, align) in [(1, 1), (1, 16), (9, 8), (99, 16), (5000, 16), (40_000, 1)] {
            drop(Block::of(size, align, 1));
            let mut block = Block::of(size, align, 1);
            block.resize(2 * size);
            block.resize(70 * size);
            drop(block);
            for size in [1, 15, 98, 196, 4999, 9000, 39_000] {
                assert_eq!(free(allocate(size)), Ok(()));
            }
        }
    });
}
