//! Anonymous pages of Linux.

use core::ptr::{self, NonNull};

/// Maps fresh pages, at `hint` if that is free.
///
/// `len` is a multiple of the page size. `None` if the kernel refuses. The
/// pages take no memory before they are written to.
pub(crate) fn map(hint: Option<NonNull<u8>>, len: usize) -> Option<NonNull<u8>> {
    let hint = hint.map_or(ptr::null_mut(), NonNull::as_ptr);
    let access = libc::PROT_READ | libc::PROT_WRITE;
    let kind = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    // SAFETY: an anonymous mapping, which replaces none that exists.
    let pages = unsafe { libc::mmap(hint.cast(), len, access, kind, -1, 0) };
    if pages == libc::MAP_FAILED {
        return None;
    }
    NonNull::new(pages.cast())
}
