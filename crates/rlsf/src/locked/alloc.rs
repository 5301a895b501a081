//! [`Locked`] as Rust's allocator.

use super::Locked;
use crate::heap::Heap;
use crate::lock::Lock;
use crate::oom::OutOfMemory;
use core::alloc::{GlobalAlloc, Layout};
use core::ptr::{self, NonNull};

impl<L: Lock, H: Heap> Locked<L, H> {
    #[inline]
    pub(crate) fn allocate(&self, layout: Layout) -> Option<NonNull<u8>> {
        let payload = self.take(layout);
        if payload.is_none() {
            self.report(layout);
        }
        payload
    }

    #[inline]
    fn take(&self, layout: Layout) -> Option<NonNull<u8>> {
        self.with(|heap| heap.allocate(layout))
    }

    /// Tells the hook of a request that failed.
    #[cold]
    fn report(&self, layout: Layout) {
        self.hook.call(|| {
            let statistics = self.with(|heap| heap.figures());
            OutOfMemory::new(layout, statistics, None)
        });
    }

    /// # Safety
    ///
    /// `payload` is a block of this heap in use, with this layout.
    #[inline]
    pub(crate) unsafe fn deallocate(&self, payload: NonNull<u8>, layout: Layout) {
        // SAFETY: the caller's promise.
        self.with(|heap| unsafe { heap.deallocate(payload, layout) });
    }

    /// Resizes in place, or copies to a new block while the lock is free, or moves
    /// down under the lock. `None` leaves the block as it was.
    ///
    /// # Safety
    ///
    /// `payload` is a block of this heap in use, with the layout `old`; `new` has the
    /// same alignment or a smaller one.
    pub(crate) unsafe fn resize(
        &self,
        payload: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Option<NonNull<u8>> {
        // SAFETY: the caller's promise.
        if self.with(|heap| unsafe { heap.resize_in_place(payload, old, new) }) {
            return Some(payload);
        }
        let target = match self.take(new) {
            Some(target) => target,
            // SAFETY: the caller's promise.
            None => return unsafe { self.move_down(payload, old, new) },
        };
        let bytes = old.size().min(new.size());
        // SAFETY: both blocks have as many bytes, and the two do not overlap.
        unsafe { ptr::copy_nonoverlapping(payload.as_ptr(), target.as_ptr(), bytes) };
        // SAFETY: the caller's promise.
        unsafe { self.deallocate(payload, old) };
        Some(target)
    }

    /// What is left to try for a block that cannot grow in place nor move elsewhere.
    ///
    /// # Safety
    ///
    /// As for `resize`.
    #[cold]
    unsafe fn move_down(
        &self,
        payload: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Option<NonNull<u8>> {
        // SAFETY: the caller's promise.
        let moved = self.with(|heap| unsafe { heap.reallocate_after_failure(payload, old, new) });
        if moved.is_none() {
            self.report(new);
        }
        moved
    }
}

// SAFETY: `Tlsf` keeps the contract of an allocator, and the lock makes it one for
// all that share it; nothing here unwinds.
unsafe impl<L: Lock, H: Heap> GlobalAlloc for Locked<L, H> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.allocate(layout)
            .map_or(ptr::null_mut(), NonNull::as_ptr)
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        // SAFETY: a block of this allocator is not null.
        let payload = unsafe { NonNull::new_unchecked(ptr) };
        // SAFETY: the caller's promise.
        unsafe { self.deallocate(payload, layout) };
    }

    unsafe fn realloc(&self, ptr: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: the caller promises that the new size makes a layout.
        let new = unsafe { Layout::from_size_align_unchecked(new_size, layout.align()) };
        // SAFETY: a block of this allocator is not null.
        let payload = unsafe { NonNull::new_unchecked(ptr) };
        // SAFETY: the caller's promise.
        unsafe { self.resize(payload, layout, new) }.map_or(ptr::null_mut(), NonNull::as_ptr)
    }
}
