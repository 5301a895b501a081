//! Heaps and pools from C: create, add, append, remove.

use super::control::Handle;
use super::kind::Kind;
use super::memory::Memory;
use super::status::Status;
use core::ffi::{c_int, c_void};
use core::ptr::{null_mut, NonNull};

/// `rlsf_heap_size` of `rlsf.h`.
#[no_mangle]
pub(crate) extern "C" fn rlsf_heap_size(kind: Option<&'static Kind>) -> usize {
    kind.map_or(0, |kind| kind.control_bytes)
}

/// `rlsf_create` of `rlsf.h`.
///
/// # Safety
///
/// As the header says.
#[no_mangle]
pub(crate) unsafe extern "C" fn rlsf_create(
    kind: Option<&'static Kind>,
    memory: *mut c_void,
    bytes: usize,
    used: *mut usize,
) -> *mut Handle {
    let kind = kind.ok_or(Status::Null);
    let created = kind.and_then(|kind| {
        let memory = Memory::new(memory, bytes)?;
        // SAFETY: the caller's promise.
        unsafe { (kind.create)(kind, memory) }
    });
    let (handle, bytes) = created.unwrap_or((null_mut(), 0));
    // SAFETY: the caller's promise.
    unsafe { tell(used, bytes) };
    handle
}

/// `rlsf_add_pool` of `rlsf.h`.
///
/// # Safety
///
/// As the header says.
#[no_mangle]
pub(crate) unsafe extern "C" fn rlsf_add_pool(
    heap: *mut Handle,
    memory: *mut c_void,
    bytes: usize,
    used: *mut usize,
) -> c_int {
    // SAFETY: the caller's promise.
    let kind = unsafe { Handle::kind(heap) }.ok_or(Status::Null);
    let added = kind.and_then(|kind| {
        let memory = Memory::new(memory, bytes)?;
        // SAFETY: the caller's promise.
        unsafe { (kind.add)(heap, memory) }
    });
    // SAFETY: the caller's promise.
    unsafe { tell(used, *added.as_ref().unwrap_or(&0)) };
    Status::of(added)
}

/// `rlsf_append_pool` of `rlsf.h`.
///
/// # Safety
///
/// As the header says.
#[no_mangle]
pub(crate) unsafe extern "C" fn rlsf_append_pool(
    heap: *mut Handle,
    memory: *mut c_void,
    bytes: usize,
    used: *mut usize,
) -> c_int {
    // SAFETY: the caller's promise.
    let kind = unsafe { Handle::kind(heap) }.ok_or(Status::Null);
    let appended = kind.and_then(|kind| {
        let memory = Memory::new(memory, bytes)?;
        // SAFETY: the caller's promise.
        unsafe { (kind.append)(heap, memory) }
    });
    // SAFETY: the caller's promise.
    unsafe { tell(used, *appended.as_ref().unwrap_or(&0)) };
    Status::of(appended)
}

/// `rlsf_remove_pool` of `rlsf.h`.
///
/// # Safety
///
/// As the header says.
#[no_mangle]
pub(crate) unsafe extern "C" fn rlsf_remove_pool(
    heap: *mut Handle,
    memory: *mut c_void,
    bytes: usize,
) -> c_int {
    // SAFETY: the caller's promise.
    let kind = unsafe { Handle::kind(heap) }.ok_or(Status::Null);
    Status::of(kind.and_then(|kind| {
        let memory = Memory::new(memory, bytes)?;
        // SAFETY: the caller's promise.
        unsafe { (kind.remove)(heap, memory) }
    }))
}

/// Writes a figure where C wants to know it.
///
/// # Safety
///
/// `variable` is null or a variable of the caller's.
unsafe fn tell(variable: *mut usize, figure: usize) {
    if let Some(variable) = NonNull::new(variable) {
        // SAFETY: the caller's promise.
        unsafe { variable.write(figure) };
    }
}
