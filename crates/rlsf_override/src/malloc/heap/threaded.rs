//! A heap a thread.

use super::Figures;
use core::alloc::Layout;
use core::ptr::NonNull;
use rlsf::{Misuse, ReserveError};
use rlsf_threads::ThreadedTlsf;

/// The heaps of the process.
#[derive(Debug)]
pub(in crate::malloc) struct ProcessHeap(ThreadedTlsf);

impl ProcessHeap {
    pub(super) const fn new() -> Self {
        Self(ThreadedTlsf::new())
    }

    /// Gives the heap its place, so that its `fork` handlers are registered before others.
    pub(in crate::malloc) fn settle(&self) {
        let _ = self.0.statistics();
    }

    #[inline(always)]
    pub(in crate::malloc) fn allocate(&self, layout: Layout) -> Option<NonNull<u8>> {
        self.0.allocate_checked(layout)
    }

    #[inline(always)]
    pub(in crate::malloc) fn allocate_zeroed(&self, layout: Layout) -> Option<NonNull<u8>> {
        self.0.allocate_zeroed_checked(layout)
    }

    /// # Safety
    ///
    /// If there is a block, nobody uses it any more.
    #[inline(always)]
    pub(in crate::malloc) unsafe fn deallocate(&self, ptr: NonNull<u8>) -> Result<(), Misuse> {
        // SAFETY: the caller's promise.
        unsafe { self.0.deallocate_checked(ptr) }
    }

    /// # Safety
    ///
    /// If there is a block, nobody else uses it.
    #[inline(always)]
    pub(in crate::malloc) unsafe fn reallocate(
        &self,
        ptr: NonNull<u8>,
        layout: Layout,
    ) -> Result<Option<NonNull<u8>>, Misuse> {
        // SAFETY: the caller's promise.
        unsafe { self.0.reallocate_checked(ptr, layout) }
    }

    pub(in crate::malloc) fn usable_size(&self, ptr: NonNull<u8>) -> Result<usize, Misuse> {
        self.0.usable_size_checked(ptr)
    }

    pub(in crate::malloc) fn reserve(&self, bytes: usize) -> Result<(), ReserveError> {
        self.0.reserve(bytes)
    }

    pub(in crate::malloc) fn reserve_locked(&self, bytes: usize) -> Result<(), ReserveError> {
        self.0.reserve_locked(bytes)
    }

    pub(in crate::malloc) fn trim(&self) -> usize {
        self.0.trim()
    }

    /// Whether the calling thread is in the handler of a signal that came while the heap worked.
    pub(in crate::malloc) fn is_interrupted(&self) -> bool {
        self.0.is_interrupted()
    }

    /// What is free in a slab, and its header, count as free.
    pub(in crate::malloc) fn figures(&self) -> Figures {
        let heaps = self.0.statistics();
        Figures {
            live_blocks: heaps.live_blocks,
            live_bytes: heaps.live_bytes,
            peak_bytes: heaps.peak_bytes,
            free_bytes: heaps.free_bytes,
            pool_bytes: heaps.source_bytes,
            largest_free: heaps.largest_free,
            taken_bytes: heaps.taken_bytes,
            given_back_bytes: heaps.given_back_bytes,
        }
    }

    /// Shows the size of every free block that no thread has, and as one block each, whatever
    /// is in use and whatever the threads have free.
    pub(in crate::malloc) fn for_each_block(&self, visit: &mut dyn FnMut(usize, bool)) {
        let heaps = self.0.statistics();
        let mut elsewhere = heaps.free_bytes;
        self.0.for_each_spare_block(&mut |bytes| {
            elsewhere = elsewhere.saturating_sub(bytes);
            visit(bytes, false);
        });
        if elsewhere != 0 {
            visit(elsewhere, false);
        }
        visit(heaps.live_bytes, true);
    }
}
