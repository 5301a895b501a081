//! Looking at the bins: the largest blocks, and what their bitmaps promise.

use super::{Bins, Found, PROBES};
use crate::bin::{Bin, Row};
use crate::block::FreeBlock;
use crate::int::BinInteger;
use crate::seal::Seal;

impl<FL: BinInteger, SL: BinInteger, const FLLEN: usize, const SLLEN: usize>
    Bins<FL, SL, FLLEN, SLLEN>
{
    /// The highest bin that has a block.
    #[inline]
    pub(crate) fn highest(&self) -> Option<Bin> {
        // SAFETY: L2: only the bits of rows are set.
        let row = unsafe { Self::row_of(self.first_level.highest()?) };
        // SAFETY: L2: a row whose bit is set has a bin with a block.
        let sl = unsafe { self.bits(row).highest().unwrap_unchecked() };
        // SAFETY: L2: only the bits of bins are set.
        Some(unsafe { Bin::at::<SLLEN>(row, sl) })
    }

    /// The first block of the highest bin.
    #[inline]
    pub(crate) fn one_of_the_largest(&self, seal: Seal) -> Option<Found> {
        let bin = self.highest()?;
        Some(Found::first(bin, self.first(bin, seal)))
    }

    /// The largest of the first few blocks of the highest bin.
    pub(crate) fn largest_known(&self, seal: Seal) -> Option<FreeBlock> {
        let mut largest = self.first(self.highest()?, seal);
        let mut candidate = largest.follow();
        for _ in 1..PROBES {
            match candidate {
                Some(block) => {
                    candidate = block.follow();
                    if block.size() > largest.size() {
                        largest = block;
                    }
                }
                None => break,
            }
        }
        Some(largest)
    }

    /// The lowest bin that has a block, from a given one on.
    pub(crate) fn lowest_from(&self, bin: Bin) -> Option<Bin> {
        let row = bin.row::<SLLEN>();
        match self.bits(row).shifted_down(bin.sl::<SLLEN>()).lowest() {
            Some(distance) => Some(bin.plus(distance)),
            None => self.lowest_above(row),
        }
    }

    /// The same, above the given one.
    pub(crate) fn next_above(&self, bin: Bin) -> Option<Bin> {
        self.lowest_from(Bin::checked::<FLLEN, SLLEN>(bin.above().number())?)
    }

    /// Whether a row has no block, and its bits tell so (L2).
    pub(crate) fn is_empty(&self, row: Row) -> bool {
        debug_assert!(row.index::<SLLEN>() < FLLEN);
        // SAFETY: N1.
        let heads = unsafe { self.heads.get_unchecked(row.index::<SLLEN>()) };
        // The bits that any of them has: without a branch, so that many are read at once.
        let heads = heads.iter().fold(0, |bits, head| {
            bits | head.map_or(0, |block| block.as_ptr() as usize)
        });
        let is_marked = self.first_level.get_bit(Self::bit_of(row));
        heads == 0 && !is_marked && self.bits(row) == SL::ZERO
    }

    /// Whether a bin's two bits tell whether it has a block (L2).
    pub(crate) fn bits_agree(&self, bin: Bin) -> bool {
        let row = bin.row::<SLLEN>();
        let bits = self.bits(row);
        let row_bit = self.first_level.get_bit(Self::bit_of(row));
        bits.get_bit(bin.sl::<SLLEN>()) == self.head_address(bin).is_some()
            && row_bit == (bits != SL::ZERO)
    }

    /// Whether a bit is set that belongs to no bin (L2).
    pub(crate) fn has_stray_bit(&self) -> bool {
        #[allow(clippy::cast_possible_truncation)] // at most 128
        let (fllen, sllen) = (FLLEN as u32, SLLEN as u32);
        let rows = FL::ones(Self::FIRST_BIT..Self::FIRST_BIT + fllen);
        rows.count_ones() != self.first_level.joined(rows).count_ones()
            || self
                .second_level
                .iter()
                .any(|row| row.bit_scan_forward(sllen) != SL::BITS)
    }
}

#[cfg(test)]
#[path = "../tests/survey.rs"]
mod tests;
