//! A working set a thread, of sizes that are the rarer the larger they are.

use fastrand::Rng;

use super::{Load, Workload};
use crate::block::{replace, Block};

pub(super) const WORKLOAD: Workload = Workload {
    name: "glibc-thread",
    about: "each thread replaces random ones of 1 024 blocks of 4-32 768 B, a size as likely as its inverse",
    source: "GNU C library: benchtests, bench-malloc-thread, 2014",
    run,
};

/// Replacements in all.
const TOTAL: usize = 6_000_000;

/// Blocks that a thread keeps.
const BLOCKS: usize = 1_024;

/// Sizes that are drawn beforehand, and then again and again.
const SIZES: usize = 8_192;

fn run(load: &Load) {
    load.in_threads(|number| {
        let mut rng = load.rng(number);
        let sizes: Vec<_> = (0..SIZES).map(|_| size(&mut rng)).collect();
        let mut slots: Vec<Option<Block>> = (0..BLOCKS).map(|_| None).collect();
        for turn in 0..load.share(TOTAL) {
            let slot = rng.usize(..BLOCKS);
            replace(&mut slots[slot], sizes[turn % SIZES]);
        }
    });
}

/// A size of 4 to 32 768 B: each octave as likely.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "wanted: it is positive and below 2^15 + 1"
)]
fn size(rng: &mut Rng) -> usize {
    (4.0 * (rng.f64() * 13.0).exp2()) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_cover_the_range() {
        let mut rng = Rng::with_seed(1);
        let sizes: Vec<_> = (0..10_000).map(|_| size(&mut rng)).collect();
        assert!(sizes.iter().all(|size| (4..=32_768).contains(size)));
        assert!(sizes.iter().any(|&size| size < 8) && sizes.iter().any(|&size| size > 30_000));
    }
}
