//! Allocation at more than the granule's alignment.
//!
//! ```text
//! [ ---------- free ---------- ] => [ gap: free ][ used ][ rest: free ]
//!                                                ^ aligned address
//! ```
//!
//! It is the lowest aligned address in the free block; or the highest, if the block is
//! snug and that leaves the smaller piece, or if the caller says so. On 32 bits a small
//! block of a slight alignment lies at the highest, too: what is left behind it is seldom a
//! block, so it takes hardly longer than one that is not over-aligned. The block that is
//! handed out is an ordinary one: freeing it needs no alignment, and no padding is
//! locked up.

use crate::bin::Binning;
use crate::block::{Block, FreeBlock, Span};
use crate::int::BinInteger;
use crate::misuse::Operation;
use crate::seal::{Request, Seal, Site};
use crate::size::{BlockSize, GRANULARITY, WORD};
use crate::Tlsf;
use core::alloc::Layout;
use core::ptr::NonNull;

/// Up to this alignment, what is left behind a block at the last aligned address is hardly
/// ever a block: so there is one piece to file, not two.
const SLIGHT: usize = 4 * GRANULARITY;

/// Up to this size, a block of such an alignment may lie where it cannot grow without being moved.
const CHEAP_TO_MOVE: usize = 4096;

/// Whether it does: on 32 bits, where it is instructions that take time. (On 64 bits it is branches
/// that are wrongly foretold, and memory: DESIGN.md has the figures.)
const LIES_LAST: bool = WORD < 8;

/// The bytes from `address` to the first multiple of `align` at which a block
/// may begin: none, or as many as a free block has at least.
pub(crate) const fn gap(address: usize, align: usize) -> usize {
    let gap = address.wrapping_neg() & (align - 1);
    if gap != 0 && gap < BlockSize::LEAST.get() {
        gap + align
    } else {
        gap
    }
}

/// The gap before a block that lies in a free one at a multiple of `align`, if the free
/// block has `slack` bytes more: as many as the [`gap`] at least.
///
/// In a large free block it is the least, so that the block can grow. In a snug one,
/// whose rests are small either way, it leaves the smaller of the two smallest: the
/// one at the front at the lowest aligned address, the one behind at the highest.
pub(crate) const fn gap_within(address: usize, slack: usize, align: usize) -> usize {
    let front = gap(address, align);
    debug_assert!(front <= slack);
    let behind = address.wrapping_add(slack) & (align - 1);
    if slack / 2 < align && behind < front && behind <= slack - front {
        slack - behind
    } else {
        front
    }
}

/// The gap before a block that lies in a free one at the last multiple of `align`, if the
/// free block has `slack` bytes more: as many as the [`gap`] at least.
///
/// Where no free block has room before the last one, it is the gap before the first.
const fn gap_before_last(address: usize, slack: usize, align: usize) -> usize {
    let last = slack - (address.wrapping_add(slack) & (align - 1));
    if last < BlockSize::LEAST.get() {
        gap(address, align)
    } else {
        last
    }
}

/// The largest [`gap`] of any block's address, for an `align` above the granule.
pub(crate) const fn largest_gap(align: usize) -> usize {
    let least = BlockSize::LEAST.get();
    align - GRANULARITY + if align < least { align } else { least }
}

impl<FLBitmap: BinInteger, SLBitmap: BinInteger, const FLLEN: usize, const SLLEN: usize>
    Tlsf<'_, FLBitmap, SLBitmap, FLLEN, SLLEN>
{
    /// Allocates `layout.size()` bytes at a multiple of `layout.align()`, as far behind in
    /// the free block as they can lie. Constant time.
    ///
    /// The free block that was freed last of those of just this size serves first, if it lies at
    /// a multiple: so holes between such blocks are filled. Any other free block keeps its
    /// address, and only becomes shorter. What may lie behind the last
    /// multiple, fewer bytes than `layout.align()` and a least block, belongs to the allocation
    /// until [`shrink_in_place`](Self::shrink_in_place) gives it back: so this takes hardly longer
    /// than an allocation at any address. For blocks that are not going to grow, and of which
    /// many are to lie side by side, such as slabs.
    ///
    /// `None` as for [`allocate`](Self::allocate).
    ///
    /// ```
    /// # use core::{alloc::Layout, mem::MaybeUninit};
    /// # let mut pool = [MaybeUninit::uninit(); 8192];
    /// let mut heap: rlsf::Tlsf<'_, u16, u16, 12, 16> = rlsf::Tlsf::new();
    /// heap.insert_free_block(&mut pool);
    /// let layout = Layout::from_size_align(500, 512).unwrap();
    /// let last = heap.allocate_at_end(layout).unwrap();
    /// let before = heap.allocate_at_end(layout).unwrap();
    /// assert_eq!(last.as_ptr() as usize - before.as_ptr() as usize, 512);
    /// ```
    #[inline(always)] // of a layout that is a constant, so are the bins that are looked at
    #[cfg_attr(feature = "hardened", track_caller)]
    pub fn allocate_at_end(&mut self, layout: Layout) -> Option<NonNull<u8>> {
        // A block lies at a multiple of the granule anyway.
        let align = layout.align().max(GRANULARITY);
        let size = match self.admit(layout.size()) {
            Some(size) => size,
            None => return self.fail(),
        };
        let seal = self.seal(Site::here(Operation::Allocate));
        if let Some(span) = self.bins.take_exactly(size, align, seal) {
            span.next().set_prev_used();
            let request = Request::of(span.size().payload());
            return Some(self.claim(span, request).payload());
        }
        let span = match self.take_aligned(size, align) {
            Some(span) => span,
            None => return self.fail(),
        };
        let slack = span.size().get() - size.get();
        let gap = gap_before_last(span.start().as_ptr() as usize, slack, align);
        let (gap, span) = span.split_gap(gap);
        span.next().set_prev_used();
        let all = Request::of(span.size().payload());
        let block = self.claim(span, all);
        self.file_gap(gap, &block);
        Some(block.payload())
    }

    /// Allocates a block whose payload lies at a multiple of `align`, above the granule.
    /// Constant time.
    #[inline(never)]
    #[cfg_attr(feature = "hardened", track_caller)]
    pub(crate) fn allocate_aligned(
        &mut self,
        size: BlockSize,
        align: usize,
        request: Request,
    ) -> Option<NonNull<u8>> {
        let span = match self.take_aligned(size, align) {
            Some(span) => span,
            None => return self.fail(),
        };
        let slack = span.size().get() - size.get();
        let start = span.start().as_ptr() as usize;
        let gap = if LIES_LAST && align <= SLIGHT && size.get() <= CHEAP_TO_MOVE {
            gap_before_last(start, slack, align)
        } else {
            gap_within(start, slack, align)
        };
        let (gap, span) = span.split_gap(gap);
        let front = self.bins.file_rest(span, size);
        let block = self.claim(front, request);
        self.file_gap(gap, &block);
        Some(block.payload())
    }

    /// Takes a block in which `size` bytes lie at a multiple of `align`: one that is large
    /// enough wherever it lies, or else by chance.
    #[inline(always)]
    #[cfg_attr(feature = "hardened", track_caller)]
    fn take_aligned(&mut self, size: BlockSize, align: usize) -> Option<Span> {
        let seal = self.seal(Site::here(Operation::Allocate));
        let roomy = self.admit_aligned(size, align);
        if let Some(span) = roomy.and_then(|roomy| self.bins.take(roomy, seal)) {
            return Some(span);
        }
        let block = self.find_by_chance(size, align, seal)?;
        Some(self.bins.remove(block))
    }

    /// Makes a free block of the gap before a block in use.
    #[inline(always)]
    fn file_gap(&mut self, gap: Option<Span>, block: &Block) {
        if let Some(gap) = gap {
            block.set_prev_free();
            self.bins.insert(gap);
        }
    }

    /// Finds a block in which `size` bytes happen to lie at a multiple of `align`: the
    /// nearest in size, or one of the largest.
    #[inline]
    fn find_by_chance(&self, size: BlockSize, align: usize, seal: Seal) -> Option<FreeBlock> {
        let nearest = self.bins.nearest(size, seal)?;
        if fits(&nearest, size, align) {
            return Some(nearest);
        }
        let largest = self.bins.one_of_the_largest(seal)?;
        if fits(&largest, size, align) {
            Some(largest)
        } else {
            None
        }
    }

    /// The size of a block that has room wherever it lies; `None` above the
    /// largest.
    #[inline]
    fn admit_aligned(&mut self, size: BlockSize, align: usize) -> Option<BlockSize> {
        let roomy = size.plus(largest_gap(align), Binning::<FLLEN, SLLEN>::LARGEST)?;
        self.counters.on_request(roomy.payload());
        Some(roomy)
    }
}

/// Whether a block of `size` at a multiple of `align` lies within a free one.
#[inline]
fn fits(block: &FreeBlock, size: BlockSize, align: usize) -> bool {
    let gap = gap(block.payload().as_ptr() as usize, align);
    let bytes = block.size().get();
    size.get() <= bytes && gap <= bytes - size.get()
}

#[cfg(test)]
#[path = "tests/align.rs"]
mod tests;
