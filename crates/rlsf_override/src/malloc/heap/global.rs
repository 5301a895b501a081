//! One heap behind a lock.

use super::Figures;
use core::alloc::{GlobalAlloc, Layout};
use core::mem::{align_of, size_of};
use core::ptr::NonNull;
use libc::max_align_t;
use rlsf::{CAlloc, GlobalTlsf, GlobalTlsfOptions, Misuse, ReserveError};

/// What a C program's heap has to do.
#[derive(Debug)]
struct COptions;

impl GlobalTlsfOptions for COptions {
    const LEAST_ALIGN: usize = align_of::<max_align_t>();
}

/// The heap of the process.
#[derive(Debug)]
pub(in crate::malloc) struct ProcessHeap(GlobalTlsf<COptions>);

impl ProcessHeap {
    pub(super) const fn new() -> Self {
        Self(GlobalTlsf::new())
    }

    /// Gives the heap its place, so that its `fork` handlers are registered before others.
    pub(in crate::malloc) fn settle(&self) {
        let _ = self.0.source_bytes();
    }

    #[inline(always)]
    pub(in crate::malloc) fn allocate(&self, layout: Layout) -> Option<NonNull<u8>> {
        CAlloc::allocate(&self.0, layout)
    }

    #[inline(always)]
    pub(in crate::malloc) fn allocate_zeroed(&self, layout: Layout) -> Option<NonNull<u8>> {
        // SAFETY: this heap serves zero bytes, too.
        NonNull::new(unsafe { self.0.alloc_zeroed(layout) })
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

    pub(in crate::malloc) fn figures(&self) -> Figures {
        let heap = self.0.statistics();
        let headers = |blocks: usize| blocks * size_of::<usize>();
        Figures {
            live_blocks: heap.live_blocks,
            live_bytes: heap.used_bytes - headers(heap.live_blocks),
            peak_bytes: heap.peak_used_bytes,
            free_bytes: heap.free_bytes,
            pool_bytes: self.0.source_bytes(),
            largest_free: self.0.largest_allocatable(),
            taken_bytes: self.0.bytes_taken(),
            given_back_bytes: self.0.bytes_given_back(),
        }
    }

    /// Shows the size of every block, and whether it is in use. Time linear in their number.
    pub(in crate::malloc) fn for_each_block(&self, visit: &mut dyn FnMut(usize, bool)) {
        self.0
            .for_each_block(&mut |block| visit(block.size(), block.is_occupied()));
    }
}
