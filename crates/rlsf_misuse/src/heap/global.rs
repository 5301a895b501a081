//! `GlobalTlsf`, called as Rust calls a global allocator.

use core::alloc::{GlobalAlloc, Layout};
use core::hint::black_box;
use core::ptr::NonNull;

use rlsf::{CAlloc, GlobalTlsf};

use super::Heap;

/// The heap.
pub(super) static GLOBAL: GlobalTlsf = GlobalTlsf::new();

impl Heap for GlobalTlsf {
    fn allocate(&self, layout: Layout) -> *mut u8 {
        // SAFETY: no size is zero.
        black_box(unsafe { self.alloc(layout) })
    }

    fn allocate_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: no size is zero.
        black_box(unsafe { self.alloc_zeroed(layout) })
    }

    unsafe fn free(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { self.dealloc(black_box(block), layout) };
    }

    unsafe fn reallocate(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller's promise.
        black_box(unsafe { self.realloc(black_box(block), layout, size) })
    }

    unsafe fn usable_size(&self, block: *mut u8, _layout: Layout) -> usize {
        NonNull::new(block).map_or(0, |block| {
            // SAFETY: the caller's promise.
            unsafe { <Self as CAlloc>::allocation_usable_size(block) }
        })
    }

    fn trim(&self) {
        Self::trim(self);
    }
}
