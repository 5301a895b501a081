//! From a block's size to its bin: a small float of the size.
//!
//! A bin's index is a floating-point number with `log2(SLLEN)` mantissa bits,
//! denormals included. Sizes below `2 * SLLEN` units have one bin a unit;
//! above, every octave has `SLLEN` bins of equal width:
//!
//! ```text
//!             fl = 0            fl = 1            fl = 2
//!        +--+--+--+- -+--+ +--+--+--+- -+--+ +----+----+- -+
//! units  | 0| 1| 2|   | 7| | 8| 9|10|   |15| |16  |18  |   |     (SLLEN = 8)
//!        +--+--+--+- -+--+ +--+--+--+- -+--+ +----+----+- -+
//! ```
//!
//! The index grows with the size, so that the bins above a size's own bin hold
//! larger blocks only: [`Bin::holding`] rounds down, and the bin after it is the
//! first whose every block is large enough ("good fit", Masmano et al. 2004).

use crate::size::{round_down, BlockSize, GRANULARITY, WORD};

/// The parameters of a heap's bins, derived from `FLLEN` and `SLLEN`.
#[derive(Debug)]
pub(crate) struct Binning<const FLLEN: usize, const SLLEN: usize>;

impl<const FLLEN: usize, const SLLEN: usize> Binning<FLLEN, SLLEN> {
    /// `log2(SLLEN)`: the mantissa's bits.
    pub(crate) const MANTISSA: u32 = SLLEN.trailing_zeros();

    /// `log2` of the unit in bytes: a granule, or more where `SLLEN` is so
    /// small that blocks of `4 * WORD << FLLEN` bytes would have no bin.
    pub(crate) const UNIT: u32 = {
        let mut unit = GRANULARITY.trailing_zeros();
        while (SLLEN << unit) < 8 * WORD {
            unit += 1;
        }
        unit
    };

    /// The number of bins.
    pub(crate) const COUNT: usize = FLLEN * SLLEN;

    /// The largest block that has a bin.
    pub(crate) const LARGEST: BlockSize = {
        // `FLLEN` is at most 128, the other two at most 7 each.
        #[allow(clippy::cast_possible_truncation)]
        let bits = Self::MANTISSA + Self::UNIT + FLLEN as u32 - 1;
        if bits < usize::BITS - 1 {
            // SAFETY: S1: 2^bits is at least 4 words and below `isize::MAX`.
            unsafe { BlockSize::new_unchecked(round_down((1 << bits) - 1)) }
        } else {
            BlockSize::LARGEST
        }
    };
}

/// The index of a bin.
///
/// **N1**: below `FLLEN * SLLEN` of the heap that it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Bin(usize);

impl Bin {
    /// The bin in which a free block of `size` is filed: rounds down.
    ///
    /// `size` is at most `Binning::LARGEST`, which gives N1.
    #[inline(always)]
    pub(crate) const fn holding<const FLLEN: usize, const SLLEN: usize>(size: BlockSize) -> Self {
        let (mantissa, unit) = (
            Binning::<FLLEN, SLLEN>::MANTISSA,
            Binning::<FLLEN, SLLEN>::UNIT,
        );
        let bytes = size.get();
        let zeros = (bytes | 1 << (mantissa + unit)).leading_zeros();
        // The leading bit goes to the top of the word, or a denormal's place of
        // it, and the fraction follows to the bottom.
        let fraction = (bytes << zeros) >> (usize::BITS - 1 - mantissa);
        let octave = (usize::BITS - 1 - mantissa - unit) - zeros;
        Self(((octave as usize) << mantissa) + fraction)
    }

    /// The smallest size that is filed in this bin or a higher one, in bytes.
    pub(crate) const fn lower_bound<const FLLEN: usize, const SLLEN: usize>(self) -> usize {
        let (mantissa, unit) = (
            Binning::<FLLEN, SLLEN>::MANTISSA,
            Binning::<FLLEN, SLLEN>::UNIT,
        );
        let fl = self.0 >> mantissa;
        let octave = if fl == 0 { 0 } else { fl - 1 };
        let fraction = self.0 - (octave << mantissa);
        fraction << (octave + unit as usize)
    }

    /// The bin of the first level `fl` and the second level `sl`.
    ///
    /// # Safety
    ///
    /// N1: `fl < FLLEN` and `sl < SLLEN`.
    #[inline(always)]
    pub(crate) const unsafe fn at<const SLLEN: usize>(fl: usize, sl: u32) -> Self {
        Self((fl << SLLEN.trailing_zeros()) | sl as usize)
    }

    /// Takes a number for an index.
    ///
    /// # Safety
    ///
    /// N1 holds for `index`.
    #[inline(always)]
    pub(crate) const unsafe fn new_unchecked(index: usize) -> Self {
        Self(index)
    }

    /// The next higher bin, which need not exist.
    pub(crate) const fn above(self) -> Self {
        Self(self.0 + 1)
    }

    /// The bin `distance` above this one, in the same row.
    #[inline(always)]
    pub(crate) const fn plus(self, distance: u32) -> Self {
        Self(self.0 + distance as usize)
    }

    /// The index among all bins.
    #[inline(always)]
    pub(crate) const fn index(self) -> usize {
        self.0
    }

    /// The first-level index: below `FLLEN` by N1.
    #[inline(always)]
    pub(crate) const fn fl<const SLLEN: usize>(self) -> usize {
        self.0 >> SLLEN.trailing_zeros()
    }

    /// The second-level index: below `SLLEN`.
    #[inline(always)]
    #[allow(clippy::cast_possible_truncation)] // below `SLLEN`, at most 128
    pub(crate) const fn sl<const SLLEN: usize>(self) -> u32 {
        (self.0 & (SLLEN - 1)) as u32
    }
}

#[cfg(test)]
#[path = "tests/bin.rs"]
mod tests;
