//! Where segments come from, and large requests: one heap of the process, which takes pages from
//! the system.

use crate::segment::{BYTES, STEP};
use core::alloc::Layout;
use core::ptr::NonNull;
use rlsf::{CAlloc, GlobalTlsf, GlobalTlsfOptions};

/// The supply's blocks are aligned as all others are.
#[derive(Debug)]
pub(crate) struct Options;

impl GlobalTlsfOptions for Options {
    const LEAST_ALIGN: usize = 16;
}

/// The heap behind all others.
pub(crate) static SUPPLY: GlobalTlsf<Options> = GlobalTlsf::new();

/// Takes memory for a segment.
pub(crate) fn take_segment() -> Option<NonNull<u8>> {
    const LAYOUT: Layout = match Layout::from_size_align(BYTES, STEP) {
        Ok(layout) => layout,
        Err(_) => panic!("a segment has a layout"),
    };
    SUPPLY.allocate(LAYOUT)
}

/// Gives a segment's memory back, its pages to the system.
///
/// # Safety
///
/// It was taken here, and nobody uses it.
pub(crate) unsafe fn give_segment(memory: NonNull<u8>) {
    let page = 4096;
    // The first page has what the supply keeps of a free block, the last word its tag.
    let inner = memory.as_ptr().wrapping_add(page);
    // SAFETY: pages of the supply, by the caller's promise, whose contents are of no use.
    unsafe { libc::madvise(inner.cast(), STEP - 2 * page, libc::MADV_DONTNEED) };
    // SAFETY: the caller's promise.
    unsafe { SUPPLY.deallocate(memory) };
}
