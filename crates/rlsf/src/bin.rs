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

use crate::log2::log2;
use crate::size::{round_down, BlockSize, GRANULARITY, WORD};

/// The float's format, derived from `SLLEN`.
#[derive(Debug)]
pub(crate) struct Float<const SLLEN: usize>;

impl<const SLLEN: usize> Float<SLLEN> {
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

    /// The first row's number: no size has a smaller exponent than the unit. WebAssembly's
    /// instructions can tell where an array begins, but not that it does so before its place:
    /// there the rows are numbered from 0 on.
    pub(crate) const FIRST_ROW: u32 = if cfg!(target_arch = "wasm32") {
        0
    } else {
        Self::UNIT
    };

    /// The first bin's number.
    pub(crate) const BIAS: usize = (Self::FIRST_ROW as usize) << Self::MANTISSA;

    /// What a bin's number is less than the float that comes out of the arithmetic.
    const LESS: usize = ((Self::UNIT - Self::FIRST_ROW) as usize) << Self::MANTISSA;
}

/// The parameters of a heap's bins, derived from `FLLEN` and `SLLEN`.
#[derive(Debug)]
pub(crate) struct Binning<const FLLEN: usize, const SLLEN: usize>;

impl<const FLLEN: usize, const SLLEN: usize> Binning<FLLEN, SLLEN> {
    /// The number of bins.
    pub(crate) const COUNT: usize = FLLEN * SLLEN;

    /// The number of bins in which a block can be filed: those above are beyond all addresses.
    pub(crate) const FILED: usize = Bin::holding::<SLLEN>(Self::LARGEST).index::<SLLEN>() + 1;

    /// The largest block that has a bin.
    pub(crate) const LARGEST: BlockSize = if Self::SIZE_BITS < BlockSize::LARGEST_BITS {
        // SAFETY: S1: 2^bits is at least 4 words and below the largest.
        unsafe { BlockSize::new_unchecked(round_down((1 << Self::SIZE_BITS) - 1)) }
    } else {
        BlockSize::LARGEST
    };

    /// The bits that every size has room in.
    pub(crate) const SIZE_BITS: u32 = {
        // `FLLEN` is at most 128, the other two at most 7 each.
        #[allow(clippy::cast_possible_truncation)]
        let bits = Float::<SLLEN>::MANTISSA + Float::<SLLEN>::UNIT + FLLEN as u32 - 1;
        if bits < BlockSize::LARGEST_BITS {
            bits
        } else {
            BlockSize::LARGEST_BITS
        }
    };
}

/// Tells the compiler of a fact, so that it leaves out what would be done otherwise:
/// many processors take a shift's distance as it is, but Rust's wraps.
///
/// # Safety
///
/// It is a fact.
#[inline]
pub(crate) const unsafe fn known(fact: bool) {
    debug_assert!(fact);
    if !fact {
        // SAFETY: the caller's promise.
        unsafe { core::hint::unreachable_unchecked() }
    }
}

/// A bin, by its number: the float as it comes out of the arithmetic.
///
/// **N1**: its index, which is the number less the bias, is below `FLLEN * SLLEN`
/// of the heap that it belongs to. (The bias is never subtracted: it is part of the
/// address at which an array is read.)
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Bin(usize);

impl Bin {
    /// The bin in which a free block of `size` is filed: rounds down.
    ///
    /// `size` is at most `Binning::LARGEST`, which gives N1.
    #[inline]
    pub(crate) const fn holding<const SLLEN: usize>(size: BlockSize) -> Self {
        Self::of_bytes::<SLLEN>(size.get())
    }

    /// The lowest bin whose every block has `size` bytes at least: rounds up.
    ///
    /// It is the one above that of the next smaller size, if there is one above.
    #[cfg(any(test, target_arch = "wasm32"))]
    #[inline]
    pub(crate) const fn guaranteeing<const SLLEN: usize>(size: BlockSize) -> Self {
        Self::of_bytes::<SLLEN>(size.get() - GRANULARITY).above()
    }

    #[inline]
    const fn of_bytes<const SLLEN: usize>(bytes: usize) -> Self {
        let (mantissa, unit) = (Float::<SLLEN>::MANTISSA, Float::<SLLEN>::UNIT);
        // Denormals have the exponent of the smallest normal size.
        let normal = bytes | 1 << (mantissa + unit);
        let exponent = log2(normal) - mantissa;
        // SAFETY: a logarithm is less than the number of bits.
        unsafe { known(exponent < usize::BITS) };
        Self(((exponent as usize) << mantissa) + (bytes >> exponent) - Float::<SLLEN>::LESS)
    }

    /// The smallest size that is filed in this bin or a higher one, in bytes.
    pub(crate) const fn lower_bound<const SLLEN: usize>(self) -> usize {
        let exponent = self.exponent::<SLLEN>();
        (self.float::<SLLEN>() - (exponent << Float::<SLLEN>::MANTISSA)) << exponent
    }

    /// As it comes out of the arithmetic.
    const fn float<const SLLEN: usize>(self) -> usize {
        self.0 + Float::<SLLEN>::LESS
    }

    /// The logarithm of the number of sizes that are filed in this bin.
    const fn exponent<const SLLEN: usize>(self) -> usize {
        let (mantissa, unit) = (Float::<SLLEN>::MANTISSA, Float::<SLLEN>::UNIT);
        let exponent = (self.float::<SLLEN>() >> mantissa) - 1;
        if exponent < unit as usize {
            unit as usize
        } else {
            exponent
        }
    }

    /// The bin of the first level `row` and the second level `sl`.
    ///
    /// # Safety
    ///
    /// N1 holds for the row, and `sl < SLLEN`.
    #[inline]
    pub(crate) const unsafe fn at<const SLLEN: usize>(row: Row, sl: u32) -> Self {
        Self((row.0 << Float::<SLLEN>::MANTISSA) | sl as usize)
    }

    /// The bin of an index.
    ///
    /// # Safety
    ///
    /// N1 holds for `index`.
    pub(crate) const unsafe fn at_index<const SLLEN: usize>(index: usize) -> Self {
        Self(Float::<SLLEN>::BIAS + index)
    }

    /// Takes a number for a bin's.
    ///
    /// # Safety
    ///
    /// N1 holds for `number`.
    #[inline]
    pub(crate) const unsafe fn from_number(number: usize) -> Self {
        Self(number)
    }

    /// The bin of a number that may be any.
    pub(crate) fn checked<const FLLEN: usize, const SLLEN: usize>(number: usize) -> Option<Self> {
        let known = number.wrapping_sub(Float::<SLLEN>::BIAS) < Binning::<FLLEN, SLLEN>::COUNT;
        Some(Self(number)).filter(|_| known)
    }

    #[inline]
    pub(crate) const fn number(self) -> usize {
        self.0
    }

    /// The next higher bin, which need not exist.
    pub(crate) const fn above(self) -> Self {
        Self(self.0 + 1)
    }

    /// Whether `least` or a larger size is filed in this bin, which is one of the `FILED` first.
    pub(crate) const fn reaches<const SLLEN: usize>(self, least: usize) -> bool {
        self.lower_bound::<SLLEN>() + ((1 << self.exponent::<SLLEN>()) - 1) >= least
    }

    /// The bin `distance` above this one, in the same row.
    #[inline]
    pub(crate) const fn plus(self, distance: u32) -> Self {
        Self(self.0 + distance as usize)
    }

    /// The index among all bins.
    #[inline]
    pub(crate) const fn index<const SLLEN: usize>(self) -> usize {
        self.0 - Float::<SLLEN>::BIAS
    }

    /// The first level.
    #[inline]
    pub(crate) const fn row<const SLLEN: usize>(self) -> Row {
        Row(self.0 >> Float::<SLLEN>::MANTISSA)
    }

    /// The second-level index: below `SLLEN`.
    #[inline]
    #[allow(clippy::cast_possible_truncation)] // below `SLLEN`, at most 128
    pub(crate) const fn sl<const SLLEN: usize>(self) -> u32 {
        (self.0 & (SLLEN - 1)) as u32
    }
}

/// A row of bins, by its number: the bins' without the mantissa.
///
/// **N1**: its index, which is the number less `Float::FIRST_ROW`, is below `FLLEN`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Row(usize);

impl Row {
    /// Takes a number for a row's.
    ///
    /// # Safety
    ///
    /// N1 holds for `number`.
    #[inline]
    pub(crate) const unsafe fn from_number(number: u32) -> Self {
        Self(number as usize)
    }

    #[inline]
    #[allow(clippy::cast_possible_truncation)] // below 128 + 64
    pub(crate) const fn number(self) -> u32 {
        self.0 as u32
    }

    /// The index among all rows: below `FLLEN` by N1.
    #[inline]
    pub(crate) const fn index<const SLLEN: usize>(self) -> usize {
        self.0 - Float::<SLLEN>::FIRST_ROW as usize
    }
}

#[cfg(test)]
#[path = "tests/bin.rs"]
mod tests;
