//! What is done apart from the real-time path: memory taken in advance, and given back.

use crate::current;
use crate::heap::HeapRef;
use crate::heaps;
use crate::orphans;
use crate::segment::STEP;
use crate::supply::{self, SUPPLY};
use crate::threaded::ThreadedTlsf;
use rlsf::ReserveError;

/// How many freed blocks a trim looks at in each heap.
const LOOK_AT: usize = 1 << 20;

impl ThreadedTlsf {
    /// Takes memory for `bytes` bytes of the calling thread's blocks of up to 256 KiB, and as many
    /// of larger ones, and makes it resident: requests that it serves cost no page fault and no
    /// system call. Freed memory stays resident from then on, until a [`trim`](Self::trim).
    ///
    /// Takes time linear in the pages.
    ///
    /// ```
    /// rlsf_threads::ThreadedTlsf::new().reserve(1 << 20).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// [`ReserveError::NoPages`] if there is no address space,
    /// [`ReserveError::NotResident`] if the system refuses to make the pages resident.
    pub fn reserve(&self, bytes: usize) -> Result<(), ReserveError> {
        supply::reserve(room(bytes))?;
        take_segments(bytes)
    }

    /// As [`reserve`](Self::reserve), and has the system keep the pages in memory (`mlock`).
    ///
    /// ```
    /// if let Err(error) = rlsf_threads::ThreadedTlsf::new().reserve_locked(1 << 16) {
    ///     eprintln!("not real-time: {error}");
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// As for `reserve`; most systems limit what a user may lock.
    pub fn reserve_locked(&self, bytes: usize) -> Result<(), ReserveError> {
        supply::reserve_locked(room(bytes))?;
        take_segments(bytes)
    }

    /// Gives memory that holds no block back to the system: of the calling thread's heap, of
    /// heaps whose thread has ended, and of what no thread has; the bytes of its addresses. What
    /// [`reserve`](Self::reserve) has made resident goes back, too.
    ///
    /// Takes time linear in what is free.
    ///
    /// ```
    /// let block = vec![0_u8; 3 << 20];
    /// drop(block);
    /// rlsf_threads::ThreadedTlsf::new().trim();
    /// ```
    pub fn trim(&self) -> usize {
        supply::end_reserve();
        let mut bytes = current::get().map_or(0, trim_heap);
        // Others may begin to use some meanwhile; no more than there are.
        for _ in heaps::all() {
            match orphans::look_at_next(trim_heap) {
                Some(more) => bytes += more,
                None => break,
            }
        }
        bytes + SUPPLY.trim()
    }
}

fn trim_heap(heap: HeapRef) -> usize {
    heap.empty_inboxes(LOOK_AT);
    heap.give_idle_slabs();
    let pages = heap.release_free_pages();
    heap.give_idle_segment();
    pages
}

/// What the supply needs for so many bytes of each kind.
fn room(bytes: usize) -> usize {
    bytes.saturating_add(segments(bytes).saturating_add(1).saturating_mul(STEP))
}

/// The segments that so many bytes take.
fn segments(bytes: usize) -> usize {
    // A segment's header, and what a slab or a block of a class leaves.
    bytes / (STEP / 8 * 7) + 1
}

fn take_segments(bytes: usize) -> Result<(), ReserveError> {
    let heap = current::get().or_else(current::begin);
    let heap = heap.ok_or(ReserveError::NoPages)?;
    for _ in 0..segments(bytes) {
        heap.add_segment().ok_or(ReserveError::NoPages)?;
    }
    Ok(())
}
