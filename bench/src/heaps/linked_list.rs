//! The crate `linked_list_allocator`: first fit over a sorted list of holes, so linear in their
//! number.

use core::alloc::Layout;
use core::mem::MaybeUninit;
use core::ptr::{self, NonNull};

use crate::heap::Heap;

/// The bare list of holes.
pub(crate) struct LinkedList(linked_list_allocator::Heap);

impl Heap for LinkedList {
    fn new(pool: &'static mut [MaybeUninit<u8>]) -> Self {
        Self(linked_list_allocator::Heap::from_slice(pool))
    }

    unsafe fn allocate(&mut self, layout: Layout) -> *mut u8 {
        self.0
            .allocate_first_fit(layout)
            .map_or(ptr::null_mut(), NonNull::as_ptr)
    }

    unsafe fn deallocate(&mut self, payload: *mut u8, layout: Layout) {
        // SAFETY: a live block is not null.
        let payload = unsafe { NonNull::new_unchecked(payload) };
        // SAFETY: the caller's promise.
        unsafe { self.0.deallocate(payload, layout) };
    }
}
