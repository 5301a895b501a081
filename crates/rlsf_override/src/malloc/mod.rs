//! The C library's allocation functions.

mod heap;

use core::alloc::Layout;
use core::ptr::{null_mut, NonNull};
use heap::HEAP;
use libc::{c_void, size_t};
use rlsf::CAlloc;

/// Allocates `size` bytes at a multiple of `align`.
fn allocate(size: usize, align: usize) -> Option<NonNull<u8>> {
    HEAP.allocate(Layout::from_size_align(size, align).ok()?)
}

/// `malloc` of the C library.
#[no_mangle]
pub(crate) extern "C" fn malloc(size: size_t) -> *mut c_void {
    allocate(size, 1).map_or(null_mut(), |block| block.as_ptr().cast())
}

/// `free` of the C library.
///
/// # Safety
///
/// As the C library says.
#[no_mangle]
pub(crate) unsafe extern "C" fn free(ptr: *mut c_void) {
    if let Some(block) = NonNull::new(ptr.cast()) {
        // SAFETY: the caller's promise.
        unsafe { HEAP.deallocate(block) };
    }
}
