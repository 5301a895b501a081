//! Where segments come from, and large requests: one heap of the process, which takes pages from
//! the system.

use crate::places;
use crate::segment::{BYTES, STEP};
use crate::tally::{Tallied, Tally};
use crate::vacant;
use core::alloc::{GlobalAlloc, Layout};
use core::ptr::NonNull;
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use rlsf::{CAlloc, GlobalTlsf, GlobalTlsfOptions, Misuse, ReserveError};

/// The supply's blocks are aligned as all others are.
#[derive(Debug)]
pub(crate) struct Options;

impl GlobalTlsfOptions for Options {
    const LEAST_ALIGN: usize = 16;

    unsafe fn vacate(block: NonNull<u8>, bytes: usize) {
        // SAFETY: the caller's promise.
        unsafe { vacant::vacate(block, bytes) };
    }
}

/// The heap behind all others.
pub(crate) static SUPPLY: GlobalTlsf<Options> = GlobalTlsf::new();

/// Whether there is a reserve: then pages go back to the system by a trim only.
static HAS_RESERVE: AtomicBool = AtomicBool::new(false);

/// Makes a reserve, and has memory stay resident from then on until the next trim. Without
/// success all stays as it was.
pub(crate) fn with_reserve(
    reserve: impl FnOnce() -> Result<(), ReserveError>,
) -> Result<(), ReserveError> {
    // Before, so that no page goes back that the reserve has made resident.
    let had_one = HAS_RESERVE.swap(true, Relaxed);
    let result = reserve();
    if result.is_err() && !had_one {
        end_reserve();
    }
    result
}

/// Ends the reserve, so that pages go back again when they are of no use.
pub(crate) fn end_reserve() {
    HAS_RESERVE.store(false, Relaxed);
}

/// Whether pages are to go back to the system when they are of no use.
pub(crate) fn has_no_reserve() -> bool {
    !HAS_RESERVE.load(Relaxed)
}

/// Takes memory for a segment.
pub(crate) fn take_segment() -> Option<NonNull<u8>> {
    const LAYOUT: Layout = match Layout::from_size_align(BYTES, STEP) {
        Ok(layout) => layout,
        Err(_) => panic!("a segment has a layout"),
    };
    let memory = SUPPLY.allocate(LAYOUT)?;
    SEGMENTS.fetch_add(1, Relaxed);
    Some(memory)
}

/// The least bytes that the system takes back.
pub(crate) const PAGE: usize = 4096;

/// Requests that are too large for segments.
static LARGE: Tally = Tally::zero();

/// Segments that heaps have.
static SEGMENTS: AtomicUsize = AtomicUsize::new(0);

/// Allocates a large block; and its bytes.
pub(crate) fn allocate(layout: Layout) -> Option<(NonNull<u8>, usize)> {
    count(SUPPLY.allocate(layout))
}

/// Allocates a large block that is zero, its pages untouched; and its bytes.
pub(crate) fn allocate_zeroed(layout: Layout) -> Option<(NonNull<u8>, usize)> {
    // SAFETY: the supply serves zero bytes, too.
    count(NonNull::new(unsafe { SUPPLY.alloc_zeroed(layout) }))
}

fn count(block: Option<NonNull<u8>>) -> Option<(NonNull<u8>, usize)> {
    let block = block?;
    // SAFETY: a new block.
    let bytes = unsafe { usable_size(block) };
    LARGE.add_shared(bytes);
    Some((block, bytes))
}

/// The bytes that a block of a `Tlsf` may use, of the supply's or of a heap's.
///
/// # Safety
///
/// A block in use that is in no slab.
#[inline(always)]
pub(crate) unsafe fn usable_size(block: NonNull<u8>) -> usize {
    // SAFETY: the caller's promise.
    unsafe { GlobalTlsf::<Options>::allocation_usable_size(block) }
}

/// Frees a large block.
///
/// # Safety
///
/// One in use that nobody uses any more.
#[inline(never)]
pub(crate) unsafe fn deallocate(block: NonNull<u8>) {
    // SAFETY: the caller's promise.
    let bytes = unsafe { usable_size(block) };
    LARGE.sub_shared(bytes);
    // SAFETY: the caller's promise.
    unsafe { vacant::vacate(block, bytes) };
    // SAFETY: the caller's promise.
    unsafe { SUPPLY.deallocate(block) };
}

/// Frees a large block, if it is one.
///
/// # Safety
///
/// If it is one, nobody uses it any more.
#[inline(never)]
pub(crate) unsafe fn deallocate_checked(block: NonNull<u8>) -> Result<(), Misuse> {
    let bytes = SUPPLY.usable_size_checked(block)?;
    // SAFETY: a block in use, and the caller's promise.
    unsafe { vacant::vacate(block, bytes) };
    // SAFETY: the caller's promise.
    unsafe { SUPPLY.deallocate_checked(block) }?;
    LARGE.sub_shared(bytes);
    Ok(())
}

/// Resizes a large block.
///
/// # Safety
///
/// One in use that nobody else uses.
pub(crate) unsafe fn reallocate(block: NonNull<u8>, layout: Layout) -> Option<NonNull<u8>> {
    // SAFETY: the caller's promise.
    let before = unsafe { usable_size(block) };
    // SAFETY: the caller's promise.
    let resized = unsafe { SUPPLY.reallocate(block, layout) }?;
    LARGE.sub_shared(before);
    // SAFETY: a block in use.
    LARGE.add_shared(unsafe { usable_size(resized) });
    Some(resized)
}

/// What is in use of large blocks.
pub(crate) fn tallied() -> Tallied {
    LARGE.read()
}

/// The bytes of all segments.
pub(crate) fn segment_bytes() -> usize {
    SEGMENTS.load(Relaxed) * STEP
}

/// Gives the whole pages of some bytes back to the system; how many bytes they are. The system
/// keeps those that the program has locked in memory, and says so: the caller's own `errno` stays,
/// as C's `free` must not change it.
///
/// # Safety
///
/// Memory of the supply whose contents are of no use.
pub(crate) unsafe fn release_pages(bytes: NonNull<[u8]>) -> usize {
    let start = bytes.as_ptr().cast::<u8>();
    let lead = (start as usize).wrapping_neg() % PAGE;
    let len = bytes.len().saturating_sub(lead) / PAGE * PAGE;
    if len != 0 {
        // SAFETY: it has no arguments, and every thread has its own.
        let errno = unsafe { libc::__errno_location() };
        // SAFETY: as above.
        let kept = unsafe { *errno };
        // SAFETY: whole pages, and the caller's promise.
        unsafe { libc::madvise(start.wrapping_add(lead).cast(), len, libc::MADV_DONTNEED) };
        // SAFETY: as above.
        unsafe { *errno = kept };
    }
    len
}

/// Gives a segment's memory back, and its pages to the system unless there is a reserve.
///
/// # Safety
///
/// It was taken here, and nobody uses it.
pub(crate) unsafe fn give_segment(memory: NonNull<u8>) {
    if has_no_reserve() {
        // The first bytes have what the supply keeps of a free block, the last word its tag.
        let inner = places::forth(memory, PAGE);
        // SAFETY: the caller's promise.
        unsafe { release_pages(NonNull::slice_from_raw_parts(inner, STEP - 2 * PAGE)) };
    }
    SEGMENTS.fetch_sub(1, Relaxed);
    // SAFETY: the caller's promise.
    unsafe { SUPPLY.deallocate(memory) };
}
