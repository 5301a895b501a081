//! The number of states that there are, counted without a heap.
//!
//! A layout cuts each pool into blocks of the sizes that can be asked for, no two free ones side by side; the
//! lists order the free blocks of each bin in every way; the pools were given in every order. Each of these
//! states can be reached (it can be built: `Site::build`), so a search is complete just when it has found as
//! many.

use crate::setup::Setup;
use crate::spec::{bin, GRANULE, LEAST};

/// The number of states of a heap with `sllen` bins an octave.
pub(crate) fn states(setup: &Setup, sllen: usize) -> u64 {
    let mut count = Count {
        bins: vec![0; 1 << 10],
        stride: setup.stride,
        sllen,
        sum: 0,
    };
    count.pools(setup, 0, &mut Vec::new());
    count.sum
}

struct Count {
    /// The free blocks of each bin so far.
    bins: Vec<u64>,
    stride: u8,
    sllen: usize,
    sum: u64,
}

impl Count {
    /// Chooses for each slot whether it has a pool, and of what size.
    fn pools(&mut self, setup: &Setup, slot: usize, sizes: &mut Vec<u8>) {
        let Some(range) = setup.slots.get(slot) else {
            let orders = (1..=sizes.len() as u64).product();
            return self.blocks(sizes, 0, false, orders);
        };
        self.pools(setup, slot + 1, sizes);
        for size in range.least..=range.most {
            let by = size - range.least;
            if by == 0 || (by >= LEAST && by.is_multiple_of(self.stride)) {
                sizes.push(size);
                self.pools(setup, slot + 1, sizes);
                sizes.pop();
            }
        }
    }

    /// Cuts the pools of `sizes`, `done` granules of the first being cut; each layout so far is had in as
    /// many `ways`.
    fn blocks(&mut self, sizes: &[u8], done: u8, after_free: bool, ways: u64) {
        let Some((&size, others)) = sizes.split_first() else {
            self.sum += ways;
            return;
        };
        if done == size {
            return self.blocks(others, 0, false, ways);
        }
        let mut block = LEAST;
        while block <= size - done {
            self.blocks(sizes, done + block, false, ways);
            if !after_free {
                let bin = bin(usize::from(block) * GRANULE, self.sllen);
                // The new block has one place more in its list than that has members.
                self.bins[bin] += 1;
                self.blocks(sizes, done + block, true, ways * self.bins[bin]);
                self.bins[bin] -= 1;
            }
            block += self.stride;
        }
    }
}
