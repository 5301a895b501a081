//! The C library's `errno`.

use core::ptr::null_mut;
use libc::{c_int, c_void};

/// The error's number of this thread's last call.
pub(super) fn get() -> c_int {
    // SAFETY: it has no arguments.
    let place = unsafe { libc::__errno_location() };
    // SAFETY: every thread has its own.
    unsafe { *place }
}

/// Sets it.
pub(super) fn set(error: c_int) {
    // SAFETY: it has no arguments.
    let place = unsafe { libc::__errno_location() };
    // SAFETY: every thread has its own.
    unsafe { *place = error };
}

/// What a function returns that fails for want of memory.
#[cold]
#[inline(never)]
pub(super) extern "C" fn no_memory() -> *mut c_void {
    set(libc::ENOMEM);
    null_mut()
}

/// What a function returns that was asked for something senseless.
#[cold]
#[inline(never)]
pub(super) extern "C" fn invalid() -> *mut c_void {
    set(libc::EINVAL);
    null_mut()
}
