//! `malloc(3)`: malloc, calloc, realloc, reallocarray, free, and C23's sized free.

use super::counters::Kind;
use super::errno::no_memory;
use super::form;
use super::heap::{allocate, allocate_zeroed, release, resize, ANY};
use core::ptr::{null_mut, NonNull};
use libc::{c_void, size_t};

/// A block's pointer, or the failure's.
#[inline(always)]
pub(super) fn or_no_memory(block: Option<NonNull<u8>>) -> *mut c_void {
    match block {
        Some(block) => block.as_ptr().cast(),
        None => no_memory(),
    }
}

/// Allocates `size` bytes; zero bytes have an address of their own, too.
#[no_mangle]
pub(crate) extern "C" fn malloc(size: size_t) -> *mut c_void {
    or_no_memory(allocate(Kind::Malloc, size, ANY))
}

/// Allocates `count` objects of `size` bytes that are zero. Large ones are not touched.
#[no_mangle]
pub(crate) extern "C" fn calloc(count: size_t, size: size_t) -> *mut c_void {
    match count.checked_mul(size) {
        Some(bytes) => or_no_memory(allocate_zeroed(bytes)),
        None => no_memory(),
    }
}

/// Resizes a block, where it stands if that can be. Of a null pointer it is `malloc`; to zero
/// bytes it is `free`, as in glibc. A failure leaves the block as it is.
///
/// # Safety
///
/// `ptr` is null, or a block that nobody else uses.
#[no_mangle]
pub(crate) unsafe extern "C" fn realloc(ptr: *mut c_void, size: size_t) -> *mut c_void {
    let Some(block) = NonNull::new(ptr.cast()) else {
        return malloc(size);
    };
    if size == 0 {
        // SAFETY: the caller's promise.
        unsafe { release(Kind::Free, ptr) };
        return null_mut();
    }
    // SAFETY: the caller's promise.
    or_no_memory(unsafe { resize(block, size) })
}

/// `realloc` to `count` objects of `size` bytes.
///
/// # Safety
///
/// As for [`realloc`].
#[no_mangle]
pub(crate) unsafe extern "C" fn reallocarray(
    ptr: *mut c_void,
    count: size_t,
    size: size_t,
) -> *mut c_void {
    match count.checked_mul(size) {
        // SAFETY: the caller's promise.
        Some(bytes) => unsafe { realloc(ptr, bytes) },
        None => no_memory(),
    }
}

/// Frees a block, and keeps `errno`.
///
/// # Safety
///
/// `ptr` is null, or a block that nobody uses any more.
#[no_mangle]
pub(crate) unsafe extern "C" fn free(ptr: *mut c_void) {
    // SAFETY: the caller's promise.
    unsafe { release(Kind::Free, ptr) };
}

/// Frees a block of `malloc` with the size that was asked for, which the hardened library compares.
///
/// # Safety
///
/// As for [`free`].
#[no_mangle]
pub(crate) unsafe extern "C" fn free_sized(ptr: *mut c_void, size: size_t) {
    form::check_size("free_sized", ptr, size);
    // SAFETY: the caller's promise.
    unsafe { release(Kind::Free, ptr) };
}

/// Frees a block of `aligned_alloc` with what was asked for.
///
/// # Safety
///
/// As for [`free`].
#[no_mangle]
pub(crate) unsafe extern "C" fn free_aligned_sized(
    ptr: *mut c_void,
    _alignment: size_t,
    size: size_t,
) {
    form::check_size("free_aligned_sized", ptr, size);
    // SAFETY: the caller's promise.
    unsafe { release(Kind::Free, ptr) };
}
