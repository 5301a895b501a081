//! Looking at a heap and its pools under the names of `tlsf.h`.

use super::{memory_of, Heap, Record};
use core::ffi::{c_int, c_void};

/// `tlsf_walker` of `tlsf.h`.
type Walker = unsafe extern "C" fn(*mut c_void, usize, c_int, *mut c_void);

/// What a check answers that found a fault.
const BROKEN: c_int = -1;

/// `tlsf_walk_pool` of `tlsf.h`.
///
/// # Safety
///
/// As the header says.
#[no_mangle]
pub(crate) unsafe extern "C" fn tlsf_walk_pool(
    pool: *mut Record,
    walker: Option<Walker>,
    user: *mut c_void,
) {
    // SAFETY: the caller promises a pool.
    let memory = unsafe { memory_of(pool) };
    let (Some(walker), Some((heap, memory))) = (walker, memory) else {
        return;
    };
    // SAFETY: the memory was given to this heap.
    for block in unsafe { heap.iter_blocks(memory.region()) } {
        let payload = block.as_ptr().cast::<usize>().as_ptr().wrapping_add(1);
        let (bytes, in_use) = (block.max_payload_size(), c_int::from(block.is_occupied()));
        // SAFETY: the caller promises a function that may be called so.
        unsafe { walker(payload.cast(), bytes, in_use, user) };
    }
}

/// `tlsf_check` of `tlsf.h`.
///
/// # Safety
///
/// As the header says.
#[no_mangle]
pub(crate) unsafe extern "C" fn tlsf_check(heap: *mut Heap) -> c_int {
    // SAFETY: the caller promises a heap that nothing changes meanwhile.
    match unsafe { heap.as_ref() } {
        Some(heap) if heap.validate().is_ok() => 0,
        _ => BROKEN,
    }
}

/// `tlsf_check_pool` of `tlsf.h`: a pool is only whole together with the lists that lead to its blocks.
///
/// # Safety
///
/// As the header says.
#[no_mangle]
pub(crate) unsafe extern "C" fn tlsf_check_pool(pool: *mut Record) -> c_int {
    // SAFETY: the caller promises a pool.
    match unsafe { memory_of(pool) } {
        Some((heap, _)) if heap.validate().is_ok() => 0,
        _ => BROKEN,
    }
}
