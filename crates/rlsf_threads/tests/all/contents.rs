//! Blocks of all sizes, resized and freed by any thread, their contents checked.

use crate::block::Block;
use std::sync::mpsc::{channel, Sender};
use std::thread;

/// Allocates, resizes, frees, and sends blocks away.
fn work(seed: u64, steps: usize, others: &[Sender<Block>]) {
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut live: Vec<Block> = Vec::new();
    for _ in 0..steps {
        match rng.u8(..8) {
            0..4 if live.len() < 500 => live.push(Block::new(&mut rng)),
            4 if !live.is_empty() => {
                let chosen = rng.usize(..live.len());
                let bits = rng.u32(0..18);
                live[chosen].resize(1 + rng.usize(..1 << bits));
            }
            5 if !live.is_empty() && !others.is_empty() => {
                let block = live.swap_remove(rng.usize(..live.len()));
                // Who has ended frees what it was sent.
                let _ = others[rng.usize(..others.len())].send(block);
            }
            _ if !live.is_empty() => drop(live.swap_remove(rng.usize(..live.len()))),
            _ => {}
        }
    }
}

#[test]
fn one_thread_keeps_its_contents() {
    work(1, 60_000, &[]);
}

#[test]
fn threads_free_what_others_allocated() {
    let (senders, receivers): (Vec<_>, Vec<_>) = (0..8).map(|_| channel::<Block>()).unzip();
    let threads: Vec<_> = receivers
        .into_iter()
        .enumerate()
        .map(|(index, receiver)| {
            let senders = senders.clone();
            thread::spawn(move || {
                for round in 0..20 {
                    work(index as u64 * 100 + round, 2000, &senders);
                    receiver.try_iter().for_each(drop);
                }
            })
        })
        .collect();
    drop(senders);
    for thread in threads {
        thread.join().unwrap();
    }
}

#[test]
fn short_threads_leave_their_heaps_to_others() {
    for round in 0..200 {
        let threads: Vec<_> = (0..4)
            .map(|index| {
                thread::spawn(move || {
                    vec![Block::new(&mut fastrand::Rng::with_seed(round * 4 + index))]
                })
            })
            .collect();
        for thread in threads {
            drop(thread.join().unwrap());
        }
    }
}
