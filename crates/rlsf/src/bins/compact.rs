//! The bins' operations with less code: see the module `compact` of the crate.

use super::Bins;
use crate::bin::Bin;
use crate::block::{Back, BackTarget, FreeBlock, Span};
use crate::int::BinInteger;
use crate::seal::Seal;
use crate::size::BlockSize;
use core::ptr::NonNull;

impl<FL: BinInteger, SL: BinInteger, const FLLEN: usize, const SLLEN: usize>
    Bins<FL, SL, FLLEN, SLLEN>
{
    /// One function for both who ask: inlined it would be 17 bytes more.
    #[inline(never)]
    fn bin_of(size: BlockSize) -> Bin {
        Bin::holding::<SLLEN>(size)
    }

    /// The link to the first block of a bin.
    fn head_link(&self, bin: Bin) -> *mut u8 {
        let heads = self.heads.as_ptr().cast::<*mut u8>();
        // SAFETY: N1.
        let head = unsafe { heads.add(bin.index::<SLLEN>()) };
        // SAFETY: an element of the array.
        unsafe { head.read() }
    }

    /// Files a span as a free block. Constant time.
    pub(crate) fn insert_compactly(&mut self, span: Span) {
        let bin = Self::bin_of(span.size());
        let seal = span.seal();
        span.next().note_prev_free();
        let block = span.mark_free();
        block.set_back(Back::to_bin(bin));
        let link = self.head_link(bin);
        block.set_next_link(link);
        if let Some(second) = NonNull::new(link) {
            // SAFETY: L3: a free block.
            let second = unsafe { FreeBlock::from_address(second, seal) };
            second.set_back(Back::to_block(&block));
        }
        self.mark(bin);
        self.set_head(bin, Some(block));
    }

    /// Takes a free block out of its list, and tells its size. Constant time.
    pub(crate) fn remove_compactly(&mut self, block: &FreeBlock) -> BlockSize {
        let (back, next) = (block.back(), block.follow());
        match block.follow_back(|number| self.head_of(number)) {
            BackTarget::Bin(bin) => {
                self.unmark_if(next.is_none(), bin);
                self.set_head(bin, next.as_ref().map(FreeBlock::alias));
            }
            BackTarget::Block(prev) => prev.set_next(next.as_ref()),
        }
        if let Some(next) = &next {
            next.set_back(back);
        }
        block.size_as_written()
    }

    /// Clears the bit of a bin with a block, if it is `empty` now, without a branch.
    fn unmark_if(&mut self, empty: bool, bin: Bin) {
        let row = bin.row::<SLLEN>();
        let bits = self.bits(row).flipped_if(empty, bin.sl::<SLLEN>());
        self.set_bits(row, bits);
        let empty = bits == SL::ZERO;
        self.first_level = self.first_level.flipped_if(empty, Self::bit_of(row));
    }

    /// A free block of at least `size`: the first one of the bin that holds `size`, if it is
    /// large enough, or of the next bin above that has one. Constant time.
    pub(crate) fn find_compactly(&self, size: BlockSize, seal: Seal) -> Option<FreeBlock> {
        let bin = Self::bin_of(size);
        if let Some(first) = self.head(bin, seal) {
            if first.size_as_written() >= size {
                return Some(first);
            }
        }
        let row = bin.row::<SLLEN>();
        let above = self.bits(row).shifted_down(bin.sl::<SLLEN>()).above_bit(0);
        let found = match above.lowest() {
            Some(distance) => bin.plus(distance),
            None => self.lowest_above(row)?,
        };
        Some(self.first(found, seal))
    }
}
