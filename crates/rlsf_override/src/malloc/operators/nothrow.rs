//! The forms that return null.

use super::super::counters::Kind;
use super::super::heap::{allocate, ANY};
use super::runtime::{self, loaded};
use core::ffi::CStr;
use core::mem::transmute;
use core::ptr::null_mut;
use libc::{c_void, size_t};

/// A form without an alignment.
type Plain = unsafe extern "C" fn(size_t, *const c_void) -> *mut c_void;

/// A form with one.
type Aligned = unsafe extern "C" fn(size_t, size_t, *const c_void) -> *mut c_void;

/// The C++ library's own form of `name`, if the program has set a new-handler.
///
/// The handler is to be called, and what it throws to be caught, which takes C++. The library's
/// form does so: it calls our throwing form.
#[cold]
fn with_handler(name: &CStr) -> *mut c_void {
    match runtime::new_handler().and_then(|_| loaded(name)) {
        Some(form) => form.as_ptr(),
        None => null_mut(),
    }
}

#[inline(always)]
fn plain(size: size_t, tag: *const c_void, name: &CStr) -> *mut c_void {
    if let Some(block) = allocate(Kind::New, size, ANY) {
        return block.as_ptr().cast();
    }
    let form = with_handler(name);
    // SAFETY: null, or the operator of this name.
    let form: Option<Plain> = unsafe { transmute(form) };
    // SAFETY: what our caller gave.
    form.map_or(null_mut(), |form| unsafe { form(size, tag) })
}

#[inline(always)]
fn aligned(size: size_t, align: size_t, tag: *const c_void, name: &CStr) -> *mut c_void {
    if let Some(block) = allocate(Kind::New, size, align) {
        return block.as_ptr().cast();
    }
    let form = with_handler(name);
    // SAFETY: null, or the operator of this name.
    let form: Option<Aligned> = unsafe { transmute(form) };
    // SAFETY: what our caller gave.
    form.map_or(null_mut(), |form| unsafe { form(size, align, tag) })
}

/// `operator new(size_t, nothrow_t const&)`.
#[no_mangle]
pub(crate) extern "C" fn _ZnwmRKSt9nothrow_t(size: size_t, tag: *const c_void) -> *mut c_void {
    plain(size, tag, c"_ZnwmRKSt9nothrow_t")
}

/// `operator new[](size_t, nothrow_t const&)`.
#[no_mangle]
pub(crate) extern "C" fn _ZnamRKSt9nothrow_t(size: size_t, tag: *const c_void) -> *mut c_void {
    plain(size, tag, c"_ZnamRKSt9nothrow_t")
}

/// `operator new(size_t, align_val_t, nothrow_t const&)`.
#[no_mangle]
pub(crate) extern "C" fn _ZnwmSt11align_val_tRKSt9nothrow_t(
    size: size_t,
    align: size_t,
    tag: *const c_void,
) -> *mut c_void {
    aligned(size, align, tag, c"_ZnwmSt11align_val_tRKSt9nothrow_t")
}

/// `operator new[](size_t, align_val_t, nothrow_t const&)`.
#[no_mangle]
pub(crate) extern "C" fn _ZnamSt11align_val_tRKSt9nothrow_t(
    size: size_t,
    align: size_t,
    tag: *const c_void,
) -> *mut c_void {
    aligned(size, align, tag, c"_ZnamSt11align_val_tRKSt9nothrow_t")
}
