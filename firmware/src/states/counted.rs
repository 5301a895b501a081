//! The heaps of the stress as subjects of the search.

use super::{Block, Subject, ARENA};
use crate::stress::{measure, overhead, Heap};
use core::alloc::Layout;
use core::mem::MaybeUninit;
use core::ptr::NonNull;

/// A heap, and the memory in which it lives.
#[derive(Debug)]
pub struct Counted<H> {
    heap: H,
    arena: *mut MaybeUninit<u8>,
    overhead: u32,
}

impl<H: Heap> Counted<H> {
    /// A heap in the `ARENA` bytes at `arena`.
    ///
    /// # Safety
    ///
    /// Nobody else has the memory.
    pub unsafe fn new(arena: *mut u8) -> Self {
        let arena = arena.cast();
        Self {
            // SAFETY: the caller's promise.
            heap: H::new(unsafe { core::slice::from_raw_parts_mut(arena, ARENA) }),
            arena,
            overhead: overhead(),
        }
    }
}

impl<H: Heap> Subject for Counted<H> {
    fn renew(&mut self) {
        // SAFETY: the heap that had the memory is not used any more.
        let arena = unsafe { core::slice::from_raw_parts_mut(self.arena, ARENA) };
        self.heap = H::new(arena);
    }

    // Not a part of the search, whose registers would be loaded between the two readings.
    #[inline(never)]
    fn allocate(&mut self, layout: Layout) -> (Option<NonNull<u8>>, u32) {
        let mut block = None;
        let count = measure(|| block = allocate(&mut self.heap, layout));
        (block, count - self.overhead)
    }

    #[inline(never)] // as above
    unsafe fn deallocate(&mut self, block: Block) -> u32 {
        // SAFETY: the caller's promise.
        let count = measure(|| unsafe { deallocate(&mut self.heap, block) });
        count - self.overhead
    }
}

#[inline(never)]
fn allocate<H: Heap>(heap: &mut H, layout: Layout) -> Option<NonNull<u8>> {
    heap.allocate(layout)
}

/// # Safety
///
/// The block is live.
#[inline(never)]
unsafe fn deallocate<H: Heap>(heap: &mut H, block: Block) {
    // SAFETY: the caller's promise.
    unsafe { heap.deallocate(block.start, block.layout) };
}
