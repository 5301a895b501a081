//! The crate `embedded-alloc`: a heap for firmware behind the program's critical section. (Its other one is
//! `linked_list_allocator`, which is compared by itself.)

use core::alloc::{GlobalAlloc, Layout};
use core::mem::MaybeUninit;

use critical_section::RawRestoreState;

use crate::heap::Heap;

/// A critical section that costs nothing.
struct Nothing;

critical_section::set_impl!(Nothing);

// SAFETY: a heap here is used by the thread that made it.
unsafe impl critical_section::Impl for Nothing {
    unsafe fn acquire() -> RawRestoreState {}

    unsafe fn release((): RawRestoreState) {}
}

/// `TlsfHeap`: the published rlsf with 64 rows of 64 bins, which does not resize in place.
pub(crate) struct TlsfHeap(Box<embedded_alloc::TlsfHeap>);

impl Heap for TlsfHeap {
    fn new(pool: &'static mut [MaybeUninit<u8>]) -> Self {
        let heap = Box::new(embedded_alloc::TlsfHeap::empty());
        // SAFETY: the pool is the heap's alone, for ever.
        unsafe { heap.init(pool.as_mut_ptr().expose_provenance(), pool.len()) };
        Self(heap)
    }

    unsafe fn allocate(&mut self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        unsafe { self.0.alloc(layout) }
    }

    unsafe fn deallocate(&mut self, payload: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { self.0.dealloc(payload, layout) };
    }
}
