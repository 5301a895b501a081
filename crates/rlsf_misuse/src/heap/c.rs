//! `malloc` and its family, called so that the compiler knows nothing of what they do.

use core::alloc::Layout;
use core::hint::black_box;
use core::ptr::null_mut;

use libc::{c_void, size_t};

use super::Heap;

/// The process's heap.
pub(super) struct Malloc;

type Resize = unsafe extern "C" fn(*mut c_void, size_t) -> *mut c_void;

impl Heap for Malloc {
    fn allocate(&self, layout: Layout) -> *mut u8 {
        let (size, align) = (layout.size(), layout.align());
        let block = match align {
            // SAFETY: it can be called with anything.
            0..=16 => unsafe { black_box(libc::malloc as unsafe extern "C" fn(_) -> _)(size) },
            // SAFETY: a power of two.
            17..=1024 => unsafe { libc::aligned_alloc(align, size) },
            _ => {
                let mut block = null_mut();
                // SAFETY: a power of two, and a place for the pointer.
                let _ = unsafe { libc::posix_memalign(&raw mut block, align, size) };
                block
            }
        };
        black_box(block).cast()
    }

    fn allocate_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: it can be called with anything.
        let block = unsafe { libc::calloc(1, layout.size()) };
        black_box(block).cast()
    }

    unsafe fn free(&self, block: *mut u8, _layout: Layout) {
        let free: unsafe extern "C" fn(*mut c_void) = black_box(libc::free);
        // SAFETY: the caller's promise.
        unsafe { free(black_box(block).cast()) };
    }

    unsafe fn reallocate(&self, block: *mut u8, _layout: Layout, size: usize) -> *mut u8 {
        let resize: Resize = black_box(libc::realloc);
        // SAFETY: the caller's promise.
        black_box(unsafe { resize(black_box(block).cast(), size) }).cast()
    }

    unsafe fn usable_size(&self, block: *mut u8, _layout: Layout) -> usize {
        // SAFETY: the caller's promise.
        black_box(unsafe { libc::malloc_usable_size(black_box(block).cast()) })
    }

    fn trim(&self) {
        // SAFETY: it can be called with anything.
        unsafe { libc::malloc_trim(0) };
    }
}
