//! Looking at a heap from C: walk, check, statistics.

use super::control::Handle;
use super::status::Status;
use core::ffi::{c_int, c_void};
use core::ptr::{null, NonNull};
use rlsf::Statistics;

/// `rlsf_visitor` of `rlsf.h`.
pub(crate) type Visit = unsafe extern "C" fn(*mut c_void, *mut c_void, usize, c_int) -> c_int;

/// `struct rlsf_statistics` of `rlsf.h`.
#[repr(C)]
pub(crate) struct CStatistics {
    used_bytes: usize,
    free_bytes: usize,
    live_blocks: usize,
    peak_used_bytes: usize,
    peak_live_blocks: usize,
    failed_requests: usize,
    largest_request: usize,
    largest_allocatable: usize,
}

impl CStatistics {
    pub(super) const fn new(figures: &Statistics, largest_allocatable: usize) -> Self {
        Self {
            used_bytes: figures.used_bytes,
            free_bytes: figures.free_bytes,
            live_blocks: figures.live_blocks,
            peak_used_bytes: figures.peak_used_bytes,
            peak_live_blocks: figures.peak_live_blocks,
            failed_requests: figures.failed_requests,
            largest_request: figures.largest_request,
            largest_allocatable,
        }
    }
}

/// `rlsf_walk` of `rlsf.h`.
///
/// # Safety
///
/// As the header says.
#[no_mangle]
pub(crate) unsafe extern "C" fn rlsf_walk(
    heap: *const Handle,
    visit: Option<Visit>,
    user: *mut c_void,
) -> c_int {
    // SAFETY: the caller's promise.
    let kind = unsafe { Handle::kind(heap) };
    let (Some(kind), Some(visit)) = (kind, visit) else {
        return 0;
    };
    // SAFETY: the caller's promise.
    unsafe { (kind.walk)(heap, visit, user) }
}

/// `rlsf_check` of `rlsf.h`.
///
/// # Safety
///
/// As the header says.
#[no_mangle]
pub(crate) unsafe extern "C" fn rlsf_check(
    heap: *const Handle,
    fault: *mut *const c_void,
) -> c_int {
    if let Some(fault) = NonNull::new(fault) {
        // SAFETY: the caller promises a variable.
        unsafe { fault.write(null()) };
    }
    // SAFETY: the caller's promise.
    let Some(kind) = (unsafe { Handle::kind(heap) }) else {
        return Status::Null.code();
    };
    // SAFETY: the caller's promise.
    unsafe { (kind.check)(heap, fault) }
}

/// `rlsf_statistics` of `rlsf.h`.
///
/// # Safety
///
/// As the header says.
#[no_mangle]
pub(crate) unsafe extern "C" fn rlsf_statistics(
    heap: *const Handle,
    figures: *mut CStatistics,
) -> c_int {
    // SAFETY: the caller's promise.
    let kind = unsafe { Handle::kind(heap) };
    let (Some(kind), Some(figures)) = (kind, NonNull::new(figures)) else {
        return Status::Null.code();
    };
    // SAFETY: the caller's promise.
    let now = unsafe { (kind.statistics)(heap) };
    // SAFETY: the caller promises a variable.
    unsafe { figures.write(now) };
    Status::Ok.code()
}
