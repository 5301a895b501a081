//! Blocks under the names of `tlsf.h`.

use super::{Heap, Record};
use crate::pool::operations::pointer;
use core::alloc::Layout;
use core::ffi::c_void;
use core::mem::{align_of, size_of};
use core::ptr::{null_mut, NonNull};

/// `tlsf_malloc` of `tlsf.h`.
///
/// # Safety
///
/// As the header says.
#[no_mangle]
pub(crate) unsafe extern "C" fn tlsf_malloc(heap: *mut Heap, bytes: usize) -> *mut c_void {
    // SAFETY: the caller's promise.
    unsafe { tlsf_memalign(heap, 1, bytes) }
}

/// `tlsf_memalign` of `tlsf.h`.
///
/// # Safety
///
/// As the header says.
#[no_mangle]
pub(crate) unsafe extern "C" fn tlsf_memalign(
    heap: *mut Heap,
    align: usize,
    bytes: usize,
) -> *mut c_void {
    // SAFETY: the caller promises a heap that nothing else uses meanwhile.
    let heap = unsafe { heap.as_mut() }.filter(|_| bytes > 0);
    let layout = Layout::from_size_align(bytes, align).ok();
    pointer(
        heap.zip(layout)
            .and_then(|(heap, layout)| heap.allocate(layout)),
    )
}

/// `tlsf_realloc` of `tlsf.h`.
///
/// # Safety
///
/// As the header says.
#[no_mangle]
pub(crate) unsafe extern "C" fn tlsf_realloc(
    heap: *mut Heap,
    block: *mut c_void,
    size: usize,
) -> *mut c_void {
    let Some(old) = NonNull::new(block.cast::<u8>()) else {
        // SAFETY: the caller's promise.
        return unsafe { tlsf_malloc(heap, size) };
    };
    if size == 0 {
        // SAFETY: the caller's promise.
        unsafe { tlsf_free(heap, block) };
        return null_mut();
    }
    // SAFETY: the caller promises a heap that nothing else uses meanwhile.
    let heap = unsafe { heap.as_mut() };
    let layout = Layout::from_size_align(size, 1).ok();
    pointer(heap.zip(layout).and_then(|(heap, layout)| {
        // SAFETY: the caller promises a block of this heap.
        unsafe { heap.reallocate(old, layout) }
    }))
}

/// `tlsf_free` of `tlsf.h`.
///
/// # Safety
///
/// As the header says.
#[no_mangle]
pub(crate) unsafe extern "C" fn tlsf_free(heap: *mut Heap, block: *mut c_void) {
    // SAFETY: the caller promises a heap that nothing else uses meanwhile.
    let heap = unsafe { heap.as_mut() };
    if let Some((heap, block)) = heap.zip(NonNull::new(block.cast())) {
        // SAFETY: the caller promises a block of this heap.
        unsafe { heap.deallocate_unknown_align(block) };
    }
}

/// `tlsf_block_size` of `tlsf.h`.
///
/// # Safety
///
/// As the header says.
#[no_mangle]
pub(crate) unsafe extern "C" fn tlsf_block_size(block: *mut c_void) -> usize {
    let block = NonNull::new(block.cast());
    // SAFETY: the caller promises a block in use.
    block.map_or(0, |block| unsafe { Heap::allocation_usable_size(block) })
}

/// `tlsf_size` of `tlsf.h`.
#[no_mangle]
pub(crate) extern "C" fn tlsf_size() -> usize {
    size_of::<Heap>()
}

/// `tlsf_align_size` of `tlsf.h`.
#[no_mangle]
pub(crate) extern "C" fn tlsf_align_size() -> usize {
    align_of::<Heap>()
}

/// `tlsf_block_size_min` of `tlsf.h`.
#[no_mangle]
pub(crate) extern "C" fn tlsf_block_size_min() -> usize {
    Heap::block_size(0) - tlsf_alloc_overhead()
}

/// `tlsf_block_size_max` of `tlsf.h`.
#[no_mangle]
pub(crate) extern "C" fn tlsf_block_size_max() -> usize {
    Heap::LARGEST_BLOCK - tlsf_alloc_overhead()
}

/// `tlsf_pool_overhead` of `tlsf.h`: the header of the one block of a fresh pool belongs to it, as a pool of
/// `tlsf_pool_overhead() + n` bytes is to have a block of `n`.
#[no_mangle]
pub(crate) extern "C" fn tlsf_pool_overhead() -> usize {
    size_of::<Record>() + Heap::POOL_OVERHEAD + tlsf_alloc_overhead()
}

/// `tlsf_alloc_overhead` of `tlsf.h`.
#[no_mangle]
pub(crate) extern "C" fn tlsf_alloc_overhead() -> usize {
    size_of::<usize>()
}
