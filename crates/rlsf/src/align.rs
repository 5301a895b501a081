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
use crate::bins::Found;
use crate::block::{FreeBlock, Span};
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
/// block has `slack` bytes more: as many as `front`, its [`gap`], at least.
///
/// In a large free block it is `front`, so that the block can grow. In a snug one,
/// whose rests are small either way, it leaves the smaller of the two smallest: the
/// one at the front at the lowest aligned address, the one behind at the highest.
const fn gap_within(slack: usize, align: usize, front: usize) -> usize {
    let behind = (slack - front) & (align - 1);
    // Where twice the alignment wraps to nothing, there is no other aligned address.
    if slack < align.wrapping_mul(2) && behind < front {
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
            Some((span, _)) => span,
            None => return self.fail(),
        };
        let slack = span.size().get() - size.get();
        let gap = gap_before_last(span.start().as_ptr() as usize, slack, align);
        let (gap, span) = span.split_gap(gap);
        span.next().set_prev_used();
        let all = Request::of(span.size().payload());
        Some(self.claim_after(gap, span, all))
    }

    /// Allocates `payload` bytes at a multiple of `align`, above the granule. Constant time.
    #[inline(never)]
    #[cfg_attr(feature = "hardened", track_caller)]
    pub(crate) fn allocate_aligned(&mut self, payload: usize, align: usize) -> Option<NonNull<u8>> {
        let size = match Self::block_size_of(payload) {
            Some(size) => size,
            None => return self.fail(),
        };
        let (span, front) = match self.take_aligned(size, align) {
            Some(taken) => taken,
            None => return self.fail(),
        };
        let slack = span.size().get() - size.get();
        let start = span.start().as_ptr() as usize;
        let gap = if LIES_LAST && align <= SLIGHT && size.get() <= CHEAP_TO_MOVE {
            gap_before_last(start, slack, align)
        } else if LIES_LAST {
            // Where the other way is usual, nothing is computed for this one beforehand.
            gap_within(slack, align, gap(start, align))
        } else {
            gap_within(slack, align, front)
        };
        let (gap, front, rest) = span.carve(gap, size, slack - gap);
        match rest {
            Some(rest) => self.bins.insert(rest),
            None => front.next().set_prev_used(),
        }
        Some(self.claim_after(gap, front, Request::of(payload)))
    }

    /// Takes a block in which `size` bytes lie at a multiple of `align`: one that is large
    /// enough wherever it lies, or else by chance; and tells its [`gap`].
    #[inline(always)]
    #[cfg_attr(feature = "hardened", track_caller)]
    fn take_aligned(&mut self, size: BlockSize, align: usize) -> Option<(Span, usize)> {
        let seal = self.seal(Site::here(Operation::Allocate));
        let roomy = self.admit_aligned(size, align);
        let (found, front) = match roomy.and_then(|roomy| self.bins.find(roomy, seal)) {
            Some(found) => {
                let front = gap(found.block.payload().as_ptr() as usize, align);
                (found, front)
            }
            None => self.find_by_chance(size, align, seal)?,
        };
        Some((self.bins.take_out(found), front))
    }

    /// Makes a used block of a span, and a free one of the gap before it.
    #[inline(always)]
    fn claim_after(&mut self, gap: Option<Span>, span: Span, request: Request) -> NonNull<u8> {
        let block = self.claim(span, request);
        if let Some(gap) = gap {
            block.set_prev_free();
            self.bins.insert(gap);
        }
        block.payload()
    }

    /// Finds a block in which `size` bytes happen to lie at a multiple of `align`, the
    /// nearest in size or one of the largest, and its [`gap`].
    #[inline]
    fn find_by_chance(&self, size: BlockSize, align: usize, seal: Seal) -> Option<(Found, usize)> {
        let nearest = self.bins.find(size, seal)?;
        if let Some(gap) = Self::fitting_gap(&nearest.block, size, align) {
            return Some((nearest, gap));
        }
        // SAFETY: L2: as there is a nearest one.
        let largest = unsafe { self.bins.one_of_the_largest(seal).unwrap_unchecked() };
        let gap = Self::fitting_gap(&largest.block, size, align)?;
        Some((largest, gap))
    }

    /// The [`gap`] in a free block, if a block of `size` at a multiple of `align` lies within.
    #[inline]
    fn fitting_gap(block: &FreeBlock, size: BlockSize, align: usize) -> Option<usize> {
        let gap = gap(block.payload().as_ptr() as usize, align);
        if Self::with_gap(size, gap) <= block.size().get() {
            Some(gap)
        } else {
            None
        }
    }

    /// The size of a block that has room wherever it lies; `None` above the
    /// largest.
    #[inline]
    fn admit_aligned(&mut self, size: BlockSize, align: usize) -> Option<BlockSize> {
        let roomy = Self::with_gap(size, largest_gap(align));
        if roomy - WORD > Binning::<FLLEN, SLLEN>::LARGEST.payload() {
            return None;
        }
        self.counters.on_request(roomy - WORD);
        // SAFETY: S1: a sum of multiples of the granule, no more than the largest.
        Some(unsafe { BlockSize::new_unchecked(roomy) })
    }

    /// The bytes of a block and a gap before it. They are more than the address space at the most
    /// if the block has half of it: a gap has no more than that and a least block.
    #[inline(always)]
    const fn with_gap(size: BlockSize, gap: usize) -> usize {
        if Binning::<FLLEN, SLLEN>::SIZE_BITS < usize::BITS - 1 {
            size.get() + gap
        } else {
            size.get().saturating_add(gap)
        }
    }
}

#[cfg(test)]
#[path = "tests/align.rs"]
mod tests;
