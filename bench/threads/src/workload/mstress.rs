//! Blocks of many lifetimes, some of which wander from thread to thread.

use std::sync::{Mutex, PoisonError};

use fastrand::Rng;

use super::{Load, Workload};
use crate::block::Block;

pub(super) const WORKLOAD: Workload = Workload {
    name: "mstress",
    about: "rounds of new threads allocate blocks in powers of two, a few of them large, keep half of them for the round and swap others with whoever comes",
    source: "D. Leijen: test-stress of mimalloc, 2018",
    run,
};

/// Blocks in all.
const TOTAL: usize = 4_000_000;

/// Rounds, each with threads of its own.
const ROUNDS: usize = 20;

/// Places through which threads swap blocks.
const PLACES: usize = 1_000;

/// Every so many rounds the places are emptied.
const EMPTIED: usize = 8;

type Place = Mutex<Option<Block>>;

fn run(load: &Load) {
    let places: Vec<Place> = (0..PLACES).map(|_| Place::default()).collect();
    let blocks = load.share(TOTAL / ROUNDS);
    for round in 0..ROUNDS {
        load.in_threads(|number| stress(load.rng(round * load.threads + number), blocks, &places));
        if round % EMPTIED == EMPTIED - 1 {
            for place in &places {
                swap(place, &mut None);
            }
        }
    }
}

fn stress(mut rng: Rng, blocks: usize, places: &[Place]) {
    let mut kept = Vec::new();
    let mut passing: Vec<Option<Block>> = Vec::new();
    for _ in 0..blocks {
        let block = Some(Block::new(size(&mut rng)));
        if rng.bool() {
            kept.push(block);
        } else {
            passing.push(block);
        }
        if passing.is_empty() {
            continue;
        }
        let slot = rng.usize(..passing.len());
        match rng.u8(..4) {
            0 => swap(&places[rng.usize(..PLACES)], &mut passing[slot]),
            1 | 2 => passing[slot] = None,
            _ => {}
        }
    }
}

fn swap(place: &Place, block: &mut Option<Block>) {
    let mut there = place.lock().unwrap_or_else(PoisonError::into_inner);
    core::mem::swap(&mut *there, block);
}

/// A power of two: each one half as likely as the one before; one in a hundred is a hundred times
/// as large.
fn size(rng: &mut Rng) -> usize {
    let size = 16 << rng.u16(..).trailing_zeros().min(8);
    if rng.u8(..100) == 0 {
        size * 100
    } else {
        size
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn swapping_with_an_empty_place_leaves_the_block_there() {
        let place = Place::default();
        let mut block = Some(Block::new(10));
        swap(&place, &mut block);
        assert!(block.is_none());
        swap(&place, &mut block);
        assert!(block.is_some());
    }
}
