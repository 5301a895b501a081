//! The integers that serve as bitmaps.

use core::fmt::Debug;
use core::ops::{
    Add, AddAssign, Div, DivAssign, Mul, MulAssign, Range, Rem, RemAssign, Sub, SubAssign,
};

/// A binary integer that can hold one level of a heap's bitmap.
///
/// Implemented for `i8` to `i128`, `isize`, `u8` to `u128` and `usize`, and
/// sealed: no other type can implement it. Every method takes constant time
/// and never panics; bit positions from [`BITS`](Self::BITS) on read as zero.
///
/// ```
/// use rlsf::int::BinInteger;
/// assert_eq!(<u16 as BinInteger>::BITS, 16);
/// assert_eq!(0b1010_0000_u8.bit_scan_forward(6), 7);
/// ```
pub trait BinInteger:
    Copy
    + Ord
    + Unpin
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Rem<Output = Self>
    + AddAssign
    + SubAssign
    + MulAssign
    + DivAssign
    + RemAssign
    + Debug
    + Send
    + Sync
    + 'static
    + private::Bitmap
{
    /// The integer without a set bit.
    ///
    /// ```
    /// # use rlsf::int::BinInteger;
    /// assert_eq!(<u8 as BinInteger>::ZERO, 0);
    /// ```
    const ZERO: Self;

    /// The number of bits.
    ///
    /// ```
    /// # use rlsf::int::BinInteger;
    /// assert_eq!(<i128 as BinInteger>::BITS, 128);
    /// ```
    const BITS: u32;

    /// Sets exactly the bits in `range`, which lies within the integer.
    ///
    /// ```
    /// # use rlsf::int::BinInteger;
    /// assert_eq!(u8::ones(2..5), 0b0001_1100);
    /// ```
    fn ones(range: Range<u32>) -> Self;

    /// Sets exactly the bits in `range` that the integer has.
    ///
    /// ```
    /// # use rlsf::int::BinInteger;
    /// assert_eq!(u8::ones_truncated(6..100), 0b1100_0000);
    /// ```
    fn ones_truncated(range: Range<u32>) -> Self;

    /// Counts the zeros below the lowest set bit.
    ///
    /// ```
    /// assert_eq!(rlsf::int::BinInteger::trailing_zeros(&8_u32), 3);
    /// ```
    fn trailing_zeros(&self) -> u32;

    /// Counts the zeros above the highest set bit.
    ///
    /// ```
    /// assert_eq!(rlsf::int::BinInteger::leading_zeros(&8_u8), 4);
    /// ```
    fn leading_zeros(&self) -> u32;

    /// Counts the set bits.
    ///
    /// ```
    /// assert_eq!(rlsf::int::BinInteger::count_ones(&0b101_u8), 2);
    /// ```
    fn count_ones(&self) -> u32;

    /// Finds the lowest set bit at or above `start`; `BITS` if there is none.
    ///
    /// ```
    /// # use rlsf::int::BinInteger;
    /// assert_eq!(0b101_u8.bit_scan_forward(1), 2);
    /// assert_eq!(0b101_u8.bit_scan_forward(3), 8);
    /// ```
    fn bit_scan_forward(&self, start: u32) -> u32;

    /// Reads the bits in `range`, which lies within the integer, as a number.
    ///
    /// ```
    /// # use rlsf::int::BinInteger;
    /// assert_eq!(0b1101_0000_u8.extract_u32(4..7), 0b101);
    /// ```
    fn extract_u32(&self, range: Range<u32>) -> u32;

    /// Reads one bit.
    ///
    /// ```
    /// # use rlsf::int::BinInteger;
    /// assert!(0b100_u8.get_bit(2) && !0b100_u8.get_bit(200));
    /// ```
    fn get_bit(&self, i: u32) -> bool;

    /// Sets one bit; a position from `BITS` on changes nothing.
    ///
    /// ```
    /// # use rlsf::int::BinInteger;
    /// let mut map = 0_u8;
    /// map.set_bit(3);
    /// assert_eq!(map, 8);
    /// ```
    fn set_bit(&mut self, i: u32);

    /// Clears one bit; a position from `BITS` on changes nothing.
    ///
    /// ```
    /// # use rlsf::int::BinInteger;
    /// let mut map = 9_u8;
    /// map.clear_bit(3);
    /// assert_eq!(map, 1);
    /// ```
    fn clear_bit(&mut self, i: u32);

    /// Rounds a fixed-point number with `fp` fractional bits up to a whole one.
    ///
    /// `None` if the result has no place in the integer.
    ///
    /// ```
    /// # use rlsf::int::BinInteger;
    /// assert_eq!(0x21_u8.checked_ceil_fix(4), Some(0x30));
    /// assert_eq!(0xf1_u8.checked_ceil_fix(4), None);
    /// ```
    fn checked_ceil_fix(self, fp: u32) -> Option<Self>;
}

/// Seals [`BinInteger`] and holds what the heap itself asks of a bitmap.
pub(crate) mod private {
    /// The straight-line operations of the heap's search. A bit position is
    /// taken modulo the width: the callers' positions lie within it.
    pub trait Bitmap: Sized {
        /// The bits from `start` on, moved to the lowest place; zeros follow.
        fn shifted_down(self, start: u32) -> Self;
        /// Only the bits above `bit`.
        fn above_bit(self, bit: u32) -> Self;
        /// Everything but the lowest set bit.
        fn without_lowest(self) -> Self;
        /// The position of the lowest set bit, `None` for zero.
        fn lowest(self) -> Option<u32>;
        /// The position of the highest set bit, `None` for zero.
        fn highest(self) -> Option<u32>;
        /// The bits of either.
        fn joined(self, other: Self) -> Self;
        /// With the bit set.
        fn with(self, bit: u32) -> Self;
        /// With the bit clear.
        fn without(self, bit: u32) -> Self;
        /// With the other value of the bit, or as it is.
        fn flipped_if(self, condition: bool, bit: u32) -> Self;
    }
}

macro_rules! implement {
    ($($signed:ident $unsigned:ident $nonzero:ident;)*) => {$(
        implement!(@one $signed $unsigned $nonzero);
        implement!(@one $unsigned $unsigned $nonzero);
    )*};
    (@one $int:ident $unsigned:ident $nonzero:ident) => {
        impl BinInteger for $int {
            const ZERO: Self = 0;
            const BITS: u32 = $int::BITS;

            #[inline]
            fn ones(range: Range<u32>) -> Self {
                Self::ones_truncated(range)
            }

            #[inline]
            fn ones_truncated(range: Range<u32>) -> Self {
                let below = |end: u32| {
                    if end < $int::BITS {
                        ((1 as $int) << end).wrapping_sub(1)
                    } else {
                        !0
                    }
                };
                below(range.end) & !below(range.start)
            }

            #[inline]
            fn trailing_zeros(&self) -> u32 {
                (*self).trailing_zeros()
            }

            #[inline]
            fn leading_zeros(&self) -> u32 {
                (*self).leading_zeros()
            }

            #[inline]
            fn count_ones(&self) -> u32 {
                (*self).count_ones()
            }

            #[inline]
            fn bit_scan_forward(&self, start: u32) -> u32 {
                (*self & Self::ones_truncated(start..$int::BITS)).trailing_zeros()
            }

            #[inline]
            // The interface promises the low 32 bits of a wider slice.
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                clippy::cast_lossless
            )]
            fn extract_u32(&self, range: Range<u32>) -> u32 {
                let start = range.start;
                ((*self & Self::ones_truncated(range)) as $unsigned)
                    .checked_shr(start)
                    .unwrap_or(0) as u32
            }

            #[inline]
            fn get_bit(&self, i: u32) -> bool {
                i < $int::BITS && (*self >> i) & 1 != 0
            }

            #[inline]
            fn set_bit(&mut self, i: u32) {
                *self |= Self::ones_truncated(i..i.saturating_add(1));
            }

            #[inline]
            fn clear_bit(&mut self, i: u32) {
                *self &= !Self::ones_truncated(i..i.saturating_add(1));
            }

            #[inline]
            fn checked_ceil_fix(self, fp: u32) -> Option<Self> {
                let fraction = Self::ones_truncated(0..fp);
                if fp >= $int::BITS {
                    return if self == 0 { Some(0) } else { None };
                }
                self.checked_add(fraction).map(|sum| sum & !fraction)
            }
        }

        impl private::Bitmap for $int {
            #[inline(always)]
            #[allow(clippy::cast_sign_loss, clippy::cast_possible_wrap)] // the bits
            fn shifted_down(self, start: u32) -> Self {
                (self as $unsigned).wrapping_shr(start) as $int
            }

            #[inline(always)]
            fn above_bit(self, bit: u32) -> Self {
                self & (!1 as $int).wrapping_shl(bit)
            }

            #[inline(always)]
            fn without_lowest(self) -> Self {
                self & self.wrapping_sub(1)
            }

            #[inline(always)]
            #[allow(clippy::cast_sign_loss)] // the bits, not the number
            fn lowest(self) -> Option<u32> {
                core::num::$nonzero::new(self as $unsigned).map(|map| map.trailing_zeros())
            }

            #[inline(always)]
            #[allow(clippy::cast_sign_loss)] // the bits, not the number
            fn highest(self) -> Option<u32> {
                if self == 0 {
                    return None;
                }
                Some($int::BITS - 1 - self.leading_zeros())
            }

            #[inline(always)]
            fn joined(self, other: Self) -> Self {
                self | other
            }

            #[inline(always)]
            fn with(self, bit: u32) -> Self {
                self | (1 as $int).wrapping_shl(bit)
            }

            #[inline(always)]
            fn without(self, bit: u32) -> Self {
                self & !(1 as $int).wrapping_shl(bit)
            }

            #[inline(always)]
            fn flipped_if(self, condition: bool, bit: u32) -> Self {
                self ^ $int::from(condition).wrapping_shl(bit)
            }
        }
    };
}

implement! {
    i8 u8 NonZeroU8;
    i16 u16 NonZeroU16;
    i32 u32 NonZeroU32;
    i64 u64 NonZeroU64;
    i128 u128 NonZeroU128;
    isize usize NonZeroUsize;
}
