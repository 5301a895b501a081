//! Batches of blocks, freed in order and in reverse order.

use super::{Load, Workload};
use crate::block::Block;

pub(super) const WORKLOAD: Workload = Workload {
    name: "sh6bench",
    about: "each thread allocates batches of blocks of 1-1000 B, small ones more often, and frees half of each in order and, when the next batch stands, the rest in reverse order",
    source: "MicroQuill: SmartHeap benchmark sh6bench, 1999",
    run,
};

/// Blocks in all.
const TOTAL: usize = 16_000_000;

/// The largest block.
const LARGEST: usize = 1_000;

fn run(load: &Load) {
    load.in_threads(|_| {
        let mut left = load.share(TOTAL);
        let mut before = Vec::new();
        while left > 0 {
            let mut batch = batch();
            left = left.saturating_sub(batch.len());
            free_in_reverse(&mut before);
            free_every_second(&mut batch);
            before = batch;
        }
        free_in_reverse(&mut before);
    });
}

/// A batch: each size a fifth larger than the one before, and as many fewer of it.
fn batch() -> Vec<Option<Block>> {
    let mut batch = Vec::new();
    let mut size = 1;
    while size <= LARGEST {
        let count = (LARGEST / size).clamp(1, 100);
        batch.extend((0..count).map(|_| Some(Block::new(size))));
        size += size / 5 + 1;
    }
    batch
}

fn free_every_second(batch: &mut [Option<Block>]) {
    batch.iter_mut().step_by(2).for_each(|slot| *slot = None);
}

fn free_in_reverse(batch: &mut [Option<Block>]) {
    batch.iter_mut().rev().for_each(|slot| *slot = None);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_has_more_small_blocks_than_large_ones() {
        let batch = batch();
        assert!(batch.len() > 500 && batch.len() < 2_000, "{}", batch.len());
    }
}
