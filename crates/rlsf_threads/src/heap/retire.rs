//! What becomes of a heap whose thread ends: nearly all goes back to the system, if the thread
//! has worked long enough for that. Where threads come and go, the next one uses it. A heap whose
//! thread rests keeps its pages: whoever needs a segment may have them.

use super::HeapRef;
use crate::places;
use crate::supply;
use crate::vacant::{time, NANOSECONDS_PER_BYTE};
use core::ptr::NonNull;

/// How many freed blocks are looked at.
const LOOK_AT: usize = 64;

/// How many freed blocks and slabs are looked at where that may save a segment: as many as a
/// segment has slabs.
const SLABS: usize = 256;

/// How many blocks that rest are given back before: more than a segment's lists have, mostly.
const RESTING: usize = 1024;

/// How many free blocks give their pages back.
const BLOCKS: usize = 16;

/// How many bytes of each stay resident, for threads to come.
const KEPT: usize = 64 << 10;

/// The nanoseconds of a short life, after which everything stays.
const SHORT: u64 = 10_000_000;

impl HeapRef {
    /// Gives memory back before no thread has the heap. Constant time but for the system's part.
    pub(crate) fn retire(self) {
        self.look_at_inboxes(LOOK_AT);
        self.give_idle_slabs();
        let time = time(libc::CLOCK_THREAD_CPUTIME_ID);
        if time > SHORT && supply::has_no_reserve() {
            self.give_resting_blocks(RESTING);
            let bytes = usize::try_from(2 * time / NANOSECONDS_PER_BYTE);
            self.release_large_blocks(bytes.unwrap_or(usize::MAX));
        }
    }

    /// Makes free memory of what is idle, up to whole segments. Constant time but for the system's
    /// part.
    pub(crate) fn rest(self) {
        self.empty_inboxes(SLABS);
        self.give_resting_blocks(SLABS);
        self.give_idle_slabs();
    }

    /// Gives at most so many bytes of some free blocks back to the system, but for their first
    /// ones.
    fn release_large_blocks(self, mut most: usize) {
        for block in self.blocks().free_blocks(2 * KEPT).take(BLOCKS) {
            let idle = block.idle_bytes();
            let rest = idle.len().saturating_sub(KEPT).min(most);
            most -= rest;
            let start = places::forth(idle.cast::<u8>(), idle.len() - rest);
            // SAFETY: the heap does not use them while the block is free.
            unsafe { supply::release_pages(NonNull::slice_from_raw_parts(start, rest)) };
        }
    }
}
