//! The crate `good_memory_allocator`, known as galloc.

use core::alloc::Layout;
use core::mem::MaybeUninit;

use good_memory_allocator::{
    Allocator, DEFAULT_ALIGNMENT_SUB_BINS_AMOUNT, DEFAULT_SMALLBINS_AMOUNT,
};

use crate::heap::Heap;

/// Galloc with its default bins, boxed since its pool points back at it.
pub(crate) struct Galloc(
    Box<Allocator<DEFAULT_SMALLBINS_AMOUNT, DEFAULT_ALIGNMENT_SUB_BINS_AMOUNT>>,
);

impl Heap for Galloc {
    fn new(pool: &'static mut [MaybeUninit<u8>]) -> Self {
        let mut heap = Box::new(Allocator::empty());
        // SAFETY: the pool is the heap's alone, for ever, and the box keeps the heap at its place.
        unsafe { heap.init(pool.as_mut_ptr().expose_provenance(), pool.len()) };
        Self(heap)
    }

    unsafe fn allocate(&mut self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        unsafe { self.0.alloc(layout) }
    }

    unsafe fn deallocate(&mut self, payload: *mut u8, _layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { self.0.dealloc(payload) };
    }

    unsafe fn reallocate(&mut self, payload: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: the caller's promise.
        unsafe { self.0.realloc(payload, layout, new_size) }
    }
}
