//! The never-fail size for C.

use super::control::Handle;
use super::kind::Kind;
use super::request::request;
use core::ffi::c_int;
use rlsf::Demand;

/// `struct rlsf_demand` of `rlsf.h`.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct CDemand {
    live_bytes: usize,
    live_blocks: usize,
    largest_request: usize,
    largest_align: usize,
}

impl CDemand {
    /// What the program asks of the heap when it keeps to this; `None` if no program can.
    pub(super) fn of_heap(self) -> Option<Demand> {
        let largest = request(self.largest_request, self.largest_align)?;
        Some(Demand {
            live_bytes: self.live_bytes,
            live_blocks: self.live_blocks,
            largest_request: largest.size(),
            largest_align: largest.align(),
        })
    }
}

/// `rlsf_block_size` of `rlsf.h`.
///
/// # Safety
///
/// As the header says.
#[no_mangle]
pub(crate) unsafe extern "C" fn rlsf_block_size(kind: Option<&'static Kind>, size: usize) -> usize {
    kind.map_or(0, |kind| (kind.block_size)(size))
}

/// `rlsf_sufficient_pool_size` of `rlsf.h`.
///
/// # Safety
///
/// As the header says.
#[no_mangle]
pub(crate) unsafe extern "C" fn rlsf_sufficient_pool_size(
    kind: Option<&'static Kind>,
    demand: Option<&CDemand>,
) -> usize {
    match (kind, demand) {
        (Some(kind), Some(demand)) => (kind.sufficient_pool_size)(*demand),
        _ => 0,
    }
}

/// `rlsf_demand_is_kept` of `rlsf.h`.
///
/// # Safety
///
/// As the header says.
#[no_mangle]
pub(crate) unsafe extern "C" fn rlsf_demand_is_kept(
    heap: *const Handle,
    demand: Option<&CDemand>,
) -> c_int {
    // SAFETY: the caller's promise.
    let kind = unsafe { Handle::kind(heap) };
    let (Some(kind), Some(demand)) = (kind, demand) else {
        return 0;
    };
    // SAFETY: the caller's promise.
    c_int::from(unsafe { (kind.is_kept)(heap, *demand) })
}
