//! [`CAlloc`]: an allocator that is told no layout when it frees.

use super::{GlobalTlsf, GlobalTlsfOptions, Heap};
use core::alloc::Layout;
use core::panic::Location;
use core::ptr::NonNull;

/// An allocator as the C library has it: it knows by the pointer what to free.
///
/// ```
/// use rlsf::{CAlloc, GlobalTlsf};
/// use std::alloc::Layout;
///
/// static HEAP: GlobalTlsf = GlobalTlsf::new();
/// let block = CAlloc::allocate(&HEAP, Layout::new::<[u8; 100]>()).unwrap();
/// unsafe {
///     assert!(GlobalTlsf::<()>::allocation_usable_size(block) >= 100);
///     let line = Layout::from_size_align(1000, 64).unwrap();
///     let block = CAlloc::reallocate(&HEAP, block, line).unwrap();
///     assert_eq!(block.as_ptr() as usize % 64, 0);
///     CAlloc::deallocate(&HEAP, block);
/// }
/// ```
///
/// # Safety
///
/// The methods keep their promises, also when several threads call them: a block that
/// is returned belongs to the caller until it is freed.
pub unsafe trait CAlloc {
    /// Allocates `layout.size()` bytes at a multiple of `layout.align()`; `None` if there
    /// is no memory. A request of zero bytes gets a distinct address.
    fn allocate(&self, layout: Layout) -> Option<NonNull<u8>>;

    /// Frees a block.
    ///
    /// # Safety
    ///
    /// `ptr` was returned by this allocator and is not freed yet.
    unsafe fn deallocate(&self, ptr: NonNull<u8>);

    /// Resizes a block, where it stands if that can be; the first bytes keep their
    /// contents. The alignments of the old and the new block may differ. `None` leaves
    /// the block untouched.
    ///
    /// # Safety
    ///
    /// `ptr` was returned by this allocator and is not freed yet.
    unsafe fn reallocate(&self, ptr: NonNull<u8>, new_layout: Layout) -> Option<NonNull<u8>>;

    /// The bytes that a block may use: at least the requested size.
    ///
    /// # Safety
    ///
    /// `ptr` was returned by an allocator of this type and is not freed yet.
    unsafe fn allocation_usable_size(ptr: NonNull<u8>) -> usize;
}

// SAFETY: as for `GlobalAlloc`.
unsafe impl<Options: GlobalTlsfOptions> CAlloc for GlobalTlsf<Options> {
    #[track_caller]
    fn allocate(&self, layout: Layout) -> Option<NonNull<u8>> {
        match self.heap.with(|heap| heap.as_tlsf_mut().allocate(layout)) {
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
