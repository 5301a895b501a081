//! [`GlobalTlsf`] as C's allocator.

use super::{CAlloc, GlobalTlsf, GlobalTlsfOptions, Heap};
use core::alloc::Layout;
use core::panic::Location;
use core::ptr::NonNull;

// SAFETY: as for `GlobalAlloc`.
unsafe impl<Options: GlobalTlsfOptions> CAlloc for GlobalTlsf<Options> {
    #[track_caller]
    fn allocate(&self, layout: Layout) -> Option<NonNull<u8>> {
        let inner = Self::inner(layout);
        match self.heap.with(|heap| heap.as_tlsf_mut().allocate(inner)) {
            Some(Some(payload)) => Some(payload),
            _ => self.allocate_with_more(layout, Some(Location::caller())),
        }
    }

    unsafe fn deallocate(&self, ptr: NonNull<u8>) {
        // SAFETY: the caller's promise.
        let free = |heap: &mut Heap| unsafe { heap.as_tlsf_mut().deallocate_unknown_align(ptr) };
        // SAFETY: the block was allocated, so the heap has been used.
        unsafe { self.heap.with_settled(free) };
    }

    #[track_caller]
    unsafe fn reallocate(&self, ptr: NonNull<u8>, new_layout: Layout) -> Option<NonNull<u8>> {
        let location = Some(Location::caller());
        // SAFETY: the caller's promise.
        let used = unsafe { Self::allocation_usable_size(ptr) };
        if ptr.as_ptr() as usize % new_layout.align() == 0 {
            // SAFETY: the caller's promise; the address has the alignment.
            unsafe { self.resize(ptr, used, new_layout, location) }
        } else {
            // SAFETY: the caller's promise.
            unsafe { self.relocate(ptr, used, new_layout, location) }
        }
    }

    unsafe fn allocation_usable_size(ptr: NonNull<u8>) -> usize {
        // SAFETY: the caller's promise.
        unsafe { Heap::allocation_usable_size(ptr) }
    }
}
