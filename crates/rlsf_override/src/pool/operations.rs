//! The operations of one kind of heap, each once for every kind; the fields of [`Kind`](super::kind::Kind).
//!
//! Every handle is that of a `Control<H>` which nothing else uses meanwhile: each function's contract.

use super::control::{Control, Handle};
use super::demand::CDemand;
use super::heap::Heap;
use super::memory::Memory;
use super::request::{request, STRIDE};
use super::status::{place, Status};
use super::supply;
use super::survey::{CStatistics, Visit};
use core::ffi::{c_int, c_void};
use core::mem::size_of;
use core::ptr::{null_mut, NonNull};

/// A block as C gets it.
#[inline]
pub(super) fn pointer(block: Option<NonNull<u8>>) -> *mut c_void {
    block.map_or(null_mut(), |block| block.as_ptr().cast())
}

pub(super) unsafe extern "C" fn malloc<H: Heap>(handle: *mut Handle, size: usize) -> *mut c_void {
    // SAFETY: the module's contract.
    let heap = unsafe { Control::<H>::heap(handle) };
    pointer(request(size, 1).and_then(|layout| heap.allocate(layout)))
}

pub(super) unsafe extern "C" fn memalign<H: Heap>(
    handle: *mut Handle,
    align: usize,
    size: usize,
) -> *mut c_void {
    // SAFETY: the module's contract.
    let heap = unsafe { Control::<H>::heap(handle) };
    pointer(request(size, align).and_then(|layout| heap.allocate(layout)))
}

/// Resizes; `block` may be null, or `size` zero.
pub(super) unsafe extern "C" fn realloc<H: Heap>(
    handle: *mut Handle,
    block: *mut c_void,
    size: usize,
) -> *mut c_void {
    // SAFETY: the module's contract.
    let heap = unsafe { Control::<H>::heap(handle) };
    let Some(block) = NonNull::new(block.cast()) else {
        return pointer(request(size, 1).and_then(|layout| heap.allocate(layout)));
    };
    if size == 0 {
        // SAFETY: the caller promises a block of this heap.
        unsafe { heap.deallocate(block) };
        return null_mut();
    }
    let Some(layout) = request(size, 1) else {
        return null_mut();
    };
    // SAFETY: the caller promises a block of this heap.
    pointer(unsafe { heap.reallocate(block, layout) })
}

/// Frees; `block` may be null.
pub(super) unsafe extern "C" fn free<H: Heap>(handle: *mut Handle, block: *mut c_void) {
    // SAFETY: the module's contract.
    let heap = unsafe { Control::<H>::heap(handle) };
    if let Some(block) = NonNull::new(block.cast()) {
        // SAFETY: the caller promises a block of this heap.
        unsafe { heap.deallocate(block) };
    }
}

pub(super) unsafe fn add<H: Heap>(handle: *mut Handle, memory: Memory) -> Result<usize, Status> {
    check_apart::<H>(handle, memory)?;
    // SAFETY: the module's contract.
    let heap = unsafe { Control::<H>::heap(handle) };
    // SAFETY: the caller gives the memory.
    unsafe { supply::add(heap, memory, STRIDE) }
}

pub(super) unsafe fn append<H: Heap>(handle: *mut Handle, memory: Memory) -> Result<usize, Status> {
    check_apart::<H>(handle, memory)?;
    // SAFETY: the module's contract.
    let heap = unsafe { Control::<H>::heap(handle) };
    // SAFETY: the caller gives the memory.
    unsafe { supply::append(heap, memory, STRIDE) }
}

/// Memory that is to be a pool has no byte of the control block.
fn check_apart<H: Heap>(handle: *mut Handle, memory: Memory) -> Result<(), Status> {
    if memory.overlaps(handle as usize, size_of::<Control<H>>()) {
        return Err(Status::Overlap);
    }
    Ok(())
}

pub(super) unsafe fn remove<H: Heap>(handle: *mut Handle, memory: Memory) -> Result<(), Status> {
    // SAFETY: the module's contract.
    let heap = unsafe { Control::<H>::heap(handle) };
    // SAFETY: the caller names the memory that it gave.
    unsafe { heap.remove(memory.region()) }.map_err(Status::from)
}

pub(super) unsafe extern "C" fn walk<H: Heap>(
    handle: *const Handle,
    visit: Visit,
    user: *mut c_void,
) -> c_int {
    // SAFETY: the module's contract.
    let heap = unsafe { Control::<H>::heap(handle.cast_mut()) };
    for block in heap.pools().flat_map(|pool| pool.blocks()) {
        let payload = block.as_ptr().cast::<usize>().as_ptr().wrapping_add(1);
        let (bytes, in_use) = (block.max_payload_size(), c_int::from(block.is_occupied()));
        // SAFETY: the caller promises a function that may be called so.
        let answer = unsafe { visit(user, payload.cast(), bytes, in_use) };
        if answer != 0 {
            return answer;
        }
    }
    0
}

pub(super) unsafe extern "C" fn check<H: Heap>(
    handle: *const Handle,
    fault: *mut *const c_void,
) -> c_int {
    // SAFETY: the module's contract.
    let heap = unsafe { Control::<H>::heap(handle.cast_mut()) };
    let Err(violation) = heap.validate() else {
        return Status::Ok.code();
    };
    if let Some(mut fault) = NonNull::new(fault) {
        // SAFETY: the caller promises a variable that it does not use meanwhile.
        unsafe { *fault.as_mut() = place(violation).cast() };
    }
    Status::from(violation).code()
}

pub(super) unsafe fn statistics<H: Heap>(handle: *const Handle) -> CStatistics {
    // SAFETY: the module's contract.
    let heap = unsafe { Control::<H>::heap(handle.cast_mut()) };
    CStatistics::new(&heap.statistics(), heap.largest_allocatable())
}

pub(super) unsafe fn is_kept<H: Heap>(handle: *const Handle, demand: CDemand) -> bool {
    // SAFETY: the module's contract.
    let heap = unsafe { Control::<H>::heap(handle.cast_mut()) };
    let demand = demand.of_heap();
    demand.is_some_and(|demand| demand.is_kept(&heap.statistics()))
}

/// The bytes of the block that serves `size` bytes; zero if none does.
pub(super) fn block_size<H: Heap>(size: usize) -> usize {
    let payload = request(size, 1).map(|layout| layout.size());
    let payload = payload.filter(|&it| it <= H::LARGEST_BLOCK - size_of::<usize>());
    payload.map_or(0, H::block_size)
}

/// The bytes of the pool that never fails; zero if there is none.
pub(super) fn sufficient_pool_size<H: Heap>(demand: CDemand) -> usize {
    let demand = demand.of_heap();
    let bytes = demand.and_then(H::sufficient_pool_size);
    // The heap's own figure is for a stride of a granule; a pool loses less than a stride at either end.
    let ends = 2 * (STRIDE.bytes() - rlsf::GRANULARITY);
    bytes.map_or(0, |bytes| bytes + ends)
}
