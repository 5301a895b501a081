//! Batches of blocks of mixed sizes, every second one freed by another thread.

use std::sync::{Mutex, PoisonError};

use fastrand::Rng;

use super::{Load, Workload};
use crate::block::Block;

pub(super) const WORKLOAD: Workload = Workload {
    name: "sh8bench",
    about: "each thread allocates batches of 500 blocks, most of 1-100 B and some up to 1000 B; every second batch is left for another thread to free in reverse order",
    source: "MicroQuill: SmartHeap benchmark sh8bench, 2003",
    run,
};

/// Blocks in all.
const TOTAL: usize = 16_000_000;

/// Blocks in a batch.
const BATCH: usize = 500;

/// Batches that one thread left and another one is to free.
type Left = Mutex<Option<Vec<Block>>>;

fn run(load: &Load) {
    let left: Vec<Left> = (0..2 * load.threads).map(|_| Left::default()).collect();
    load.in_threads(|number| {
        let mut rng = load.rng(number);
        for round in 0..load.share(TOTAL).div_ceil(BATCH) {
            let batch = batch(&mut rng);
            let other = (round % 2 == 0).then(|| exchange(&left[rng.usize(..left.len())], batch));
            if let Some(other) = other.flatten() {
                free_in_reverse(other);
            }
        }
    });
}

/// Leaves a batch and takes what was left before.
fn exchange(place: &Left, batch: Vec<Block>) -> Option<Vec<Block>> {
    let mut place = place.lock().unwrap_or_else(PoisonError::into_inner);
    place.replace(batch)
}

fn batch(rng: &mut Rng) -> Vec<Block> {
    (0..BATCH).map(|_| Block::new(size(rng))).collect()
}

fn free_in_reverse(mut batch: Vec<Block>) {
    while batch.pop().is_some() {}
}

/// Nine in ten up to 100 B.
fn size(rng: &mut Rng) -> usize {
    if rng.u8(..10) == 0 {
        rng.usize(101..=1000)
    } else {
        rng.usize(1..=100)
    }
}
