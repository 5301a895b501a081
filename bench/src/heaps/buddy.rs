//! The crate `buddy_system_allocator`: powers of two, linear in the free blocks of a size when it
//! frees.

use core::alloc::Layout;
use core::mem::MaybeUninit;
use core::ptr::{self, NonNull};

use crate::heap::Heap;

/// A buddy heap with blocks of up to 4 GiB.
pub(crate) struct Buddy(buddy_system_allocator::Heap<33>);

impl Heap for Buddy {
    fn new(pool: &'static mut [MaybeUninit<u8>]) -> Self {
        let mut heap = buddy_system_allocator::Heap::empty();
        // SAFETY: the pool is the heap's alone, for ever.
        unsafe { heap.init(pool.as_mut_ptr().expose_provenance(), pool.len()) };
        Self(heap)
    }

    unsafe fn allocate(&mut self, layout: Layout) -> *mut u8 {
        self.0
            .alloc(layout)
            .map_or(ptr::null_mut(), NonNull::as_ptr)
    }

    unsafe fn deallocate(&mut self, payload: *mut u8, layout: Layout) {
        // SAFETY: a live block is not null.
        let payload = unsafe { NonNull::new_unchecked(payload) };
        // SAFETY: the caller's promise.
        unsafe { self.0.dealloc(payload, layout) };
    }
}
