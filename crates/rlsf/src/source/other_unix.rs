//! What unix systems other than Linux do to pages.

use super::pages;
use core::ptr::NonNull;

/// Makes pages resident, their contents as they are. The error's number if they are not.
pub(super) fn populate(start: NonNull<u8>, len: usize) -> Result<(), i32> {
    // SAFETY: it changes no contents.
    if unsafe { libc::mlock(start.as_ptr().cast(), len) } != 0 {
        return Err(pages::error());
    }
    // SAFETY: as above.
    unsafe { libc::munlock(start.as_ptr().cast(), len) };
    Ok(())
}

/// Tells the system that it may take the memory of pages; they are not sure to be zero.
///
/// # Safety
///
/// The pages are mapped here, and their contents are of no use.
pub(super) unsafe fn discard(start: *mut u8, len: usize) -> bool {
    // SAFETY: the caller's promise.
    unsafe { libc::madvise(start.cast(), len, libc::MADV_DONTNEED) };
    false
}

/// No random number: systems differ in how they give one.
pub(crate) fn random() -> Option<u64> {
    None
}
