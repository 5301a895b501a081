//! The processors whose instructions we can read.

mod cortex_m4;
mod riscv32;
mod thumb;
mod x86_64;

use super::{
    image::Image,
    instruction::{Cycles, Instruction},
};

/// A kind of processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Processor {
    X86_64,
    /// Thumb without a documented timing.
    CortexM0Plus,
    /// Thumb with the cycles of the Cortex-M4.
    CortexM4,
    Riscv32,
}

impl Processor {
    /// The instruction at `address`, with those that cannot be read without it.
    pub(super) fn decode(self, image: &Image<'_>, address: u64) -> Vec<Instruction> {
        match self {
            Self::X86_64 => vec![x86_64::decode(image, address)],
            Self::CortexM4 => thumb::decode(image, address),
            Self::CortexM0Plus => untimed(thumb::decode(image, address)),
            Self::Riscv32 => riscv32::decode(image, address),
        }
    }
}

/// The same without cycles.
fn untimed(mut instructions: Vec<Instruction>) -> Vec<Instruction> {
    for instruction in &mut instructions {
        instruction.cycles = Cycles::default();
    }
    instructions
}
