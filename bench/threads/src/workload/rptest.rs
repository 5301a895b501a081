//! Larger blocks, a part of which is freed by the next thread.

use std::sync::{Mutex, MutexGuard, PoisonError};

use fastrand::Rng;

use super::{Load, Workload};
use crate::block::{replace, Block};

pub(super) const WORKLOAD: Workload = Workload {
    name: "rptest",
    about: "each thread replaces 100 of 1 000 blocks of 8-16 000 B a loop, and every second loop hands 100 to the next thread, which frees them",
    source: "M. Jansson: rpmalloc-benchmark, 2017",
    run,
};

/// Blocks that a thread keeps.
const BLOCKS: usize = 1_000;

/// Blocks that are replaced, or handed over, at once.
const AT_ONCE: usize = 100;

/// Replacements in all.
const TOTAL: usize = 2_000_000;

/// What has been handed to a thread.
type Inbox = Mutex<Vec<Block>>;

fn run(load: &Load) {
    let inboxes: Vec<Inbox> = (0..load.threads).map(|_| Inbox::default()).collect();
    load.in_threads(|number| {
        let next = &inboxes[(number + 1) % load.threads];
        let loops = load.share(TOTAL) / AT_ONCE;
        work(load.rng(number), loops, &inboxes[number], next);
    });
}

fn work(mut rng: Rng, loops: usize, inbox: &Inbox, next: &Inbox) {
    let mut slots: Vec<Option<Block>> = (0..BLOCKS).map(|_| None).collect();
    let mut position = 0;
    for round in 0..loops {
        for _ in 0..AT_ONCE {
            position = (position + rng.usize(1..8)) % BLOCKS;
            replace(&mut slots[position], size(&mut rng));
        }
        if round % 2 == 0 {
            let blocks = (0..AT_ONCE).map(|_| Block::new(size(&mut rng)));
            let blocks: Vec<_> = blocks.collect();
            hand_over(blocks, next);
            let received = core::mem::take(&mut *lock(inbox));
            drop(received);
        }
    }
}

/// Hands blocks over; if as many wait there as a thread keeps, they are freed instead, so that a
/// thread that gets no processor does not make the others' memory grow.
fn hand_over(blocks: Vec<Block>, next: &Inbox) {
    let mut next = lock(next);
    if next.len() < BLOCKS {
        next.extend(blocks);
    }
}

fn lock(inbox: &Inbox) -> MutexGuard<'_, Vec<Block>> {
    inbox.lock().unwrap_or_else(PoisonError::into_inner)
}

fn size(rng: &mut Rng) -> usize {
    rng.usize(8..=16_000)
}
