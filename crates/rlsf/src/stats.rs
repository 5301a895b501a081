//! What a heap knows of itself in constant time.

/// A heap's exact figures, all in bytes of blocks (headers included) or numbers
/// of blocks; see [`Tlsf::statistics`](crate::Tlsf::statistics).
///
/// ```
/// use core::{alloc::Layout, mem::MaybeUninit};
/// let mut pool = [MaybeUninit::uninit(); 4096];
/// let mut heap: rlsf::Tlsf<'_, u16, u16, 12, 16> = rlsf::Tlsf::new();
/// heap.insert_free_block(&mut pool);
/// heap.allocate(Layout::new::<[u64; 4]>()).unwrap();
/// # #[cfg(feature = "stats")] {
/// let figures: rlsf::Statistics = heap.statistics();
/// assert_eq!(figures.live_blocks, 1);
/// assert!(figures.used_bytes >= 32 && figures.free_bytes > 3900);
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Statistics {
    /// The bytes of all blocks in use.
    pub used_bytes: usize,
    /// The bytes of all free blocks.
    pub free_bytes: usize,
    /// The number of blocks in use.
    pub live_blocks: usize,
    /// The largest that `used_bytes` has been.
    pub peak_used_bytes: usize,
    /// The largest that `live_blocks` has been.
    pub peak_live_blocks: usize,
    /// The number of requests that were answered with `None`.
    pub failed_requests: usize,
    /// The largest request so far in bytes, served or not, unless it was beyond
    /// the largest block; an alignment above the granule counts with the largest
    /// gap that it may need.
    pub largest_request: usize,
}

#[cfg(feature = "stats")]
pub(crate) use on::Counters;

#[cfg(not(feature = "stats"))]
pub(crate) use off::Counters;

#[cfg(feature = "stats")]
mod on {
    use super::Statistics;

    /// Peaks, and how far below them the figures stand: a figure passes its
    /// peak just when the subtraction borrows, so that an allocation costs one
    /// subtraction and one branch a figure.
    #[derive(Clone, Copy, Debug)]
    pub(crate) struct Counters {
        pool_bytes: usize,
        peak_bytes: usize,
        bytes_below_peak: usize,
        peak_blocks: usize,
        blocks_below_peak: usize,
        failed: usize,
        largest: usize,
    }

    /// Raises the peak by what a figure is above it. The figure is read again, as
    /// the usual path is to keep no copy of it.
    #[cold]
    #[inline(always)]
    fn raise(below: &mut usize, peak: &mut usize) {
        // SAFETY: a reference is valid to read.
        let below_zero = unsafe { core::ptr::read_volatile(below) };
        *peak += below_zero.wrapping_neg();
        *below = 0;
    }

    /// Subtracts, or raises the peak by what is missing.
    #[inline(always)]
    fn climb(below: &mut usize, peak: &mut usize, by: usize) {
        let (rest, borrowed) = below.overflowing_sub(by);
        *below = rest;
        if borrowed {
            raise(below, peak);
        }
    }

    impl Counters {
        pub(crate) const ZERO: Self = Self {
            pool_bytes: 0,
            peak_bytes: 0,
            bytes_below_peak: 0,
            peak_blocks: 0,
            blocks_below_peak: 0,
            failed: 0,
            largest: 0,
        };

        #[inline(always)]
        pub(crate) fn on_allocate(&mut self, bytes: usize) {
            climb(&mut self.bytes_below_peak, &mut self.peak_bytes, bytes);
            climb(&mut self.blocks_below_peak, &mut self.peak_blocks, 1);
        }

        #[inline(always)]
        pub(crate) fn on_deallocate(&mut self, bytes: usize) {
            self.bytes_below_peak = self.bytes_below_peak.wrapping_add(bytes);
            self.blocks_below_peak = self.blocks_below_peak.wrapping_add(1);
        }

        /// Both, one after the other.
        #[inline(always)]
        pub(crate) fn on_exchange(&mut self, freed: usize, allocated: usize) {
            self.bytes_below_peak = self.bytes_below_peak.wrapping_add(freed);
            climb(&mut self.bytes_below_peak, &mut self.peak_bytes, allocated);
        }

        #[inline(always)]
        pub(crate) fn on_grow(&mut self, by: usize) {
            climb(&mut self.bytes_below_peak, &mut self.peak_bytes, by);
        }

        #[inline(always)]
        pub(crate) fn on_shrink(&mut self, by: usize) {
            self.bytes_below_peak = self.bytes_below_peak.wrapping_add(by);
        }

        #[inline(always)]
        pub(crate) fn has_seen(&self, request: usize) -> bool {
            request <= self.largest
        }

        #[inline(always)]
        pub(crate) fn on_request(&mut self, request: usize) {
            if request > self.largest {
                self.largest = request;
            }
        }

        #[inline(always)]
        pub(crate) fn on_failure(&mut self) {
            self.failed = self.failed.wrapping_add(1);
        }

        /// The failed request is asked again.
        pub(crate) fn on_retry(&mut self) {
            self.failed = self.failed.wrapping_sub(1);
        }

        pub(crate) fn on_pool_growth(&mut self, bytes: usize) {
            self.pool_bytes += bytes;
        }

        pub(crate) fn on_pool_removal(&mut self, bytes: usize) {
            self.pool_bytes -= bytes;
        }

        #[allow(clippy::unnecessary_wraps)] // as the other `Counters` has it
        pub(crate) fn statistics(&self) -> Option<Statistics> {
            let used_bytes = self.peak_bytes.wrapping_sub(self.bytes_below_peak);
            Some(Statistics {
                used_bytes,
                free_bytes: self.pool_bytes.wrapping_sub(used_bytes),
                live_blocks: self.peak_blocks.wrapping_sub(self.blocks_below_peak),
                peak_used_bytes: self.peak_bytes,
                peak_live_blocks: self.peak_blocks,
                failed_requests: self.failed,
                largest_request: self.largest,
            })
        }
    }
}

#[cfg(not(feature = "stats"))]
#[allow(clippy::unused_self, clippy::trivially_copy_pass_by_ref)] // the other's shape
mod off {
    use super::Statistics;

    /// Nothing is counted.
    #[derive(Clone, Copy, Debug)]
    pub(crate) struct Counters;

    impl Counters {
        pub(crate) const ZERO: Self = Self;

        #[inline(always)]
        pub(crate) fn on_allocate(&mut self, _bytes: usize) {}

        #[inline(always)]
        pub(crate) fn on_deallocate(&mut self, _bytes: usize) {}

        #[inline(always)]
        pub(crate) fn on_exchange(&mut self, _freed: usize, _allocated: usize) {}

        #[inline(always)]
        pub(crate) fn on_grow(&mut self, _by: usize) {}

        #[inline(always)]
        pub(crate) fn on_shrink(&mut self, _by: usize) {}

        #[inline(always)]
        pub(crate) fn has_seen(&self, _request: usize) -> bool {
            false
        }

        #[inline(always)]
        pub(crate) fn on_request(&mut self, _request: usize) {}

        #[inline(always)]
        pub(crate) fn on_failure(&mut self) {}

        #[inline(always)]
        pub(crate) fn on_retry(&mut self) {}

        #[inline(always)]
        pub(crate) fn on_pool_growth(&mut self, _bytes: usize) {}

        #[inline(always)]
        pub(crate) fn on_pool_removal(&mut self, _bytes: usize) {}

        #[allow(clippy::unnecessary_wraps)] // as the other `Counters` has it
        pub(crate) fn statistics(&self) -> Option<Statistics> {
            None
        }
    }
}
