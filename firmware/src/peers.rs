//! The other crates' heaps, for the stress.

use crate::stress::Heap;
use core::alloc::{GlobalAlloc, Layout};
use core::mem::MaybeUninit;
use core::ptr::NonNull;
use talc::source::Manual;
use talc::DefaultBinning;

/// `talc`.
#[allow(missing_debug_implementations)]
pub struct Talc(talc::base::Talc<Manual, DefaultBinning>);

impl Heap for Talc {
    fn new(arena: &'static mut [MaybeUninit<u8>]) -> Self {
        let mut heap = talc::base::Talc::new(Manual);
        // SAFETY: the arena is the heap's alone.
        let claimed = unsafe { heap.claim(arena.as_mut_ptr().cast(), arena.len()) };
        claimed.expect("the arena holds its bins");
        Self(heap)
    }

    fn allocate(&mut self, layout: Layout) -> Option<NonNull<u8>> {
        // SAFETY: the stress asks for a byte at least.
        unsafe { self.0.allocate(layout) }
    }

    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { self.0.deallocate(block.as_ptr(), layout) };
    }
}

/// `linked_list_allocator`.
#[allow(missing_debug_implementations)]
pub struct LinkedList(linked_list_allocator::Heap);

impl Heap for LinkedList {
    fn new(arena: &'static mut [MaybeUninit<u8>]) -> Self {
        Self(linked_list_allocator::Heap::from_slice(arena))
    }

    fn allocate(&mut self, layout: Layout) -> Option<NonNull<u8>> {
        self.0.allocate_first_fit(layout).ok()
    }

    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { self.0.deallocate(block, layout) };
    }
}

/// A heap of `embedded-alloc`, which takes the critical section for each operation.
macro_rules! embedded {
    ($name:ident) => {
        impl Heap for $name {
            fn new(arena: &'static mut [MaybeUninit<u8>]) -> Self {
                let heap = Self(embedded_alloc::$name::empty());
                // SAFETY: the arena is the heap's alone.
                unsafe { heap.0.init(arena.as_mut_ptr() as usize, arena.len()) };
                heap
            }

            fn allocate(&mut self, layout: Layout) -> Option<NonNull<u8>> {
                // SAFETY: the stress asks for a byte at least.
                NonNull::new(unsafe { self.0.alloc(layout) })
            }

            unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
                // SAFETY: the caller's promise.
                unsafe { self.0.dealloc(block.as_ptr(), layout) };
            }
        }
    };
}

/// The `LlffHeap` of `embedded-alloc`: `linked_list_allocator` behind the critical section.
#[allow(missing_debug_implementations)]
pub struct LlffHeap(embedded_alloc::LlffHeap);

/// The `TlsfHeap` of `embedded-alloc`: the published rlsf with 32 rows of 32 bins behind the critical section.
#[allow(missing_debug_implementations)]
pub struct TlsfHeap(embedded_alloc::TlsfHeap);

embedded!(LlffHeap);
embedded!(TlsfHeap);

/// `tlsf` by Jorge Aparicio: pools of up to 256 KiB, 11 rows of 16 bins.
#[allow(missing_debug_implementations)]
pub struct Tlsf(tlsf::Tlsf<'static, 11>);

impl Heap for Tlsf {
    fn new(arena: &'static mut [MaybeUninit<u8>]) -> Self {
        // SAFETY: words that need not be initialised, as the bytes.
        let (_, memory, _) = unsafe { arena.align_to_mut() };
        let mut heap = tlsf::Tlsf::empty();
        heap.initialize(memory);
        Self(heap)
    }

    fn allocate(&mut self, layout: Layout) -> Option<NonNull<u8>> {
        let block = self.0.memalign(layout)?;
        Some(NonNull::from(block).cast())
    }

    unsafe fn deallocate(&mut self, block: NonNull<u8>, _: Layout) {
        // SAFETY: the caller's promise.
        unsafe { self.0.free(block.cast()) };
    }
}
