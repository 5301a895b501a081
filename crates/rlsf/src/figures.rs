//! What a heap tells of itself in constant time.

use crate::block::Block;
use crate::int::BinInteger;
use crate::misuse::Operation;
use crate::seal::Site;
use crate::stats::Statistics;
use crate::Tlsf;
use core::ptr::NonNull;

impl<FLBitmap: BinInteger, SLBitmap: BinInteger, const FLLEN: usize, const SLLEN: usize>
    Tlsf<'_, FLBitmap, SLBitmap, FLLEN, SLLEN>
{
    /// The exact figures of the heap. Constant time.
    ///
    /// ```
    /// # use core::{alloc::Layout, mem::MaybeUninit};
    /// # let mut pool = [MaybeUninit::uninit(); 4096];
    /// # let mut heap: rlsf::Tlsf<'_, u16, u16, 12, 16> = rlsf::Tlsf::new();
    /// # heap.insert_free_block(&mut pool);
    /// let place = heap.allocate(Layout::new::<[u8; 100]>()).unwrap();
    /// unsafe { heap.deallocate(place, 1) };
    /// let figures = heap.statistics();
    /// assert_eq!((figures.used_bytes, figures.live_blocks), (0, 0));
    /// assert_eq!((figures.peak_used_bytes, figures.peak_live_blocks), (112, 1));
    /// ```
    #[cfg(feature = "stats")]
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        self.counters.statistics().unwrap_or_default()
    }

    /// `statistics`, if they are kept.
    pub(crate) fn figures(&self) -> Option<Statistics> {
        self.counters.statistics()
    }

    /// A size that an allocation of no more than the granule's alignment is sure
    /// to get now: the payload of one of the largest free blocks. Constant time.
    ///
    /// It is exact if the bin of the largest blocks has no more than two, and
    /// otherwise at most one part in `SLLEN` below the largest. Zero if there is
    /// no free block.
    ///
    /// ```
    /// # use core::{alloc::Layout, mem::MaybeUninit};
    /// # let mut pool = [MaybeUninit::uninit(); 4096];
    /// # let mut heap: rlsf::Tlsf<'_, u16, u16, 12, 16> = rlsf::Tlsf::new();
    /// assert_eq!(heap.largest_allocatable(), 0);
    /// heap.insert_free_block(&mut pool);
    /// let all = Layout::from_size_align(heap.largest_allocatable(), 1).unwrap();
    /// assert!(heap.allocate(all).is_some());
    /// ```
    #[must_use]
    pub fn largest_allocatable(&self) -> usize {
        self.bins
            .largest_known(self.seal(Site::here(Operation::Examine)))
            .map_or(0, |block| block.size().payload())
    }

    /// The bytes that the allocation at `ptr` may use: at least the requested
    /// size, and just that with the feature `hardened`. Constant time.
    ///
    /// ```
    /// # use core::{alloc::Layout, mem::MaybeUninit};
    /// # let mut pool = [MaybeUninit::uninit(); 4096];
    /// type Heap<'pool> = rlsf::Tlsf<'pool, u16, u16, 12, 16>;
    /// let mut heap = Heap::new();
    /// heap.insert_free_block(&mut pool);
    /// let place = heap.allocate(Layout::new::<[u8; 33]>()).unwrap();
    /// assert!(unsafe { Heap::allocation_usable_size(place) } >= 33);
    /// ```
    ///
    /// # Safety
    ///
    /// `ptr` was returned by a heap of this type and is not freed yet.
    #[must_use]
    #[inline]
    pub unsafe fn allocation_usable_size(ptr: NonNull<u8>) -> usize {
        // SAFETY: the caller's promise.
        let block = unsafe { Block::from_payload(ptr, Self::KEYLESS) };
        block.usable(block.peek_shared())
    }
}
