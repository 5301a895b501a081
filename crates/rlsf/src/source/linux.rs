//! What only Linux does to pages.

use super::pages;
use core::ptr::NonNull;

/// Makes pages resident, their contents as they are. The error's number if they are not.
pub(super) fn populate(start: NonNull<u8>, len: usize) -> Result<(), i32> {
    // SAFETY: it changes no contents.
    let done = unsafe { libc::madvise(start.as_ptr().cast(), len, libc::MADV_POPULATE_WRITE) };
    match (done, pages::error()) {
        (0, _) => Ok(()),
        (_, libc::EINVAL) => populate_by_locking(start, len),
        (_, error) => Err(error),
    }
}

/// For kernels before 5.14: what is locked becomes resident, and stays so unlocked.
fn populate_by_locking(start: NonNull<u8>, len: usize) -> Result<(), i32> {
    // SAFETY: it changes no contents.
    if unsafe { libc::mlock(start.as_ptr().cast(), len) } != 0 {
        return Err(pages::error());
    }
    // SAFETY: as above.
    unsafe { libc::munlock(start.as_ptr().cast(), len) };
    Ok(())
}

/// Gives the memory of pages back, which are zero from now on; whether it did.
///
/// # Safety
///
/// The pages are mapped here, and their contents are of no use.
pub(super) unsafe fn discard(start: *mut u8, len: usize) -> bool {
    // SAFETY: the caller's promise.
    unsafe { libc::madvise(start.cast(), len, libc::MADV_DONTNEED) == 0 }
}

/// A random number, if the kernel has one at once.
pub(crate) fn random() -> Option<u64> {
    let mut bytes = [0; 8];
    let len = bytes.len();
    // SAFETY: it writes the array.
    let written = unsafe { libc::getrandom(bytes.as_mut_ptr().cast(), len, libc::GRND_NONBLOCK) };
    Some(u64::from_ne_bytes(bytes)).filter(|_| usize::try_from(written) == Ok(len))
}
