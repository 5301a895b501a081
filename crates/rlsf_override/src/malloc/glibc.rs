//! The names under which glibc exports some of the family once more. A block that came from
//! one of them must be one of ours, as it ends in `free`.

use super::{aligned, plain};
use libc::{c_void, size_t};

/// [`plain::malloc`].
#[no_mangle]
pub(crate) extern "C" fn __libc_malloc(size: size_t) -> *mut c_void {
    plain::malloc(size)
}

/// [`plain::calloc`].
#[no_mangle]
pub(crate) extern "C" fn __libc_calloc(count: size_t, size: size_t) -> *mut c_void {
    plain::calloc(count, size)
}

/// [`plain::realloc`].
///
/// # Safety
///
/// The same.
#[no_mangle]
pub(crate) unsafe extern "C" fn __libc_realloc(ptr: *mut c_void, size: size_t) -> *mut c_void {
    // SAFETY: the caller's promise.
    unsafe { plain::realloc(ptr, size) }
}

/// [`plain::free`].
///
/// # Safety
///
/// The same.
#[no_mangle]
pub(crate) unsafe extern "C" fn __libc_free(ptr: *mut c_void) {
    // SAFETY: the caller's promise.
    unsafe { plain::free(ptr) };
}

/// [`aligned::memalign`].
#[no_mangle]
pub(crate) extern "C" fn __libc_memalign(alignment: size_t, size: size_t) -> *mut c_void {
    aligned::memalign(alignment, size)
}

/// [`aligned::valloc`].
#[no_mangle]
pub(crate) extern "C" fn __libc_valloc(size: size_t) -> *mut c_void {
    aligned::valloc(size)
}

/// [`aligned::pvalloc`].
#[no_mangle]
pub(crate) extern "C" fn __libc_pvalloc(size: size_t) -> *mut c_void {
    aligned::pvalloc(size)
}
