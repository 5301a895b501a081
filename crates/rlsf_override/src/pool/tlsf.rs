//! The names and signatures of the widely used TLSF for C: `include/tlsf.h`.
//!
//! ```text
//!   memory of a pool
//!  +---------------+---------------------------------+
//!  | heap | bytes  | a pool of rlsf                  |
//!  +---------------+---------------------------------+
//!   ^ pool_t
//! ```
//!
//! A `tlsf_t` is a heap of the large kind. Looking at a pool takes a `pool_t` alone, so each has a record that
//! leads to its heap. Blocks lie at multiples of the granule, as those of the original do; nothing is made
//! stronger for `max_align_t`.

mod blocks;
mod survey;

use super::heap::Heap as _;
use super::kind::Large as Heap;
use super::memory::Memory;
use super::supply;
use core::ffi::c_void;
use core::mem::size_of;
use core::ptr::{null_mut, NonNull};
use rlsf::{Stride, GRANULARITY};

/// No stronger alignment than the heap's own.
const STRIDE: Stride = Stride::new(GRANULARITY);

/// What stands at the start of a pool's memory.
#[repr(C)]
pub(crate) struct Record {
    heap: NonNull<Heap>,
    /// The length of the memory, this record included.
    bytes: usize,
}

/// `tlsf_create` of `tlsf.h`.
///
/// # Safety
///
/// As the header says.
#[no_mangle]
pub(crate) unsafe extern "C" fn tlsf_create(memory: *mut c_void) -> *mut Heap {
    let heap = memory.cast::<Heap>();
    if heap.is_null() || !heap.is_aligned() {
        return null_mut();
    }
    // SAFETY: not null and aligned; the caller promises the bytes.
    unsafe { heap.write(Heap::EMPTY) };
    heap
}

/// `tlsf_create_with_pool` of `tlsf.h`.
///
/// # Safety
///
/// As the header says.
#[no_mangle]
pub(crate) unsafe extern "C" fn tlsf_create_with_pool(
    memory: *mut c_void,
    bytes: usize,
) -> *mut Heap {
    let whole = Memory::new(memory, bytes).ok();
    let Some(rest) = whole.and_then(|whole| whole.behind(size_of::<Heap>())) else {
        return null_mut();
    };
    // SAFETY: the memory has room for the control block.
    let heap = unsafe { tlsf_create(memory) };
    let rest_start = rest.region().cast().as_ptr();
    // SAFETY: the caller gives the memory; a heap that is null gets no pool.
    let pool = unsafe { tlsf_add_pool(heap, rest_start, rest.len()) };
    if pool.is_null() {
        return null_mut();
    }
    heap
}

/// `tlsf_destroy` of `tlsf.h`: a heap holds nothing but the memory that it was given.
#[no_mangle]
pub(crate) extern "C" fn tlsf_destroy(_heap: *mut Heap) {}

/// `tlsf_add_pool` of `tlsf.h`.
///
/// # Safety
///
/// As the header says.
#[no_mangle]
pub(crate) unsafe extern "C" fn tlsf_add_pool(
    heap: *mut Heap,
    memory: *mut c_void,
    bytes: usize,
) -> *mut Record {
    // SAFETY: the caller promises a heap that nothing else uses meanwhile.
    let Some(heap) = (unsafe { heap.as_mut() }) else {
        return null_mut();
    };
    let Some((record, blocks)) = place_for_pool(heap, memory, bytes) else {
        return null_mut();
    };
    // SAFETY: the caller gives the memory.
    if unsafe { supply::add(heap, blocks, STRIDE) }.is_err() {
        return null_mut();
    }
    let heap = NonNull::from(heap);
    // SAFETY: aligned, and the memory has room for it.
    unsafe { record.write(Record { heap, bytes }) };
    record.as_ptr()
}

/// Where a pool's record goes, and the rest; `None` if the memory will not do.
fn place_for_pool(
    heap: &Heap,
    memory: *mut c_void,
    bytes: usize,
) -> Option<(NonNull<Record>, Memory)> {
    let memory = Memory::new(memory, bytes).ok()?;
    let record = memory.region().cast::<Record>();
    let control = core::ptr::from_ref(heap) as usize;
    if !record.is_aligned() || memory.overlaps(control, size_of::<Heap>()) {
        return None;
    }
    let rest = memory.behind(size_of::<Record>())?;
    let most = Heap::LARGEST_BLOCK + Heap::POOL_OVERHEAD;
    (rest.len() <= most).then_some((record, rest))
}

/// `tlsf_remove_pool` of `tlsf.h`.
///
/// # Safety
///
/// As the header says.
#[no_mangle]
pub(crate) unsafe extern "C" fn tlsf_remove_pool(heap: *mut Heap, pool: *mut Record) {
    // SAFETY: the caller promises a pool.
    let memory = unsafe { memory_of(pool) }.map(|(_, memory)| memory);
    // SAFETY: the caller promises a heap that nothing else uses meanwhile.
    let heap = unsafe { heap.as_mut() };
    if let Some((heap, memory)) = heap.zip(memory) {
        // SAFETY: the memory is that of the pool. One in use stays, as the header says.
        let _ = unsafe { heap.remove(memory.region()) };
    }
}

/// `tlsf_get_pool` of `tlsf.h`.
///
/// # Safety
///
/// As the header says.
#[no_mangle]
pub(crate) unsafe extern "C" fn tlsf_get_pool(heap: *mut Heap) -> *mut Record {
    // SAFETY: the caller promises a heap that nothing changes meanwhile.
    let Some(heap) = (unsafe { heap.as_ref() }) else {
        return null_mut();
    };
    let behind = core::ptr::from_ref(heap)
        .wrapping_add(1)
        .cast::<Record>()
        .cast_mut();
    let blocks = behind.wrapping_add(1) as usize;
    let mut pools = heap.pools();
    let found = pools.any(|pool| {
        let start = pool.as_ptr().cast::<u8>().as_ptr() as usize;
        start.wrapping_sub(blocks) < GRANULARITY
    });
    if found {
        behind
    } else {
        null_mut()
    }
}

/// The heap and the memory of a pool; `None` for null.
///
/// # Safety
///
/// `pool` is null or what `tlsf_add_pool` answered, and nothing changes its heap meanwhile.
unsafe fn memory_of<'a>(pool: *mut Record) -> Option<(&'a Heap, Memory)> {
    // SAFETY: the caller's promise.
    let record = unsafe { pool.as_ref() }?;
    // SAFETY: the heap stands as long as its pools.
    let heap = unsafe { record.heap.as_ref() };
    let memory = Memory::new(pool.cast(), record.bytes).ok()?;
    Some((heap, memory))
}
