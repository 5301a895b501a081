//! Anonymous pages of a unix system.

use core::ptr::NonNull;

/// Maps fresh pages, at `hint` if that is free, for `len` bytes.
///
/// `None` if the system refuses. The pages are zero, and take no memory before they are
/// written to.
pub(crate) fn map(hint: *mut u8, len: usize) -> Option<NonNull<u8>> {
    map_as(libc::PROT_READ | libc::PROT_WRITE, hint, len)
}

/// Maps `len` bytes that cannot be touched, and count as nothing.
pub(super) fn map_nothing(len: usize) -> Option<NonNull<u8>> {
    map_as(libc::PROT_NONE, core::ptr::null_mut(), len)
}

fn map_as(access: i32, hint: *mut u8, len: usize) -> Option<NonNull<u8>> {
    let kind = libc::MAP_PRIVATE | libc::MAP_ANON;
    // SAFETY: an anonymous mapping, which replaces none that exists.
    let pages = unsafe { libc::mmap(hint.cast(), len, access, kind, -1, 0) };
    if pages == libc::MAP_FAILED {
        return None;
    }
    NonNull::new(pages.cast())
}

/// Gives pages back.
///
/// # Safety
///
/// They were mapped here, and nobody uses them.
pub(crate) unsafe fn unmap(start: NonNull<u8>, len: usize) {
    // SAFETY: the caller's promise. (It fails only if the system has no memory to note
    // that a mapping has become two; then the pages stay, unused.)
    unsafe { libc::munmap(start.as_ptr().cast(), len) };
}

/// The size of a page in bytes.
pub(crate) fn size() -> usize {
    // SAFETY: it reads a constant of the system.
    let size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    // Some power of two, whatever the system says.
    usize::try_from(size).map_or(1 << 16, |size| size)
}

/// The number of the error of this thread's last call.
pub(crate) fn error() -> i32 {
    // SAFETY: it has no arguments.
    let place = unsafe { errno() };
    // SAFETY: every thread has its own.
    unsafe { *place }
}

/// Makes `error` the number of the error of this thread's last call.
#[cfg(target_os = "linux")]
pub(crate) fn set_error(error: i32) {
    // SAFETY: it has no arguments.
    let place = unsafe { errno() };
    // SAFETY: every thread has its own.
    unsafe { *place = error };
}

#[cfg(target_os = "linux")]
use libc::__errno_location as errno;

#[cfg(any(target_vendor = "apple", target_os = "freebsd"))]
use libc::__error as errno;

#[cfg(any(target_os = "android", target_os = "netbsd", target_os = "openbsd"))]
use libc::__errno as errno;
