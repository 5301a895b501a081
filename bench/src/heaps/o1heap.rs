//! The crate `o1heap`, bindings to a constant-time heap in C: half fit, powers of two, no realloc.
//!
//! It is compared with the feature `o1heap` only, since its bindings are generated with libclang.

use core::alloc::Layout;
use core::mem::MaybeUninit;
use core::ptr::{self, NonNull};

use o1heap::{O1Heap, ALIGNMENT};

use crate::heap::Heap;

/// The heap in C behind its handle.
pub(crate) struct O1(O1Heap);

impl Heap for O1 {
    fn new(pool: &'static mut [MaybeUninit<u8>]) -> Self {
        let heap = O1Heap::empty();
        // SAFETY: the pool is the heap's alone, for ever, and arenas are aligned to more than it
        // asks for.
        unsafe { heap.init(pool.as_mut_ptr().cast(), pool.len()) }
            .expect("the pool holds the heap");
        Self(heap)
    }

    unsafe fn allocate(&mut self, layout: Layout) -> *mut u8 {
        if layout.align() > ALIGNMENT {
            return ptr::null_mut();
        }
        self.0
            .allocate(layout.size())
            .map_or(ptr::null_mut(), NonNull::as_ptr)
    }

    unsafe fn deallocate(&mut self, payload: *mut u8, _layout: Layout) {
        // SAFETY: a live block is not null.
        let payload = unsafe { NonNull::new_unchecked(payload) };
        // SAFETY: the caller's promise.
        unsafe { self.0.free(payload) };
    }
}
