//! A program of operations, in bytes.

use arbitrary::Unstructured;
use rlsf_testkit::Op;

/// What is left of an input. When it has ended, every number is the least.
#[derive(Debug)]
pub struct Input<'data>(Unstructured<'data>);

impl<'data> Input<'data> {
    /// The whole of an input.
    #[must_use]
    pub fn new(data: &'data [u8]) -> Self {
        Self(Unstructured::new(data))
    }

    /// Whether nothing is left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A number below `bound`, which is not zero.
    pub fn number(&mut self, bound: usize) -> usize {
        self.0.int_in_range(0..=bound - 1).unwrap_or(0)
    }

    /// Whether something is so.
    pub fn flag(&mut self) -> bool {
        self.number(2) == 1
    }

    /// A size of up to `bits` bits, each number of bits as likely; now and then one that no heap can serve.
    pub fn size(&mut self, bits: usize) -> usize {
        match self.number(64) {
            63 => usize::MAX / 2 - self.number(1 << 13),
            choice => self.number(1 << (choice % (bits + 1))),
        }
    }

    /// An operation on a block, with sizes of up to `bits` bits.
    pub fn op(&mut self, bits: usize) -> Op {
        let kind = self.number(16);
        let block = if kind < 7 { 0 } else { self.number(64) };
        match kind {
            0..=4 => Op::Allocate {
                align_log2: self.align_log2(4),
                size: self.size(bits),
            },
            5..=6 => Op::Allocate {
                align_log2: self.align_log2(13),
                size: self.size(bits),
            },
            7..=10 => Op::Deallocate { block },
            11..=13 => Op::Reallocate {
                block,
                size: self.size(bits),
            },
            14 => Op::Grow {
                block,
                size: self.size(bits),
            },
            _ => Op::Shrink {
                block,
                size: self.size(bits),
            },
        }
    }

    #[allow(clippy::cast_possible_truncation)] // below 13
    fn align_log2(&mut self, bound: usize) -> u8 {
        self.number(bound) as u8
    }

    /// The bytes that are left.
    #[must_use]
    pub fn rest(self) -> &'data [u8] {
        self.0.take_rest()
    }
}
