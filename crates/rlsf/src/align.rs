//! Allocation at more than the granule's alignment.
//!
//! ```text
//! [ ---------- free ---------- ] => [ gap: free ][ used ][ rest: free ]
//!                                                ^ aligned address
//! ```
//!
//! It is the lowest aligned address in the free block; or the highest, if the block is
//! snug and that leaves the smaller piece, or if the caller says so. The block that is
//! handed out is an ordinary one: freeing it needs no alignment, and no padding is
//! locked up.

use crate::block::FreeBlock;
use crate::int::BinInteger;
use crate::misuse::Operation;
use crate::seal::{Request, Seal, Site};
use crate::size::{BlockSize, GRANULARITY};
use crate::Tlsf;
use core::alloc::Layout;
use core::ptr::NonNull;

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
    /// What [`allocate`](Self::allocate) would leave free behind the block stays free
    /// before it: the free block keeps its address, and only becomes shorter. For blocks
    /// that are not going to grow, and of which many are to lie side by side, such as
    /// slabs; a block has nothing free behind it to grow into.
    ///
    /// `None` as for `allocate`.
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
    #[inline(never)]
    #[cfg_attr(feature = "hardened", track_caller)]
    pub fn allocate_at_end(&mut self, layout: Layout) -> Option<NonNull<u8>> {
        let size = match self.admit(layout.size()) {
            Some(size) => size,
            None => return self.fail(),
        };
        // A block lies at a multiple of the granule anyway.
        let align = layout.align().max(GRANULARITY);
        self.allocate_placed(size, align, Request::of(layout.size()), gap_before_last)
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
        self.allocate_placed(size, align, request, gap_within)
    }

    /// The same at the place that `gap` chooses from a free block's address, what it has
    /// more than is needed, and the alignment.
    #[inline(always)]
    #[cfg_attr(feature = "hardened", track_caller)]
    fn allocate_placed(
        &mut self,
        size: BlockSize,
        align: usize,
        request: Request,
        gap: impl Fn(usize, usize, usize) -> usize,
    ) -> Option<NonNull<u8>> {
        let seal = self.seal(Site::here(Operation::Allocate));
        let roomy = self.admit_aligned(size, align);
        let span = match roomy.and_then(|roomy| self.bins.take(roomy, seal)) {
            Some(span) => span,
            None => match self.find_by_chance(size, align, seal) {
                Some(block) => self.bins.remove(block),
                None => return self.fail(),
            },
        };
        let slack = span.size().get() - size.get();
        let gap = gap(span.start().as_ptr() as usize, slack, align);
        let (gap, span) = span.split_gap(gap);
        let front = self.bins.file_rest(span, size);
        let block = self.claim(front, request);
        if let Some(gap) = gap {
            block.set_prev_free();
            self.bins.insert(gap);
        }
        Some(block.payload())
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
        let bytes = size.payload().saturating_add(largest_gap(align));
        let roomy = Self::block_size_of(bytes)?;
        self.counters.on_request(bytes);
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
