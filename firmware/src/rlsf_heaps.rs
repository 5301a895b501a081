//! Our heap and the published crate's, with 12 rows of 16 bins.

use crate::stress::Heap;
use core::alloc::Layout;
use core::mem::MaybeUninit;
use core::ptr::NonNull;

/// Ours, freed without the size.
#[allow(missing_debug_implementations)]
pub struct Ours(rlsf::Tlsf<'static, u16, u16, 12, 16>);

impl Heap for Ours {
    fn new(arena: &'static mut [MaybeUninit<u8>]) -> Self {
        let mut heap = rlsf::Tlsf::new();
        heap.insert_free_block(arena);
        Self(heap)
    }

    fn allocate(&mut self, layout: Layout) -> Option<NonNull<u8>> {
        self.0.allocate(layout)
    }

    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { self.0.deallocate(block, layout.align()) };
    }
}

/// Ours, freed with the layout, as a global allocator frees.
#[allow(missing_debug_implementations)]
pub struct OursSized(Ours);

impl Heap for OursSized {
    fn new(arena: &'static mut [MaybeUninit<u8>]) -> Self {
        Self(Heap::new(arena))
    }

    fn allocate(&mut self, layout: Layout) -> Option<NonNull<u8>> {
        self.0 .0.allocate(layout)
    }

    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { self.0 .0.deallocate_sized(block, layout) };
    }
}

/// The published crate's.
#[allow(missing_debug_implementations)]
pub struct Published(published::Tlsf<'static, u16, u16, 12, 16>);

impl Heap for Published {
    fn new(arena: &'static mut [MaybeUninit<u8>]) -> Self {
        let mut heap = published::Tlsf::new();
        heap.insert_free_block(arena);
        Self(heap)
    }

    fn allocate(&mut self, layout: Layout) -> Option<NonNull<u8>> {
        self.0.allocate(layout)
    }

    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { self.0.deallocate(block, layout.align()) };
    }
}
