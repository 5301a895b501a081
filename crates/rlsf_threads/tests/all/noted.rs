//! The heaps as a program's allocator, with a note of each operation for `ThreadSanitizer`.
//!
//! The thread that runs the tests allocates, too, and then waits for a test. That orders what it did before what the test
//! does, but in no way that the tool can see; a note orders the operations before a look at all heaps, and nothing else.

use crate::alone::is_instrumented;
use core::alloc::{GlobalAlloc, Layout};
use core::sync::atomic::{AtomicUsize, Ordering};
use rlsf_threads::ThreadedTlsf;

pub(crate) struct Noted(pub(crate) ThreadedTlsf);

/// The operations of all threads.
static NOTES: AtomicUsize = AtomicUsize::new(0);

/// Notes what this thread has done; it learns of no other thread.
fn note() {
    if is_instrumented() {
        NOTES.fetch_add(1, Ordering::Release);
    }
}

/// Learns of all that was noted.
pub(crate) fn read_notes() {
    NOTES.load(Ordering::Acquire);
}

// SAFETY: as for the heaps.
unsafe impl GlobalAlloc for Noted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        let block = unsafe { self.0.alloc(layout) };
        note();
        block
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        let block = unsafe { self.0.alloc_zeroed(layout) };
        note();
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { self.0.dealloc(block, layout) };
        note();
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller's promise.
        let block = unsafe { self.0.realloc(block, layout, size) };
        note();
        block
    }
}
