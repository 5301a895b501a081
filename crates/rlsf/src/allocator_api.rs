//! `allocator_api2::alloc::Allocator` for `&Locked`: collections in a given heap.

use crate::heap::Heap;
use crate::lock::Lock;
use crate::Locked;
use allocator_api2::alloc::{AllocError, Allocator};
use core::alloc::Layout;
use core::ptr::{self, NonNull};

/// `len` bytes at `start`.
fn slice(start: NonNull<u8>, len: usize) -> NonNull<[u8]> {
    let slice = ptr::slice_from_raw_parts_mut(start.as_ptr(), len);
    // SAFETY: not null, as its start is not.
    unsafe { NonNull::new_unchecked(slice) }
}

impl<L: Lock, H: Heap> Locked<L, H> {
    /// Resizes a block; where the alignment grows, by copying it.
    ///
    /// # Safety
    ///
    /// `ptr` is a block of this heap in use, with the layout `old`.
    unsafe fn refit(
        &self,
        ptr: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        let kept = old.size().min(new.size());
        let target = if new.align() <= old.align() {
            // SAFETY: the caller's promise.
            unsafe { self.resize(ptr, old, new) }.ok_or(AllocError)?
        } else {
            let target = self.allocate(new).ok_or(AllocError)?;
            // SAFETY: two blocks, each of at least this many bytes.
            unsafe { ptr::copy_nonoverlapping(ptr.as_ptr(), target.as_ptr(), kept) };
            // SAFETY: the caller's promise.
            unsafe { self.deallocate(ptr, old) };
            target
        };
        Ok(slice(target, new.size()))
    }
}

// SAFETY: blocks stay where they are until they are freed; copies of a reference lead
// to the same heap.
unsafe impl<L: Lock, H: Heap> Allocator for &Locked<L, H> {
    fn allocate(&self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        let payload = Locked::allocate(self, layout).ok_or(AllocError)?;
        Ok(slice(payload, layout.size()))
    }

    unsafe fn deallocate(&self, ptr: NonNull<u8>, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { Locked::deallocate(self, ptr, layout) };
    }

    unsafe fn grow(
        &self,
        ptr: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: the caller's promise.
        unsafe { self.refit(ptr, old, new) }
    }

    unsafe fn grow_zeroed(
        &self,
        ptr: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: the caller's promise.
        let grown = unsafe { self.refit(ptr, old, new) }?;
        let fresh = grown.cast::<u8>().as_ptr().wrapping_add(old.size());
        // SAFETY: the bytes behind the old ones, up to the new size.
        unsafe { fresh.write_bytes(0, new.size() - old.size()) };
        Ok(grown)
    }

    unsafe fn shrink(
        &self,
        ptr: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: the caller's promise.
        unsafe { self.refit(ptr, old, new) }
    }
}
