//! One step of a random test.

use fastrand::Rng;

/// What a test does to a heap. Live blocks are named by a number that is taken
/// modulo how many there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// Ask for `size` bytes at a multiple of `1 << align_log2`.
    Allocate {
        /// Bytes.
        size: usize,
        /// Binary logarithm of the alignment.
        align_log2: u8,
    },
    /// Free a block.
    Deallocate {
        /// The block.
        block: usize,
    },
    /// Resize a block, moving it if need be.
    Reallocate {
        /// The block.
        block: usize,
        /// Bytes.
        size: usize,
    },
    /// Grow a block where it stands.
    Grow {
        /// The block.
        block: usize,
        /// Bytes.
        size: usize,
    },
    /// Shrink a block where it stands.
    Shrink {
        /// The block.
        block: usize,
        /// Bytes.
        size: usize,
    },
}

impl Op {
    /// A random step; sizes are log-uniform up to `largest`.
    pub fn random(rng: &mut Rng, largest: usize) -> Self {
        let size = log_uniform(rng, largest);
        let block = rng.usize(..);
        match rng.u8(..100) {
            0..=34 => Self::Allocate {
                size,
                align_log2: rng.u8(..4),
            },
            35..=44 => Self::Allocate {
                size,
                align_log2: rng.u8(..11),
            },
            45..=74 => Self::Deallocate { block },
            75..=89 => Self::Reallocate { block, size },
            90..=94 => Self::Grow { block, size },
            _ => Self::Shrink { block, size },
        }
    }
}

/// A size whose order of magnitude is as likely as any other.
fn log_uniform(rng: &mut Rng, largest: usize) -> usize {
    let bits = rng.u32(..=largest.ilog2());
    rng.usize(..(2 << bits).min(largest + 1))
}
