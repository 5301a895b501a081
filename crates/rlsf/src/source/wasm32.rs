//! The linear memory of WebAssembly, which grows at its end.

use core::arch::wasm32::{memory_grow, memory_size};
use core::ptr::{self, NonNull};

/// The bytes of a page.
pub(crate) const PAGE: usize = 1 << 16;

/// As many pages as `bytes`, not in the last page's worth of addresses, take.
pub(crate) const fn pages_of(bytes: usize) -> usize {
    (bytes + (PAGE - 1)) / PAGE
}

/// The end of the memory, which may be that of the address space (and is null then).
pub(crate) fn end() -> *mut u8 {
    at(memory_size::<0>())
}

/// Appends `pages` pages to the memory; `None` if the host refuses.
///
/// They begin at [`end`] unless another thread has appended some meanwhile.
pub(crate) fn grow(pages: usize) -> Option<NonNull<u8>> {
    match memory_grow::<0>(pages) {
        usize::MAX => None,
        // SAFETY: the first page is there from the start: it holds this program's statics.
        before => Some(unsafe { NonNull::new_unchecked(at(before)) }),
    }
}

/// The first byte of a page: the memory is one object, and begins at address 0.
fn at(page: usize) -> *mut u8 {
    ptr::null_mut::<u8>().wrapping_add(page.wrapping_mul(PAGE))
}
