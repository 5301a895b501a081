//! The binary logarithm of a size, also where the processor has no instruction for it.
//!
//! Without one the compiler counts the zeros by halves, in some 36 instructions on a
//! Cortex-M0. A multiplication and a table take 16: the number is filled with ones
//! below its leading one; of these 32 values each has another product with a de Bruijn
//! constant in its five highest bits. (Leiserson, Prokop, Randall, "Using de Bruijn
//! sequences to index a 1 in a computer word", 1998.)

/// Whether the processor counts leading zeros in one instruction. Those of Arm that do
/// not are those without atomic exchange; RISC-V does with an extension only.
const COUNTS_ZEROS: bool = !cfg!(any(
    all(target_arch = "arm", not(target_has_atomic = "32")),
    target_arch = "riscv32"
));

/// The largest power of two, as its exponent, that is at most `n`, which is not zero.
#[inline]
#[allow(clippy::cast_possible_truncation)] // a processor of 32 bits
pub(crate) const fn log2(n: usize) -> u32 {
    if COUNTS_ZEROS || usize::BITS != 32 {
        (usize::BITS - 1) ^ n.leading_zeros()
    } else {
        by_table(n as u32)
    }
}

/// Ones below a leading one, times this: the five highest bits differ.
const DE_BRUIJN: u32 = 0x07c4_acdd;

/// The place of the leading one for each value of these bits.
const PLACES: [u8; 32] = places();

const fn places() -> [u8; 32] {
    let mut places = [0; 32];
    let mut place = 0_u8;
    while place < 32 {
        places[key(u32::MAX >> (31 - place))] = place;
        place += 1;
    }
    places
}

#[inline]
const fn key(ones: u32) -> usize {
    (ones.wrapping_mul(DE_BRUIJN) >> 27) as usize
}

#[inline]
const fn by_table(n: u32) -> u32 {
    let n = n | n >> 1;
    let n = n | n >> 2;
    let n = n | n >> 4;
    let n = n | n >> 8;
    let n = n | n >> 16;
    PLACES[key(n)] as u32
}

#[cfg(test)]
#[path = "tests/log2.rs"]
mod tests;
