//! The crate `talc`: the bare `Talc` with its default bins and a pool that it is given once.

use core::alloc::Layout;
use core::mem::MaybeUninit;
use core::ptr::{self, NonNull};

use talc::source::Manual;
use talc::DefaultBinning;

use crate::heap::Heap;

/// Talc without a lock and without a source of further memory.
pub(crate) struct Talc(talc::base::Talc<Manual, DefaultBinning>);

impl Heap for Talc {
    fn new(pool: &'static mut [MaybeUninit<u8>]) -> Self {
        let mut heap = talc::base::Talc::new(Manual);
        // SAFETY: the pool is the heap's alone, for ever.
        unsafe { heap.claim(pool.as_mut_ptr().cast(), pool.len()) }
            .expect("the pool holds talc's bins");
        Self(heap)
    }

    unsafe fn allocate(&mut self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        unsafe { self.0.allocate(layout) }.map_or(ptr::null_mut(), NonNull::as_ptr)
    }

    unsafe fn deallocate(&mut self, payload: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { self.0.deallocate(payload, layout) };
    }

    unsafe fn reallocate(&mut self, payload: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: the caller's promise.
        if unsafe { self.0.try_realloc_in_place(payload, layout, new_size) } {
            return payload;
        }
        // SAFETY: the caller's alignment with a size that a pool could hold.
        let wanted = unsafe { Layout::from_size_align_unchecked(new_size, layout.align()) };
        // SAFETY: `new_size` is not zero.
        let moved = unsafe { self.allocate(wanted) };
        if !moved.is_null() {
            // SAFETY: only growing fails in place, so both blocks hold the old size.
            unsafe { payload.copy_to_nonoverlapping(moved, layout.size()) };
            // SAFETY: the caller's promise.
            unsafe { self.0.deallocate(payload, layout) };
        }
        moved
    }
}
