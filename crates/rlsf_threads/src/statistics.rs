//! What all heaps of the process have in use.

use crate::heaps;
use crate::supply::{self, SUPPLY};
use crate::threaded::ThreadedTlsf;

/// The figures of the process, and of what it has from the system.
///
/// Bytes are what programs may use of their blocks; blocks that were freed by another thread than
/// their owner count as in use until the owner has seen them. Figures of other threads are some
/// operations old.
///
/// ```
/// #[global_allocator]
/// static HEAP: rlsf_threads::ThreadedTlsf = rlsf_threads::ThreadedTlsf::new();
/// let before = HEAP.statistics();
/// let block = vec![0_u8; 1000];
/// let after = HEAP.statistics();
/// # if cfg!(feature = "stats") {
/// assert_eq!(after.live_blocks, before.live_blocks + 1);
/// assert!(after.live_bytes >= before.live_bytes + block.len());
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Statistics {
    /// Blocks in use; zero without the feature `stats`, as all that is said of them.
    pub live_blocks: usize,
    /// The bytes of these.
    pub live_bytes: usize,
    /// A bound of the most bytes that were in use: the sum of what each heap had at its most.
    pub peak_bytes: usize,
    /// What could be: free blocks, and what slabs have free or are made of besides.
    pub free_bytes: usize,
    /// What the heaps have from the system now.
    pub source_bytes: usize,
    /// The part of it that is in segments, for requests up to 256 KiB.
    pub segment_bytes: usize,
    /// What has been taken from the system, ever.
    pub taken_bytes: usize,
    /// What has been given back.
    pub given_back_bytes: usize,
    /// The largest request that needs no more pages.
    pub largest_free: usize,
    /// The heaps that there are: as many as there were threads at the most.
    pub heaps: usize,
}

impl ThreadedTlsf {
    /// The figures of the process. Takes time linear in the number of heaps.
    ///
    /// ```
    /// let heap = rlsf_threads::ThreadedTlsf::new();
    /// assert!(heap.statistics().peak_bytes >= heap.statistics().live_bytes);
    /// ```
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        let large = supply::tallied();
        let mut statistics = Statistics {
            live_blocks: large.blocks,
            live_bytes: large.bytes,
            peak_bytes: large.peak,
            free_bytes: 0,
            source_bytes: SUPPLY.source_bytes(),
            segment_bytes: supply::segment_bytes(),
            taken_bytes: SUPPLY.bytes_taken(),
            given_back_bytes: SUPPLY.bytes_given_back(),
            largest_free: SUPPLY.largest_allocatable(),
            heaps: 0,
        };
        for heap in heaps::all() {
            let tallied = heap.tallied();
            // A block may move from one heap to another between two looks.
            statistics.live_blocks = statistics.live_blocks.wrapping_add(tallied.blocks);
            statistics.live_bytes = statistics.live_bytes.wrapping_add(tallied.bytes);
            statistics.peak_bytes += tallied.peak;
            statistics.heaps += 1;
        }
        #[cfg(feature = "stats")]
        {
            let in_segments = statistics.live_bytes.wrapping_sub(large.bytes);
            let free = statistics.segment_bytes.saturating_sub(in_segments);
            statistics.free_bytes = free + SUPPLY.statistics().free_bytes;
        }
        statistics
    }

    /// Whether the calling thread is in the handler of a signal that has interrupted an operation
    /// under the lock of what no thread's heap has: [`statistics`](Self::statistics), and whatever
    /// else needs that, would panic there. Constant time.
    ///
    /// ```
    /// assert!(!rlsf_threads::ThreadedTlsf::new().is_interrupted());
    /// ```
    #[must_use]
    pub fn is_interrupted(&self) -> bool {
        SUPPLY.is_interrupted()
    }

    /// Shows the size of every free block of what no thread's heap has. Takes time linear in
    /// the number of segments and large blocks, under a lock: `visit` must not allocate.
    ///
    /// ```
    /// let mut bytes = 0;
    /// rlsf_threads::ThreadedTlsf::new().for_each_spare_block(&mut |size| bytes += size);
    /// assert_eq!(bytes, 0);
    /// ```
    pub fn for_each_spare_block(&self, visit: &mut dyn FnMut(usize)) {
        SUPPLY.for_each_block(&mut |block| {
            if !block.is_occupied() {
                visit(block.size());
            }
        });
    }
}
