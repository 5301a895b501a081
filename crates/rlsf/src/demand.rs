//! The pool that never fails: a bound on fragmentation, as a `const fn`.
//!
//! When a request fails, every free block is smaller than the block that is sure
//! to serve the request, those that the search has looked at are smaller than the
//! request itself, and between and around `n` used blocks lie at most `n + 1` free
//! ones, because two free blocks are never neighbours (H1). A pool with more bytes
//! of blocks than that leaves has no failing state. (The proof in full: DESIGN.md,
//! "The pool that never fails".)

use crate::align::largest_gap;
use crate::bin::{Bin, Binning};
use crate::bins::PROBES;
use crate::int::BinInteger;
use crate::pool::POOL_OVERHEAD;
use crate::size::{BlockSize, GRANULARITY};
use crate::Tlsf;

/// What a program promises never to exceed, as
/// [`Tlsf::sufficient_pool_size`] takes it.
///
/// ```
/// type Heap = rlsf::Tlsf<'static, u16, u16, 12, 16>;
/// const DEMAND: rlsf::Demand = rlsf::Demand {
///     live_bytes: 20 * Heap::block_size(100) + 4 * Heap::block_size(512),
///     live_blocks: 24,
///     largest_request: 512,
///     largest_align: 8,
/// };
/// const POOL: usize = Heap::sufficient_pool_size(DEMAND);
/// static mut MEMORY: [core::mem::MaybeUninit<u8>; POOL] = [core::mem::MaybeUninit::uninit(); POOL];
/// assert!(POOL < 20_000);
/// # let _ = unsafe { core::ptr::addr_of_mut!(MEMORY) };
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Demand {
    /// The largest sum of [`Tlsf::block_size`] over the allocations that are live
    /// at the same time, in bytes. A reallocation that may have to move counts
    /// with both its blocks.
    pub live_bytes: usize,
    /// The largest number of allocations that are live at the same time.
    pub live_blocks: usize,
    /// The largest size that is ever asked for, in bytes.
    pub largest_request: usize,
    /// The largest alignment that is ever asked for, in bytes.
    pub largest_align: usize,
}

/// The bytes by which a used block may be larger than it needs to be: a rest
/// that is no block stays with it.
const STRAY: usize = BlockSize::LEAST.get() - GRANULARITY;

impl<FLBitmap: BinInteger, SLBitmap: BinInteger, const FLLEN: usize, const SLLEN: usize>
    Tlsf<'_, FLBitmap, SLBitmap, FLLEN, SLLEN>
{
    /// The bytes that an allocation of `size` bytes needs, header and rounding
    /// included.
    ///
    /// ```
    /// type Heap = rlsf::Tlsf<'static, u16, u16, 12, 16>;
    /// assert_eq!(Heap::block_size(100), (100 + core::mem::size_of::<usize>() + 7) / 8 * 8);
    /// ```
    ///
    /// # Panics
    ///
    /// If no block is large enough.
    #[must_use]
    pub const fn block_size(size: usize) -> usize {
        assert!(
            size <= Binning::<FLLEN, SLLEN>::LARGEST.payload(),
            "the request is larger than the largest block"
        );
        BlockSize::of_payload(size).get()
    }

    /// The size of the smallest free block, header included, that is sure to
    /// serve a request wherever it lies and whatever else is free.
    ///
    /// ```
    /// type Heap = rlsf::Tlsf<'static, u16, u16, 12, 16>;
    /// assert_eq!(Heap::sure_block_size(20, 8), Heap::block_size(20));
    /// assert!(Heap::sure_block_size(5000, 8) < 5000 * 17 / 16 + 16);
    /// ```
    ///
    /// # Panics
    ///
    /// If no block is large enough.
    #[must_use]
    pub const fn sure_block_size(size: usize, align: usize) -> usize {
        match Self::sure_block(size, align) {
            Some(size) => size,
            None => panic!("no block is sure to serve the request"),
        }
    }

    /// `sure_block_size`; `None` above the largest block.
    const fn sure_block(size: usize, align: usize) -> Option<usize> {
        let need = match Self::needed_block(size, align) {
            Some(need) => need,
            None => return None,
        };
        let bin = Bin::holding::<SLLEN>(need);
        let bound = if bin.lower_bound::<SLLEN>() < need.get() {
            bin.above().lower_bound::<SLLEN>()
        } else {
            need.get()
        };
        if bound > Binning::<FLLEN, SLLEN>::LARGEST.get() {
            return None;
        }
        Some(bound)
    }

    /// The size of a block that serves a request wherever it lies, if the search
    /// looks at it; `None` above the largest.
    ///
    /// The block that has just been filed is the first of its bin, which the search
    /// always looks at.
    pub(crate) const fn needed_block(size: usize, align: usize) -> Option<BlockSize> {
        let block = match Self::block_size_of(size) {
            Some(block) => block,
            None => return None,
        };
        if align > GRANULARITY {
            return Self::block_size_of(block.payload().saturating_add(largest_gap(align)));
        }
        Some(block)
    }

    /// The length of a pool, in bytes, in which a program that keeps to `demand`
    /// never sees a request fail, in whatever order it allocates and frees.
    ///
    /// The region may have any alignment; it is given to the heap as one.
    ///
    /// ```
    /// # type Heap = rlsf::Tlsf<'static, u16, u16, 12, 16>;
    /// let demand = rlsf::Demand {
    ///     live_bytes: 10 * Heap::block_size(64),
    ///     live_blocks: 10,
    ///     largest_request: 64,
    ///     largest_align: 8,
    /// };
    /// assert!(Heap::sufficient_pool_size(demand) < 10 * 200);
    /// ```
    ///
    /// # Panics
    ///
    /// If such a pool would be larger than the largest block: then choose a
    /// larger `FLLEN` (with 1, no demand has a pool). In a constant this is a
    /// compile-time error.
    #[must_use]
    pub const fn sufficient_pool_size(demand: Demand) -> usize {
        match Self::checked_sufficient_pool_size(demand) {
            Some(size) => size,
            None => panic!("the pool would be larger than the largest block"),
        }
    }

    /// [`sufficient_pool_size`](Self::sufficient_pool_size), or `None` if such a pool would
    /// be larger than the largest block.
    ///
    /// ```
    /// # type Heap = rlsf::Tlsf<'static, u16, u16, 12, 16>;
    /// let demand = rlsf::Demand {
    ///     live_bytes: usize::MAX,
    ///     live_blocks: 10,
    ///     largest_request: 64,
    ///     largest_align: 8,
    /// };
    /// assert_eq!(Heap::checked_sufficient_pool_size(demand), None);
    /// ```
    #[must_use]
    pub const fn checked_sufficient_pool_size(demand: Demand) -> Option<usize> {
        let (size, align) = (demand.largest_request, demand.largest_align);
        let (request, need, sure) = match (
            Self::block_size_of(size),
            Self::needed_block(size, align),
            Self::sure_block(size, align),
        ) {
            (Some(request), Some(need), Some(sure)) => (request.get(), need.get(), sure),
            _ => return None,
        };
        let live_blocks = demand.live_blocks;
        let others = live_blocks.saturating_sub(1);
        let used = demand
            .live_bytes
            .saturating_sub(request)
            .saturating_add(others.saturating_mul(STRAY));
        let seen = if live_blocks < PROBES {
            live_blocks
        } else {
            PROBES
        };
        let gaps = (live_blocks - seen)
            .saturating_mul(sure - GRANULARITY)
            .saturating_add(seen * (need - GRANULARITY));
        let blocks = used.saturating_add(gaps).saturating_add(GRANULARITY);
        if blocks > Binning::<FLLEN, SLLEN>::LARGEST.get() {
            return None;
        }
        // A region loses fewer than a granule at either end.
        Some(blocks + POOL_OVERHEAD + 2 * (GRANULARITY - 1))
    }
}

#[cfg(feature = "stats")]
impl Demand {
    /// Whether a heap has kept to the promise so far, by its high-water marks.
    /// Constant time.
    ///
    /// ```
    /// # use core::{alloc::Layout, mem::MaybeUninit};
    /// # let mut pool = [MaybeUninit::uninit(); 4096];
    /// # let mut heap: rlsf::Tlsf<'_, u16, u16, 12, 16> = rlsf::Tlsf::new();
    /// # heap.insert_free_block(&mut pool);
    /// let demand = rlsf::Demand {
    ///     live_bytes: 64,
    ///     live_blocks: 2,
    ///     largest_request: 24,
    ///     largest_align: 8,
    /// };
    /// let first = heap.allocate(Layout::new::<[u8; 24]>()).unwrap();
    /// assert!(demand.is_kept(&heap.statistics()));
    /// let second = heap.allocate(Layout::new::<[u8; 25]>()).unwrap();
    /// assert!(!demand.is_kept(&heap.statistics()));
    /// # let _ = (first, second);
    /// ```
    #[must_use]
    pub const fn is_kept(&self, figures: &crate::Statistics) -> bool {
        let slack = if self.largest_align > GRANULARITY {
            largest_gap(self.largest_align).saturating_add(BlockSize::LEAST.get())
        } else {
            0
        };
        let stray = self.live_blocks.saturating_mul(STRAY);
        figures.peak_live_blocks <= self.live_blocks
            && figures.peak_used_bytes <= self.live_bytes.saturating_add(stray)
            && figures.largest_request <= self.largest_request.saturating_add(slack)
    }
}
