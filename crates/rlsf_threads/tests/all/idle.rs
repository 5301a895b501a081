//! Threads that wait: what is free in their heaps serves others.

use crate::alone::{alone, validate};
use crate::block::Block;
use core::sync::atomic::{AtomicUsize, Ordering};
use rlsf_threads::ThreadedTlsf;
use std::sync::mpsc::channel;
use std::thread;

const MIB: usize = 1 << 20;
const HEAP: ThreadedTlsf = ThreadedTlsf::new();

/// Blocks of up to 8000 bytes, some 40 MB.
fn blocks() -> Vec<Vec<u8>> {
    (0..10_000).map(|n| vec![1; n % 8000]).collect()
}

/// How far the two threads are: what waits by it allocates nothing.
static TURN: AtomicUsize = AtomicUsize::new(0);

fn pass_to(turn: usize) {
    TURN.store(turn, Ordering::Release);
}

fn wait_for(turn: usize) {
    while TURN.load(Ordering::Acquire) != turn {
        thread::yield_now();
    }
}

/// How much more than before the process has from the system when this thread takes as much as
/// another one had, which is all free and whose thread waits.
fn grown(wait: fn()) -> usize {
    let (send, receive) = channel();
    let other = thread::spawn(move || {
        send.send(blocks()).unwrap();
        wait_for(1);
        wait();
        pass_to(2);
        wait_for(3);
        // It works on.
        drop((Block::of(100, 8, 1), Block::of(10_000, 8, 2)));
    });
    drop(receive.recv().unwrap());
    pass_to(1);
    wait_for(2);
    let before = HEAP.statistics().source_bytes;
    let blocks = blocks();
    let grown = HEAP.statistics().source_bytes - before;
    drop(blocks);
    pass_to(3);
    other.join().unwrap();
    grown
}

#[test]
fn what_is_free_in_a_heap_whose_thread_rests_serves_others() {
    alone(|| {
        let grown = grown(|| HEAP.park());
        println!("grown by {grown} bytes");
        // Once at the most: the system is asked for a quarter of what there is.
        assert!(grown < 16 * MIB, "{grown}");
        // SAFETY: alone, and the thread has ended.
        unsafe { validate() };
    });
}

/// The same without a rest, so that it is known what the test above shows.
#[test]
fn what_is_free_in_a_heap_whose_thread_waits_unsaid_serves_nobody() {
    alone(|| {
        let grown = grown(|| ());
        println!("grown by {grown} bytes");
        assert!(grown > 30 * MIB, "{grown}");
    });
}

#[test]
fn what_is_freed_of_a_thread_that_has_ended_serves_others_as_segments() {
    alone(|| {
        // Each in the first segment of a heap of its own.
        let threads: Vec<_> = (0..8)
            .map(|_| {
                thread::spawn(|| {
                    (0..20_000)
                        .map(|_| Block::of(100, 8, 1))
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        let blocks: Vec<_> = threads.into_iter().map(|it| it.join().unwrap()).collect();
        drop(blocks);
        let before = HEAP.statistics().segment_bytes;
        let blocks: Vec<_> = (0..200_000).map(|_| Block::of(100, 8, 1)).collect();
        let grown = HEAP.statistics().segment_bytes.saturating_sub(before);
        println!("{before} bytes grown by {grown}");
        assert!(grown <= 8 * MIB, "{grown}");
        drop(blocks);
        // SAFETY: alone, and the threads have ended.
        unsafe { validate() };
    });
}

#[test]
fn a_thread_rests_whenever_and_as_often_as_it_likes() {
    alone(|| {
        let threads: Vec<_> = (0..4)
            .map(|seed| {
                thread::spawn(move || {
                    // Before it has a heap.
                    HEAP.park();
                    let mut rng = fastrand::Rng::with_seed(seed);
                    let mut live: Vec<Block> = Vec::new();
                    for _ in 0..5000 {
                        match rng.u32(..8) {
                            0 => HEAP.park(),
                            1..=4 => live.push(Block::new(&mut rng)),
                            _ if live.is_empty() => {}
                            _ => drop(live.swap_remove(rng.usize(..live.len()))),
                        }
                    }
                    HEAP.park();
                    HEAP.park();
                    live
                })
            })
            .collect();
        for it in threads {
            drop(it.join().unwrap());
        }
        let heaps = HEAP.statistics().heaps;
        // A heap for each of the four, this thread and the one that waits for it. Each of the four
        // may have another one in hand while it looks there for a segment; who begins at that time
        // may find none.
        assert!(heaps <= 6 + 4, "{heaps} for six threads");
        // SAFETY: alone, and the threads have ended.
        unsafe { validate() };
    });
}
