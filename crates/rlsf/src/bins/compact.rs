//! The bins' operations with less code: see the module `compact` of the crate.
//!
//! And with few branches: what a random sequence of operations meets in a list cannot be
//! foreseen, and `select`, which costs no more bytes, takes no guess.

use super::Bins;
use crate::bin::Bin;
use crate::block::{Back, FreeBlock, Span};
use crate::int::BinInteger;
use crate::seal::Seal;
use crate::size::BlockSize;
use core::ptr::NonNull;

/// What the code of a heap is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Aim {
    /// Small: what several need is one function.
    Bytes,
    /// Fast: each has its own copy, and few branches that cannot be foreseen.
    Speed,
}

impl<FL: BinInteger, SL: BinInteger, const FLLEN: usize, const SLLEN: usize>
    Bins<FL, SL, FLLEN, SLLEN>
{
    /// The bin in which a free block of `size` is filed.
    #[inline(always)]
    fn bin_of(size: BlockSize, aim: Aim) -> Bin {
        match aim {
            Aim::Speed => Bin::holding::<SLLEN>(size),
            Aim::Bytes => Self::shared_bin_of(size),
        }
    }

    /// One function for all who ask. Inlined it is 30 bytes more, and an action takes a tenth
    /// less time.
    #[inline(never)]
    fn shared_bin_of(size: BlockSize) -> Bin {
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
    pub(crate) fn insert_compactly(&mut self, span: Span, aim: Aim) {
        let bin = Self::bin_of(span.size(), aim);
        let seal = span.seal();
        span.next().note_prev_free();
        let block = span.mark_free();
        let link = self.head_link(bin);
        // Where there is no second block, this one's own link is written twice.
        let second = NonNull::new(link).unwrap_or(block.address());
        // SAFETY: L3: a free block.
        let second = unsafe { FreeBlock::from_address(second, seal) };
        second.set_back(Back::to_block(&block));
        block.set_back(Back::to_bin(bin));
        block.set_next_link(link);
        self.mark(bin);
        self.set_head(bin, Some(block));
    }

    /// Takes a free block out of its list, and tells its size. Constant time.
    ///
    /// The only branch is one that hardly ever goes the other way. Whether the block is its
    /// list's first and whether it is the last cannot be foreseen, and a processor that guesses
    /// wrong loses as much time as fifty instructions take.
    pub(crate) fn remove_compactly(&mut self, block: &FreeBlock) -> BlockSize {
        let (back, next) = (block.back(), block.follow());
        if Seal::ON {
            // It leads to the block, or the operation ends.
            block.follow_back(|number| self.head_of(number));
        }
        // SAFETY: L3: the heads of the block's heap.
        unsafe { block.pass::<SLLEN>(back, next.as_ref(), self.heads.as_mut_ptr().cast()) };
        let empty = back.is_to_bin() & next.is_none();
        self.unmark_if(empty, back.bin_or_first::<SLLEN>());
        block.size_as_written()
    }

    /// Clears the bit of a bin, if it has become `empty`, and the bit of a row without any.
    #[inline(always)]
    fn unmark_if(&mut self, empty: bool, bin: Bin) {
        let row = bin.row::<SLLEN>();
        let bits = self.bits(row).flipped_if(empty, bin.sl::<SLLEN>());
        self.set_bits(row, bits);
        if bits == SL::ZERO {
            self.first_level = self.first_level.without(Self::bit_of(row));
        }
    }

    /// A free block of at least `size`: the first one of the bin that holds `size`, if it is
    /// large enough, or of the next bin above that has one; there is a bin above. Constant time.
    pub(crate) fn find_near(&self, size: BlockSize, seal: Seal) -> Option<FreeBlock> {
        let bin = Self::bin_of(size, Aim::Bytes);
        match self.first_of_at_least(bin, size, seal) {
            Some(first) => Some(first),
            None => self.first_from(bin.above(), seal),
        }
    }

    /// A free block of at least `size`: the first one of the lowest bin whose blocks are all
    /// large enough, or of the bin that holds `size`. Constant time.
    ///
    /// That bin comes last: whether it has a block, and a large enough one, would be two
    /// branches more that cannot be foreseen. There is a bin above it.
    pub(crate) fn find_fast(&self, size: BlockSize, seal: Seal) -> Option<FreeBlock> {
        match self.first_from(Bin::guaranteeing::<SLLEN>(size), seal) {
            Some(found) => Some(found),
            None => self.first_of_at_least(Self::bin_of(size, Aim::Speed), size, seal),
        }
    }

    /// The first block of a bin, if it is large enough.
    #[inline(always)]
    fn first_of_at_least(&self, bin: Bin, size: BlockSize, seal: Seal) -> Option<FreeBlock> {
        self.head(bin, seal)
            .filter(|first| first.size_as_written() >= size)
    }

    /// The first block of the lowest bin from `bin` on that has one.
    #[inline(always)]
    fn first_from(&self, bin: Bin, seal: Seal) -> Option<FreeBlock> {
        let row = bin.row::<SLLEN>();
        let found = match self.bits(row).shifted_down(bin.sl::<SLLEN>()).lowest() {
            Some(distance) => bin.plus(distance),
            None => self.lowest_above(row, seal)?,
        };
        Some(self.first(found, seal))
    }
}
