//! Blocks from C: allocate, resize, free.

use super::control::Handle;
use core::ffi::c_void;
use core::ptr::{null_mut, NonNull};
use rlsf::Tlsf;

/// `rlsf_malloc` of `rlsf.h`.
///
/// # Safety
///
/// As the header says.
#[no_mangle]
pub(crate) unsafe extern "C" fn rlsf_malloc(heap: *mut Handle, size: usize) -> *mut c_void {
    // SAFETY: the caller's promise.
    match unsafe { Handle::kind(heap) } {
        // SAFETY: the caller's promise.
        Some(kind) => unsafe { (kind.malloc)(heap, size) },
        None => null_mut(),
    }
}

/// `rlsf_memalign` of `rlsf.h`.
///
/// # Safety
///
/// As the header says.
#[no_mangle]
pub(crate) unsafe extern "C" fn rlsf_memalign(
    heap: *mut Handle,
    align: usize,
    size: usize,
) -> *mut c_void {
    // SAFETY: the caller's promise.
    match unsafe { Handle::kind(heap) } {
        // SAFETY: the caller's promise.
        Some(kind) => unsafe { (kind.memalign)(heap, align, size) },
        None => null_mut(),
    }
}

/// `rlsf_realloc` of `rlsf.h`.
///
/// # Safety
///
/// As the header says.
#[no_mangle]
pub(crate) unsafe extern "C" fn rlsf_realloc(
    heap: *mut Handle,
    block: *mut c_void,
    size: usize,
) -> *mut c_void {
    // SAFETY: the caller's promise.
    match unsafe { Handle::kind(heap) } {
        // SAFETY: the caller's promise.
        Some(kind) => unsafe { (kind.realloc)(heap, block, size) },
        None => null_mut(),
    }
}

/// `rlsf_free` of `rlsf.h`.
///
/// # Safety
///
/// As the header says.
#[no_mangle]
pub(crate) unsafe extern "C" fn rlsf_free(heap: *mut Handle, block: *mut c_void) {
    // SAFETY: the caller's promise.
    if let Some(kind) = unsafe { Handle::kind(heap) } {
        // SAFETY: the caller's promise.
        unsafe { (kind.free)(heap, block) };
    }
}

/// `rlsf_usable_size` of `rlsf.h`.
///
/// # Safety
///
/// As the header says.
#[no_mangle]
pub(crate) unsafe extern "C" fn rlsf_usable_size(block: *const c_void) -> usize {
    // A block's header is the same in a heap of any kind.
    type Any = Tlsf<'static, u16, u16, 12, 16>;
    let block = NonNull::new(block.cast_mut().cast::<u8>());
    // SAFETY: the caller's promise.
    block.map_or(0, |block| unsafe { Any::allocation_usable_size(block) })
}
