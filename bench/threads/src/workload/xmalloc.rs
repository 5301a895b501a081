//! Blocks that one thread allocates and another one frees.

use std::sync::mpsc::{sync_channel, Receiver, SyncSender};
use std::thread;

use fastrand::Rng;

use super::{Load, Workload};
use crate::block::Block;

pub(super) const WORKLOAD: Workload = Workload {
    name: "xmalloc-test",
    about: "half of the threads allocate batches of 1 024 blocks of 8-768 B, the other half frees them; a single thread does both",
    source: "C. Lever, D. Boreham: malloc() Performance in a Multithreaded Linux Environment, USENIX 2000",
    run,
};

/// Blocks in all.
const TOTAL: usize = 6_000_000;

/// Blocks that are handed over at once.
const BATCH: usize = 1_024;

/// Batches that may wait between two threads.
const WAITING: usize = 16;

/// Powers of two and what lies halfway between them.
const SIZES: [usize; 14] = [8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768];

type Batch = Vec<Block>;

fn run(load: &Load) {
    let pairs = (load.threads / 2).max(1);
    let batches = (TOTAL / load.part / pairs).div_ceil(BATCH);
    if load.threads == 1 {
        let mut rng = load.rng(0);
        return (0..batches).for_each(|_| drop(batch(&mut rng)));
    }
    thread::scope(|scope| {
        for pair in 0..pairs {
            let (sender, receiver) = sync_channel(WAITING);
            let rng = load.rng(pair);
            scope.spawn(move || produce(rng, batches, &sender));
            scope.spawn(move || consume(&receiver));
        }
    });
}

fn batch(rng: &mut Rng) -> Batch {
    let block = |_| Block::new(SIZES[rng.usize(..SIZES.len())]);
    (0..BATCH).map(block).collect()
}

fn produce(mut rng: Rng, batches: usize, sender: &SyncSender<Batch>) {
    for _ in 0..batches {
        sender
            .send(batch(&mut rng))
            .expect("the consumer waits for the end");
    }
}

fn consume(receiver: &Receiver<Batch>) {
    receiver.iter().for_each(drop);
}
