//! Our heap and the published crate's, with 12 rows of 16 bins.

use crate::stress::Heap;
use core::alloc::Layout;
use core::mem::MaybeUninit;
use core::ptr::NonNull;

/// A heap of a crate, freed without the size.
macro_rules! unsized_heap {
    ($(#[$documentation:meta])* $name:ident, $package:ident) => {
        $(#[$documentation])*
        #[allow(missing_debug_implementations)]
        pub struct $name($package::Tlsf<'static, u16, u16, 12, 16>);

        impl Heap for $name {
            fn new(arena: &'static mut [MaybeUninit<u8>]) -> Self {
                let mut heap = $package::Tlsf::new();
                heap.insert_free_block(arena);
                Self(heap)
            }

            #[inline]
            fn allocate(&mut self, layout: Layout) -> Option<NonNull<u8>> {
                self.0.allocate(layout)
            }

            #[inline]
            unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
                // SAFETY: the caller's promise.
                unsafe { self.0.deallocate(block, layout.align()) };
            }
        }
    };
}

unsized_heap! {
    /// Ours, freed without the size.
    Ours, rlsf
}

unsized_heap! {
    /// The published crate's.
    Published, published
}

/// Ours, freed with the layout, as a global allocator frees.
#[allow(missing_debug_implementations)]
pub struct OursSized(Ours);

impl Heap for OursSized {
    fn new(arena: &'static mut [MaybeUninit<u8>]) -> Self {
        Self(Heap::new(arena))
    }

    #[inline]
    fn allocate(&mut self, layout: Layout) -> Option<NonNull<u8>> {
        self.0 .0.allocate(layout)
    }

    #[inline]
    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { self.0 .0.deallocate_sized(block, layout) };
    }
}
