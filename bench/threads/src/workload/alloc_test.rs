//! Random blocks in random slots, both far from uniform.

use fastrand::Rng;

use super::{Load, Workload};
use crate::block::Block;

pub(super) const WORKLOAD: Workload = Workload {
    name: "alloc-test",
    about: "each thread empties or fills random slots, some of them far more often than others, with blocks of up to 1 KiB, each octave as likely",
    source: "node-dot-cpp: alloc-test, ITHare, 2018",
    run,
};

/// Operations in all.
const TOTAL: usize = 12_000_000;

/// Slots of all threads.
const SLOTS: usize = 1 << 17;

fn run(load: &Load) {
    load.in_threads(|number| {
        let mut rng = load.rng(number);
        let mut slots: Vec<Option<Block>> = Vec::new();
        slots.resize_with(load.share(SLOTS), || None);
        for _ in 0..load.share(TOTAL) {
            let slot = skewed(&mut rng, slots.len());
            let slot = &mut slots[slot];
            *slot = match slot {
                Some(_) => None,
                None => Some(Block::new(size(&mut rng))),
            };
        }
    });
}

/// A number below `bound`: four in five are in the first fifth, of these four in five in the first
/// fifth of that, and so on (Pareto's rule).
fn skewed(rng: &mut Rng, bound: usize) -> usize {
    let mut bound = bound;
    let mut dice = rng.u32(..);
    while bound > 5 && !dice.is_multiple_of(5) {
        bound = bound.div_ceil(5);
        dice /= 5;
    }
    rng.usize(..bound)
}

fn size(rng: &mut Rng) -> usize {
    let octave = 1usize << rng.u8(3..10);
    octave + rng.usize(1..=octave)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_in_five_numbers_are_in_the_first_fifth() {
        let mut rng = Rng::with_seed(1);
        let low = (0..100_000)
            .filter(|_| skewed(&mut rng, 10_000) < 2_000)
            .count();
        assert!((80_000..88_000).contains(&low), "{low}");
    }

    #[test]
    fn sizes_are_at_most_1_kib() {
        let mut rng = Rng::with_seed(1);
        assert!((0..10_000).all(|_| (9..=1024).contains(&size(&mut rng))));
    }
}
