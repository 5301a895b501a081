#![no_std]
//! What the programs share: how to count instructions, and how to end.

pub mod counter;
#[cfg(feature = "peers")]
pub mod peers;
pub mod rlsf_heaps;
pub mod states;
pub mod stress;
#[macro_use]
mod program;
mod random;

pub use random::Random;

#[doc(hidden)]
pub use semihosting;

/// The memory of the board, in KiB.
pub const RAM_KIB: usize = decimal(env!("RAM_KIB")) as usize;

/// The number that `text` is, in decimal digits.
const fn decimal(text: &str) -> u32 {
    let digits = text.as_bytes();
    let (mut value, mut at) = (0, 0);
    while at < digits.len() {
        value = value * 10 + (digits[at] - b'0') as u32;
        at += 1;
    }
    value
}
