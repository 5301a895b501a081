//! The processors whose instructions we can read.

mod x86_64;

use super::{image::Image, instruction::Instruction};

/// A kind of processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Processor {
    X86_64,
}

impl Processor {
    /// The instruction at `address`, with those that cannot be read without it.
    pub(super) fn decode(self, image: &Image<'_>, address: u64) -> Vec<Instruction> {
        match self {
            Self::X86_64 => vec![x86_64::decode(image, address)],
        }
    }
}
