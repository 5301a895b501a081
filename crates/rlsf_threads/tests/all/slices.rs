//! Memory that goes back to the system in slices.

use crate::alone::{alone, is_instrumented, resident, validate};
use crate::block::Block;

use rlsf_threads::{ThreadedTlsf, TrimStep};
use std::sync::{Barrier, Mutex};
use std::thread;

const MIB: usize = 1 << 20;
const SEGMENT: usize = 4 * MIB;
const BUDGET: usize = 64 << 10;
const HEAP: ThreadedTlsf = ThreadedTlsf::new();

/// A step, which gives no more back than it should.
fn step() -> TrimStep {
    let step = HEAP.trim_step(BUDGET);
    assert!(step.bytes <= BUDGET || step.bytes == SEGMENT, "{step:?}");
    step
}

/// Steps up to the end of a round; their number, and the bytes.
fn round() -> (usize, usize) {
    let (mut steps, mut bytes) = (0, 0);
    loop {
        let step = step();
        steps += 1;
        bytes += step.bytes;
        if step.is_complete {
            return (steps, bytes);
        }
        assert!(steps < 100_000, "it ends");
    }
}

/// Blocks of up to 2000 bytes, written to; some 30 MB.
fn blocks() -> Vec<Vec<u8>> {
    (0..30_000).map(|n| vec![1; n % 2000]).collect()
}

#[test]
fn what_a_thread_has_freed_goes_back_in_slices() {
    alone(|| {
        HEAP.trim();
        let before = resident();
        // In one segment of four, a block stays.
        let mut kept = Vec::new();
        for (index, block) in blocks().into_iter().enumerate() {
            if index % 600 == 0 {
                kept.push(block);
            }
        }
        let full = resident();
        assert!(full > before + 20 * MIB);
        let (steps, bytes) = round();
        assert!(
            bytes > 20 * MIB && steps > bytes / BUDGET,
            "{steps} {bytes}"
        );
        let after = resident();
        assert!(
            is_instrumented() || after < before + 3 * MIB,
            "{before} {full} {after}"
        );
        assert!(kept.iter().flatten().all(|&byte| byte == 1));
        // SAFETY: alone, and the threads have ended.
        unsafe { validate() };
    });
}

#[test]
fn what_others_have_freed_of_a_thread_goes_back_in_its_slices() {
    alone(|| {
        HEAP.trim();
        let before = resident();
        let blocks = blocks();
        let full = resident();
        thread::spawn(move || drop(blocks)).join().unwrap();
        assert!(resident() > full - 2 * MIB);
        let (steps, bytes) = round();
        assert!(
            bytes > 20 * MIB && steps > 30_000 / 100 / 64,
            "{steps} {bytes}"
        );
        let after = resident();
        assert!(
            is_instrumented() || after < before + 3 * MIB,
            "{before} {full} {after}"
        );
    });
}

#[test]
fn what_threads_have_left_goes_back_in_slices() {
    alone(|| {
        HEAP.trim();
        let before = resident();
        let threads: Vec<_> = (0..4).map(|_| thread::spawn(blocks)).collect();
        let blocks: Vec<_> = threads.into_iter().map(|it| it.join().unwrap()).collect();
        // Freed here, when the heaps have no thread any more; not before all have allocated, as
        // those that are late could use what is freed.
        drop(blocks);
        let full = resident();
        assert!(full > before + 80 * MIB, "{before} {full}");
        round();
        let after = resident();
        assert!(
            is_instrumented() || after < before + 3 * MIB,
            "{before} {full} {after}"
        );
        // SAFETY: alone, and the threads have ended.
        unsafe { validate() };
    });
}

/// The resident bytes before, and after the heaps of six threads that have ended were trimmed:
/// three ended before memory was sought in all that were left.
fn after_two_generations(trim: impl Fn()) -> (usize, usize) {
    HEAP.trim();
    let before = resident();
    let (end, ended) = (Barrier::new(4), Barrier::new(7));
    let live: Mutex<Vec<Vec<Vec<u8>>>> = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for index in 0..6 {
            let (end, ended, live) = (&end, &ended, &live);
            scope.spawn(move || {
                live.lock().unwrap().push(blocks());
                ended.wait();
                if index < 3 {
                    HEAP.park();
                }
                // The others' heaps are left when the scope ends.
                if index < 3 {
                    end.wait();
                }
            });
        }
        ended.wait();
        end.wait();
        // Needs segments: looks at what is left.
        drop(blocks());
    });
    drop(live);
    trim();
    (before, resident())
}

#[test]
fn every_heap_that_is_left_is_trimmed_wherever_it_was_left() {
    alone(|| {
        let (at_once, in_slices): (fn(), fn()) = (|| _ = HEAP.trim(), || _ = round());
        for trim in [at_once, in_slices] {
            let (before, after) = after_two_generations(trim);
            let is_trimmed = is_instrumented() || after < before + 5 * MIB;
            assert!(is_trimmed, "{before} {after}");
        }
        // SAFETY: alone, and the threads have ended.
        unsafe { validate() };
    });
}

#[test]
fn large_blocks_that_were_freed_go_back_in_slices() {
    alone(|| {
        HEAP.trim();
        let before = resident();
        // Some go back at once, as far as that takes little of the time.
        let stays = |_| {
            drop(core::hint::black_box(vec![1_u8; 40 * MIB]));
            resident() > before + 39 * MIB
        };
        assert!((0..100).any(stays));
        let (steps, _) = round();
        assert!(steps > 40 * MIB / BUDGET);
        let after = resident();
        assert!(
            is_instrumented() || after < before + 2 * MIB,
            "{before} {after}"
        );
    });
}

#[test]
fn blocks_keep_their_contents_between_slices() {
    alone(|| {
        let mut rng = fastrand::Rng::with_seed(9);
        let mut live: Vec<Block> = Vec::new();
        let mut rounds = 0;
        for _ in 0..20_000 {
            if rng.bool() || live.is_empty() {
                live.push(Block::new(&mut rng));
            } else {
                drop(live.swap_remove(rng.usize(..live.len())));
            }
            rounds += usize::from(step().is_complete);
        }
        assert!(rounds > 20, "{rounds}");
        // SAFETY: alone, and the threads have ended.
        unsafe { validate() };
    });
}
