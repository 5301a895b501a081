//! Many threads, which free what others allocated.

use crate::alone::{alone, is_instrumented, repetitions, resident, validate};
use crate::block::Block;
use std::sync::mpsc::{channel, sync_channel, Receiver, Sender};
use std::thread;

const MIB: usize = 1 << 20;

/// Allocates and frees; of a hundred blocks, so many are sent to another thread to be freed.
fn work(seed: u64, steps: usize, sent: u8, to: &Sender<Block>, from: &Receiver<Block>) {
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut live = Vec::new();
    for _ in 0..steps {
        let bits = rng.u32(0..14);
        let size = 1 + rng.usize(..1 << bits);
        live.push(Block::of(size, 1 << rng.u32(..5), rng.u8(..)));
        if live.len() > 30 {
            let block = live.swap_remove(rng.usize(..live.len()));
            if rng.u8(..100) < sent {
                // Who has ended frees what it was sent.
                let _ = to.send(block);
            }
        }
        from.try_iter().take(2).for_each(drop);
    }
}

/// So many threads in a ring, each of which sends blocks to the next one.
fn ring(threads: usize, steps: usize, sent: u8) {
    let (senders, receivers): (Vec<_>, Vec<_>) = (0..threads).map(|_| channel()).unzip();
    thread::scope(|scope| {
        let ring = receivers.into_iter().enumerate().map(|(index, from)| {
            let to = senders[(index + 1) % threads].clone();
            scope.spawn(move || work(index as u64, steps, sent, &to, &from))
        });
        let ring: Vec<_> = ring.collect();
        drop(senders);
        // The scope itself would not wait until they have left their heaps.
        for thread in ring {
            thread.join().unwrap();
        }
    });
}

/// Slabs that their owner has listed, and of which another thread then frees all the rest, wait
/// in a queue and in a list at once. In 50 rounds, every class has its turn.
#[test]
fn slabs_that_are_listed_and_queued_serve_once() {
    alone(|| {
        let mut blocks: Vec<Block> = Vec::new();
        for round in 0..50 {
            blocks.extend((0..75).map(|_| Block::of(1000, 8, round)));
            // A few of each slab's 15.
            let (own, others): (Vec<_>, Vec<_>) = blocks
                .drain(..)
                .enumerate()
                .partition(|(index, _)| index % 7 == 0);
            drop(own);
            thread::spawn(|| drop(others)).join().unwrap();
            blocks.extend((0..40).map(|_| Block::of(1000, 8, round)));
            // SAFETY: alone, and the thread has ended.
            unsafe { validate() };
        }
    });
}

#[test]
fn sixty_four_threads_free_blocks_of_others_at_every_ratio() {
    alone(|| {
        for sent in [0, 10, 50, 90, 100] {
            ring(64, repetitions(800), sent);
            // SAFETY: alone, and the threads have ended.
            unsafe { validate() };
        }
    });
}

#[test]
fn memory_of_a_thread_that_only_allocates_comes_back_from_those_that_only_free() {
    alone(|| {
        let (to, from) = sync_channel::<Block>(1000);
        let from = std::sync::Arc::new(std::sync::Mutex::new(from));
        let freeing: Vec<_> = (0..3)
            .map(|_| {
                let from = from.clone();
                thread::spawn(move || loop {
                    let received = from.lock().unwrap().recv();
                    if received.is_err() {
                        break;
                    }
                })
            })
            .collect();
        let mut rng = fastrand::Rng::with_seed(1);
        let mut produce = |blocks| {
            for _ in 0..blocks {
                let bits = rng.u32(3..13);
                let size = 1 + rng.usize(..1 << bits);
                to.send(Block::of(size, 8, rng.u8(..))).unwrap();
            }
        };
        produce(20_000);
        let before = resident();
        produce(repetitions(200_000));
        let grown = resident().saturating_sub(before);
        assert!(is_instrumented() || grown < 4 * MIB, "{grown} bytes");
        drop(to);
        for it in freeing {
            it.join().unwrap();
        }
        // SAFETY: alone, and the threads have ended.
        unsafe { validate() };
    });
}
