//! The crate `dlmalloc`: Doug Lea's allocator, fed with one pool.

use core::alloc::Layout;
use core::cell::Cell;
use core::mem::MaybeUninit;
use core::ptr;

use dlmalloc::{Allocator, Dlmalloc};

use crate::heap::Heap;

/// The bit that tells dlmalloc that it did not make a segment and cannot give it back.
const EXTERN_SEGMENT: u32 = 1;

/// What dlmalloc rounds its requests for memory up to: little, so that they never exceed the pool
/// for that.
const GRANULARITY: usize = 64;

/// Hands the whole pool out at the first request and nothing afterwards.
struct OnePool {
    base: *mut u8,
    size: usize,
    handed_out: Cell<bool>,
}

// SAFETY: a heap is used by the thread that made it.
unsafe impl Send for OnePool {}

// SAFETY: the one region that is handed out is the pool, which nobody else uses.
unsafe impl Allocator for OnePool {
    fn alloc(&self, size: usize) -> (*mut u8, usize, u32) {
        if size > self.size || self.handed_out.replace(true) {
            return (ptr::null_mut(), 0, 0);
        }
        (self.base, self.size, EXTERN_SEGMENT)
    }

    fn remap(&self, _: *mut u8, _: usize, _: usize, _: bool) -> *mut u8 {
        ptr::null_mut()
    }

    fn free_part(&self, _: *mut u8, _: usize, _: usize) -> bool {
        false
    }

    fn free(&self, _: *mut u8, _: usize) -> bool {
        false
    }

    fn can_release_part(&self, _: u32) -> bool {
        false
    }

    fn allocates_zeros(&self) -> bool {
        false
    }

    fn page_size(&self) -> usize {
        4096
    }
}

/// Dlmalloc that cannot grow.
pub(crate) struct PoolDlmalloc(Dlmalloc<OnePool>);

impl Heap for PoolDlmalloc {
    fn new(pool: &'static mut [MaybeUninit<u8>]) -> Self {
        let mut heap = Dlmalloc::new_with_allocator(OnePool {
            base: pool.as_mut_ptr().cast(),
            size: pool.len(),
            handed_out: Cell::new(false),
        });
        assert!(
            heap.set_granularity(GRANULARITY),
            "dlmalloc takes the granularity"
        );
        Self(heap)
    }

    unsafe fn allocate(&mut self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        unsafe { self.0.malloc(layout.size(), layout.align()) }
    }

    unsafe fn deallocate(&mut self, payload: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { self.0.free(payload, layout.size(), layout.align()) };
    }

    unsafe fn reallocate(&mut self, payload: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: the caller's promise.
        unsafe {
            self.0
                .realloc(payload, layout.size(), layout.align(), new_size)
        }
    }
}
