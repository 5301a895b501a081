//! A server whose threads come and go, and leave their blocks to the next one.

use std::thread::{self, Scope};

use fastrand::Rng;

use super::{Load, Workload};
use crate::block::{replace, Block};

pub(super) const WORKLOAD: Workload = Workload {
    name: "larson",
    about: "each thread replaces random ones of 1 000 blocks of 8-1000 B, then leaves them to a new thread",
    source: "P. Larson, M. Krishnan: Memory Allocation for Long-Running Server Applications, ISMM 1998",
    run,
};

/// Blocks that a thread works on.
const BLOCKS: usize = 1_000;

/// Replacements in all.
const TOTAL: usize = 6_000_000;

/// Replacements in the life of one thread.
const LIFE: usize = 20_000;

type Slots = Vec<Option<Block>>;

fn run(load: &Load) {
    let lives = load.share(TOTAL).div_ceil(LIFE);
    let slots = |number| -> (Rng, Slots) {
        let mut rng = load.rng(number);
        let slots = (0..BLOCKS).map(|_| Some(Block::new(size(&mut rng))));
        let slots = slots.collect();
        (rng, slots)
    };
    let start: Vec<_> = (0..load.threads).map(slots).collect();
    thread::scope(|scope| {
        for (rng, slots) in start {
            scope.spawn(move || live(scope, rng, slots, lives));
        }
    });
}

/// One thread's life, the first of `lives`.
fn live<'a>(scope: &'a Scope<'a, '_>, mut rng: Rng, mut slots: Slots, lives: usize) {
    for _ in 0..LIFE {
        let slot = rng.usize(..slots.len());
        let size = size(&mut rng);
        replace(&mut slots[slot], size);
    }
    if lives > 1 {
        scope.spawn(move || live(scope, rng, slots, lives - 1));
    }
}

fn size(rng: &mut Rng) -> usize {
    rng.usize(8..=1000)
}
