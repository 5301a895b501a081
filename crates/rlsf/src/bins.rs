//! The bins: a two-level bitmap over lists of free blocks.
//!
//! ```text
//! first level     1 0 1 1            one bit a row: some bin of it has a block
//!                 |   | |
//! second level    |   | 0 0 1 0      one bit a bin
//!                 |   |     |
//! heads           …   …   [bin] -> block -> block -> nothing
//! ```
//!
//! Every operation is straight-line code: no loop but the probe of at most
//! [`PROBES`] blocks.

#[cfg(any(test, target_arch = "wasm32"))]
mod compact;
mod cursor;
mod found;
mod survey;

#[cfg(any(test, target_arch = "wasm32"))]
pub(crate) use compact::Aim;
pub(crate) use cursor::Cursor;
#[cfg(feature = "hardened")]
pub(crate) use cursor::Place;
pub(crate) use found::Found;
use found::Rank;

use crate::bin::{known, Bin, Float, Row};
use crate::block::{Back, BackTarget, FreeBlock, Span};
use crate::int::BinInteger;
use crate::seal::Seal;
use crate::size::BlockSize;
use core::ptr::NonNull;

/// How many blocks of the bin that holds the request's own size are looked at
/// before a larger bin serves it.
pub(crate) const PROBES: usize = 2;

/// The free blocks of a heap by size.
///
/// **L2**: a bin's bit is set iff its list has a member, a row's bit iff one of
/// its bins' is, and no bit is set past `FLLEN` and `SLLEN`. **L3**: a bin's list
/// has exactly the free blocks whose size it holds, linked both ways, the first
/// one's back link naming the bin.
#[derive(Debug)]
pub(crate) struct Bins<FL, SL, const FLLEN: usize, const SLLEN: usize> {
    first_level: FL,
    second_level: [SL; FLLEN],
    heads: [[Option<NonNull<u8>>; SLLEN]; FLLEN],
    pub(crate) cursor: Cursor,
}

impl<FL: BinInteger, SL: BinInteger, const FLLEN: usize, const SLLEN: usize>
    Bins<FL, SL, FLLEN, SLLEN>
{
    const NO_BLOCK: Option<NonNull<u8>> = None;
    const NO_BLOCKS: [Option<NonNull<u8>>; SLLEN] = [Self::NO_BLOCK; SLLEN];

    pub(crate) const EMPTY: Self = Self {
        first_level: FL::ZERO,
        second_level: [SL::ZERO; FLLEN],
        heads: [Self::NO_BLOCKS; FLLEN],
        cursor: Cursor::START,
    };

    /// The first row's bit. A bit's position is the row's number if the bitmap has
    /// room for that; then nothing has to be subtracted or added.
    const FIRST_BIT: u32 = {
        // At most 128.
        #[allow(clippy::cast_possible_truncation)]
        let fllen = FLLEN as u32;
        if fllen + Float::<SLLEN>::FIRST_ROW <= FL::BITS {
            Float::<SLLEN>::FIRST_ROW
        } else {
            0
        }
    };

    /// The bit of a row in the first level.
    #[inline]
    const fn bit_of(row: Row) -> u32 {
        let bit = row.number() - (Float::<SLLEN>::FIRST_ROW - Self::FIRST_BIT);
        // SAFETY: N1: the bitmap has a bit for every row.
        unsafe { known(bit < FL::BITS) };
        bit
    }

    /// The row of a bit of the first level.
    ///
    /// # Safety
    ///
    /// N1: the bit is a row's.
    #[inline]
    const unsafe fn row_of(bit: u32) -> Row {
        // SAFETY: the caller's promise.
        unsafe { Row::from_number(bit + (Float::<SLLEN>::FIRST_ROW - Self::FIRST_BIT)) }
    }

    /// The first block of a bin.
    #[cfg_attr(feature = "hardened", inline(always))]
    #[cfg_attr(not(feature = "hardened"), inline)]
    pub(crate) fn head(&self, bin: Bin, seal: Seal) -> Option<FreeBlock> {
        let head = self.head_address(bin)?;
        // SAFETY: L3: a free block.
        Some(unsafe { FreeBlock::from_address(head, seal) })
    }

    #[inline]
    fn head_address(&self, bin: Bin) -> Option<NonNull<u8>> {
        let heads = self.heads.as_ptr().cast::<Option<NonNull<u8>>>();
        // SAFETY: N1.
        let head = unsafe { heads.add(bin.index::<SLLEN>()) };
        // SAFETY: an element of the array.
        unsafe { head.read() }
    }

    #[inline]
    fn set_head(&mut self, bin: Bin, head: Option<FreeBlock>) {
        let heads = self.heads.as_mut_ptr().cast::<Option<NonNull<u8>>>();
        // SAFETY: N1.
        let place = unsafe { heads.add(bin.index::<SLLEN>()) };
        // SAFETY: an element of the array.
        unsafe { place.write(head.map(|block| block.address())) };
    }

    #[inline]
    fn bits(&self, row: Row) -> SL {
        debug_assert!(row.index::<SLLEN>() < FLLEN);
        // SAFETY: N1.
        unsafe { *self.second_level.get_unchecked(row.index::<SLLEN>()) }
    }

    #[inline]
    fn set_bits(&mut self, row: Row, bits: SL) {
        debug_assert!(row.index::<SLLEN>() < FLLEN);
        // SAFETY: N1.
        unsafe { *self.second_level.get_unchecked_mut(row.index::<SLLEN>()) = bits }
    }

    /// Files a span as a free block. Constant time.
    #[cfg_attr(any(feature = "hardened", target_pointer_width = "64"), inline(always))]
    #[cfg_attr(not(any(feature = "hardened", target_pointer_width = "64")), inline)]
    pub(crate) fn insert(&mut self, span: Span) {
        let bin = Bin::holding::<SLLEN>(span.size());
        let seal = span.seal();
        let block = span.mark_free();
        block.set_back(Back::to_bin(bin));
        let head = self.head(bin, seal);
        block.set_next(head.as_ref());
        if let Some(second) = &head {
            second.set_back(Back::to_block(&block));
        } else {
            self.mark(bin);
        }
        self.set_head(bin, Some(block));
    }

    /// Takes a free block out of its list. Constant time.
    ///
    /// Inlined by force, as the two merges of `deallocate` would otherwise share a
    /// function; but in WebAssembly size comes first.
    #[cfg_attr(not(target_arch = "wasm32"), inline(always))]
    pub(crate) fn unlink(&mut self, block: &FreeBlock) {
        let back = block.back();
        let next = block.follow();
        match block.follow_back(|number| self.head_of(number)) {
            BackTarget::Bin(bin) => {
                match &next {
                    Some(next) => next.set_back(back),
                    None => self.unmark(bin),
                }
                self.set_head(bin, next);
            }
            BackTarget::Block(prev) => {
                if let Some(next) = &next {
                    next.set_back(back);
                }
                prev.set_next(next.as_ref());
            }
        }
    }

    /// Takes a free block out of its list, for its bytes. Constant time.
    #[cfg_attr(feature = "hardened", inline(always))]
    #[cfg_attr(not(feature = "hardened"), inline)]
    pub(crate) fn remove(&mut self, block: FreeBlock) -> Span {
        let size = block.size_as_written();
        self.unlink(&block);
        block.into_span(size)
    }

    /// `[ span ][ next ] => [ ---- span ---- ]`
    #[inline(always)]
    pub(crate) fn join(&mut self, span: Span, next: Span) -> Span {
        self.cursor.on_absorb(span.start(), next.start());
        span.absorb(next)
    }

    /// `[ prev: free ][ span ] => [ ---- span ---- ]`, prev's size being known.
    ///
    /// The sizes are joined before the list is touched, here as below: then
    /// neither has to be kept meanwhile.
    #[cfg_attr(feature = "hardened", inline(always))]
    #[cfg_attr(not(feature = "hardened"), inline)]
    pub(crate) fn merge_prev(&mut self, prev: (FreeBlock, BlockSize), span: Span) -> Span {
        let (prev, size) = prev;
        let span = self.join(prev.alias().into_span(size), span);
        self.unlink(&prev);
        span
    }

    /// `[ span ][ next: free ] => [ ---- span ---- ]`
    #[cfg_attr(feature = "hardened", inline(always))]
    #[cfg_attr(not(feature = "hardened"), inline)]
    pub(crate) fn merge_next(&mut self, span: Span, next: &FreeBlock) -> Span {
        let span = self.join(span, next.alias().into_span(next.size_as_written()));
        self.unlink(next);
        span
    }

    /// Takes out a block that is not the first of its list.
    #[cfg_attr(feature = "hardened", inline(always))]
    #[cfg_attr(not(feature = "hardened"), inline)]
    fn remove_later(block: FreeBlock) -> Span {
        let back = block.back();
        let next = block.follow();
        if let Some(next) = &next {
            next.set_back(back);
        }
        if let BackTarget::Block(prev) = block.target(back) {
            prev.set_next(next.as_ref());
        }
        let size = block.size();
        block.into_span(size)
    }

    #[inline]
    fn mark(&mut self, bin: Bin) {
        let row = bin.row::<SLLEN>();
        self.set_bits(row, self.bits(row).with(bin.sl::<SLLEN>()));
        self.first_level = self.first_level.with(Self::bit_of(row));
    }

    #[inline]
    fn unmark(&mut self, bin: Bin) {
        let row = bin.row::<SLLEN>();
        let bits = self.bits(row).without(bin.sl::<SLLEN>());
        self.set_bits(row, bits);
        if bits == SL::ZERO {
            self.first_level = self.first_level.without(Self::bit_of(row));
        }
    }

    /// Takes out a free block of at least `size`, which is at most
    /// `Binning::LARGEST`. Constant time. Inlined by force, as `unlink` is.
    ///
    /// The bin that holds `size` comes first: its blocks are the nearest in
    /// size, but may be too small, so at most [`PROBES`] of them are looked at.
    /// Any block of a higher bin fits.
    #[cfg_attr(not(target_arch = "wasm32"), inline(always))]
    pub(crate) fn take(&mut self, size: BlockSize, seal: Seal) -> Option<Span> {
        let found = self.find(size, seal)?;
        Some(match found.rank {
            Rank::FirstOf(bin) => {
                // Read again, so that no register holds it meanwhile.
                let head = self.head(bin, seal);
                // SAFETY: L2: it was found there.
                self.pop(bin, unsafe { head.unwrap_unchecked() })
            }
            Rank::Later => Self::remove_later(found.block),
        })
    }

    /// Takes out a block that was found.
    #[cfg_attr(not(target_arch = "wasm32"), inline(always))]
    pub(crate) fn take_out(&mut self, found: Found) -> Span {
        match found.rank {
            Rank::FirstOf(bin) => self.pop(bin, found.block),
            Rank::Later => Self::remove_later(found.block),
        }
    }

    /// Takes out the first block of the bin that holds `size`, if it has just this size and lies
    /// at a multiple of `align`. Constant time.
    #[inline(always)]
    pub(crate) fn take_exactly(
        &mut self,
        size: BlockSize,
        align: usize,
        seal: Seal,
    ) -> Option<Span> {
        let bin = Bin::holding::<SLLEN>(size);
        let first = self.head(bin, seal)?;
        let is_aligned = first.payload().as_ptr() as usize & (align - 1) == 0;
        (is_aligned && first.size_as_written() == size).then(|| self.pop(bin, first))
    }

    /// `[ ---- span ---- ] => [ front ][ free ]`, if the rest is a block. The
    /// block behind has the flag that the span is free.
    #[cfg_attr(any(feature = "hardened", target_pointer_width = "64"), inline(always))]
    #[cfg_attr(not(any(feature = "hardened", target_pointer_width = "64")), inline)]
    pub(crate) fn file_rest(&mut self, span: Span, front: BlockSize) -> Span {
        let (front, rest) = span.split(front);
        match rest {
            Some(rest) => self.insert(rest),
            None => front.next().set_prev_used(),
        }
        front
    }

    /// The free block nearest to `size` from above. Constant time.
    #[cfg_attr(any(feature = "hardened", target_pointer_width = "64"), inline(always))]
    #[cfg_attr(not(any(feature = "hardened", target_pointer_width = "64")), inline)]
    pub(crate) fn find(&self, size: BlockSize, seal: Seal) -> Option<Found> {
        let bin = Bin::holding::<SLLEN>(size);
        let row = bin.row::<SLLEN>();
        // The row's bits from the bin's own on, shifted to the lowest place.
        let bits = self.bits(row).shifted_down(bin.sl::<SLLEN>());
        let rest = match bits.lowest() {
            Some(distance) => {
                let found = bin.plus(distance);
                let block = self.first(found, seal);
                if block.size_as_written() >= size {
                    return Some(Found::first(found, block));
                }
                if let Some(block) = Self::probe(&block, size) {
                    return Some(Found::later(block));
                }
                bits.without_lowest()
            }
            None => bits,
        };
        let found = match rest.lowest() {
            Some(distance) => bin.plus(distance),
            None => self.lowest_above(row, seal)?,
        };
        Some(Found::first(found, self.first(found, seal)))
    }

    /// The first block of at least `size` among the few after `first`.
    #[cfg_attr(feature = "hardened", inline(always))]
    #[cfg_attr(not(feature = "hardened"), inline)]
    fn probe(first: &FreeBlock, size: BlockSize) -> Option<FreeBlock> {
        let mut candidate = first.follow();
        for _ in 1..PROBES {
            let block = candidate?;
            if block.size_as_written() >= size {
                return Some(block);
            }
            candidate = block.follow();
        }
        None
    }

    /// The lowest bin above a row that has a block.
    #[inline]
    fn lowest_above(&self, row: Row, seal: Seal) -> Option<Bin> {
        let above = self.first_level.above_bit(Self::bit_of(row)).lowest()?;
        // SAFETY: L2: only the bits of rows are set.
        let above = unsafe { Self::row_of(above) };
        let sl = self.known_bits(above, seal).lowest();
        // SAFETY: L2: a row whose bit is set has a bin with a block.
        let sl = unsafe { sl.unwrap_unchecked() };
        // SAFETY: L2: only the bits of bins are set.
        Some(unsafe { Bin::at::<SLLEN>(above, sl) })
    }

    /// The address of the first block of a bin's number, if there is such a bin.
    #[inline]
    fn head_of(&self, number: usize) -> Option<*mut u8> {
        let head = self.head_address(Bin::checked::<FLLEN, SLLEN>(number)?)?;
        Some(head.as_ptr())
    }

    /// Takes out the first block of a bin whose bit is set.
    #[cfg_attr(any(feature = "hardened", target_pointer_width = "64"), inline(always))]
    #[cfg_attr(not(any(feature = "hardened", target_pointer_width = "64")), inline)]
    fn pop(&mut self, bin: Bin, block: FreeBlock) -> Span {
        let next = block.follow();
        match &next {
            Some(next) => next.set_back(Back::to_bin(bin)),
            None => self.unmark(bin),
        }
        self.set_head(bin, next);
        let size = block.size();
        block.into_span(size)
    }
}
