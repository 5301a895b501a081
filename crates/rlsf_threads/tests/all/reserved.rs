//! Requests that no slab serves, after a `reserve`.

use crate::alone::{alone, is_instrumented, repetitions, validate};
use crate::block::Block;
use crate::process::limit;
use core::alloc::{GlobalAlloc, Layout};
use rlsf_threads::ThreadedTlsf;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex};
use std::thread;

const HEAP: ThreadedTlsf = ThreadedTlsf::new();
const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;

/// Frees a block in another thread, and waits for that.
fn free_elsewhere(block: Block) {
    thread::spawn(move || drop(block)).join().unwrap();
}

/// The blocks in use of this process, and their bytes; those that wait in an inbox count until they are taken back.
fn live() -> (usize, usize) {
    let told = HEAP.statistics();
    (told.live_blocks, told.live_bytes)
}

#[test]
fn blocks_keep_their_contents_when_others_free_them() {
    alone(|| {
        HEAP.reserve(32 * MIB).unwrap();
        let (send, receive) = sync_channel::<Block>(64);
        let other = thread::spawn(move || receive.iter().for_each(drop));
        let before = HEAP.statistics().segment_bytes;
        let mut rng = fastrand::Rng::with_seed(21);
        let mut live: Vec<Block> = Vec::new();
        for _ in 0..repetitions(20_000) {
            live.push(Block::of(
                rng.usize(KIB..40 * KIB),
                1 << rng.u32(..8),
                rng.u8(..),
            ));
            if live.len() > 100 {
                let block = live.swap_remove(rng.usize(..live.len()));
                // Mostly by the other thread.
                if rng.u32(..4) > 0 {
                    send.send(block).unwrap();
                }
            }
        }
        drop((send, live));
        other.join().unwrap();
        let after = HEAP.statistics().segment_bytes;
        assert!(after <= before + 24 * MIB, "{before} {after}");
        // SAFETY: alone, and the other thread was joined.
        unsafe { validate() };
    });
}

#[test]
fn a_request_takes_back_what_another_thread_has_freed() {
    alone(|| {
        HEAP.reserve(16 * MIB).unwrap();
        for size in [3 * KIB, 50 * KIB, 250 * KIB] {
            free_elsewhere(Block::of(size, 1, 3));
            let before = live();
            let larger = Block::of(60 * KIB, 1, 4);
            let after = live();
            if cfg!(feature = "stats") {
                assert_eq!(after.0, before.0, "one for one");
                assert!(after.1 + size < before.1 + 60 * KIB + 64);
            }
            drop(larger);
        }
        // SAFETY: alone, and the threads were joined.
        unsafe { validate() };
    });
}

#[test]
fn a_request_that_is_aligned_takes_nothing_back() {
    alone(|| {
        HEAP.reserve(16 * MIB).unwrap();
        free_elsewhere(Block::of(3 * KIB, 1, 3));
        let before = live();
        let aligned = Block::of(3 * KIB, 64, 4);
        assert!(!cfg!(feature = "stats") || live().0 == before.0 + 1);
        drop(aligned);
    });
}

#[test]
fn a_segment_goes_back_when_its_last_block_is_taken_back() {
    alone(|| {
        const SIZE: usize = 100 * KIB;
        HEAP.reserve(16 * MIB).unwrap();
        let number = |block: &Block| block.address() / (4 * MIB);
        let mut blocks: Vec<_> = (0..400).map(|_| Block::of(SIZE, 1, 1)).collect();
        let mut hole = Some(blocks.swap_remove(0));
        let stays = hole.as_ref().map(number);
        let mut went_back = 0;
        while let Some(last) = blocks.pop() {
            let away = number(&last);
            if Some(away) == stays {
                continue;
            }
            blocks.retain(|block| number(block) != away);
            free_elsewhere(last);
            hole = None;
            let before = HEAP.statistics().segment_bytes;
            hole.replace(Block::of(SIZE, 1, 1));
            let after = HEAP.statistics().segment_bytes;
            // Unless a slab is there, too.
            went_back += before - after;
        }
        assert!(went_back >= 4 * MIB, "{went_back}");
        drop(hole);
        // SAFETY: alone, and the threads were joined.
        unsafe { validate() };
    });
}

#[test]
fn without_memory_what_was_taken_back_is_free() {
    if is_instrumented() {
        return;
    }
    alone(|| {
        HEAP.reserve(MIB).unwrap();
        let layout = Layout::from_size_align(250 * KIB, 1).unwrap();
        let mut full: Vec<*mut u8> = Vec::with_capacity(10_000);
        let small = Block::of(3 * KIB, 1, 9);
        let other = Block::of(3 * KIB, 1, 9);
        let ask = || {
            // SAFETY: not empty.
            unsafe { HEAP.alloc(layout) }
        };
        // Two threads that need no memory to tell each other: the other one frees the block when there is one.
        let given: Arc<Mutex<Option<Block>>> = Arc::default();
        let theirs = Arc::clone(&given);
        let thread = thread::spawn(move || {
            while theirs.lock().unwrap().take().is_none() {
                thread::yield_now();
            }
        });
        limit(300 << 20);
        full.extend(core::iter::repeat_with(ask).take_while(|block| !block.is_null()));
        *given.lock().unwrap() = Some(small);
        while given.lock().unwrap().is_some() {
            thread::yield_now();
        }
        let before = live();
        let failed = ask();
        let after = live();
        // What tells of a failure needs memory.
        limit(u64::MAX);
        thread.join().unwrap();
        assert!(failed.is_null() && full.len() > 10);
        assert!(!cfg!(feature = "stats") || after.0 < before.0);
        for block in full {
            // SAFETY: a live block.
            unsafe { HEAP.dealloc(block, layout) };
        }
        drop(other);
        // SAFETY: alone, and the thread was joined.
        unsafe { validate() };
    });
}

#[test]
fn a_thread_begins_with_any_request() {
    alone(|| {
        HEAP.reserve(8 * MIB).unwrap();
        for (size, align) in [
            (5 * KIB, 1),
            (5 * KIB, 64),
            (256 * KIB, 16),
            (256 * KIB + 1, 16),
            (256 * KIB + 1, 4096),
            (100, 1 << 15),
            (MIB, 1 << 21),
        ] {
            // The thread has no heap now.
            HEAP.park();
            let block = Block::of(size, align, 5);
            HEAP.park();
            drop(block);
        }
        // SAFETY: alone.
        unsafe { validate() };
    });
}
