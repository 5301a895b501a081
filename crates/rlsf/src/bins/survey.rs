//! Looking at the bins: the largest blocks, and what their bitmaps promise.

use super::{Bins, Found, PROBES};
use crate::bin::{Bin, Row};
use crate::block::FreeBlock;
use crate::int::BinInteger;
use crate::misuse::Misuse;
use crate::seal::Seal;
use core::ptr::NonNull;

impl<FL: BinInteger, SL: BinInteger, const FLLEN: usize, const SLLEN: usize>
    Bins<FL, SL, FLLEN, SLLEN>
{
    /// The bits of a row whose bit is set; if a hardened heap has no such row, or no bin there
    /// has a block, the operation ends.
    #[inline(always)]
    pub(super) fn known_bits(&self, row: Row, seal: Seal) -> SL {
        if Seal::ON {
            let is_row = row.index::<SLLEN>() < FLLEN;
            let is_known = is_row && self.bits(row) != SL::ZERO;
            seal.demand(is_known, NonNull::dangling(), Misuse::Tables);
        }
        self.bits(row)
    }

    /// The first block of a bin whose bit is set; if a hardened heap has none there, the
    /// operation ends.
    #[cfg_attr(feature = "hardened", inline(always))]
    #[cfg_attr(not(feature = "hardened"), inline)]
    pub(super) fn first(&self, bin: Bin, seal: Seal) -> FreeBlock {
        if Seal::ON {
            let is_bin = Bin::checked::<FLLEN, SLLEN>(bin.number()).is_some();
            seal.demand(is_bin, NonNull::dangling(), Misuse::Tables);
        }
        let head = self.head(bin, seal);
        seal.demand(head.is_some(), NonNull::dangling(), Misuse::Tables);
        // SAFETY: L2: the bin's list has a member.
        unsafe { head.unwrap_unchecked() }
    }

    /// The highest bin that has a block.
    #[inline]
    pub(crate) fn highest(&self, seal: Seal) -> Option<Bin> {
        // SAFETY: L2: only the bits of rows are set.
        let row = unsafe { Self::row_of(self.first_level.highest()?) };
        let sl = self.known_bits(row, seal).highest();
        // SAFETY: L2: a row whose bit is set has a bin with a block.
        let sl = unsafe { sl.unwrap_unchecked() };
        // SAFETY: L2: only the bits of bins are set.
        Some(unsafe { Bin::at::<SLLEN>(row, sl) })
    }

    /// The first block of the highest bin.
    #[inline]
    pub(crate) fn one_of_the_largest(&self, seal: Seal) -> Option<Found> {
        let bin = self.highest(seal)?;
        Some(Found::first(bin, self.first(bin, seal)))
    }

    /// The largest of the first few blocks of the highest bin.
    pub(crate) fn largest_known(&self, seal: Seal) -> Option<FreeBlock> {
        let mut largest = self.first(self.highest(seal)?, seal);
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
    pub(crate) fn lowest_from(&self, bin: Bin, seal: Seal) -> Option<Bin> {
        let row = bin.row::<SLLEN>();
        match self.bits(row).shifted_down(bin.sl::<SLLEN>()).lowest() {
            Some(distance) => Some(bin.plus(distance)),
            None => self.lowest_above(row, seal),
        }
    }

    /// The same, above the given one.
    pub(crate) fn next_above(&self, bin: Bin, seal: Seal) -> Option<Bin> {
        let above = Bin::checked::<FLLEN, SLLEN>(bin.above().number())?;
        self.lowest_from(above, seal)
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
