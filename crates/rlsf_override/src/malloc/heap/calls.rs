//! The operations of the heap of the process, with nobody looking on.

use super::super::misuse;
use super::HEAP;
use core::alloc::Layout;
use core::ptr::NonNull;

/// Allocates `size` bytes at a multiple of `align`. `None` without memory for them, or if
/// `align` is no power of two.
#[inline(always)]
pub(in crate::malloc) fn allocate(size: usize, align: usize) -> Option<NonNull<u8>> {
    HEAP.allocate(Layout::from_size_align(size, align).ok()?)
}

/// Allocates `size` bytes that are zero.
#[inline(always)]
pub(in crate::malloc) fn allocate_zeroed(size: usize) -> Option<NonNull<u8>> {
    let layout = Layout::from_size_align(size, super::ANY).ok()?;
    HEAP.allocate_zeroed(layout)
}

/// Resizes a block. A pointer that is none ends the program.
///
/// # Safety
///
/// If there is a block, nobody else uses it.
#[inline(always)]
pub(in crate::malloc) unsafe fn resize(block: NonNull<u8>, size: usize) -> Option<NonNull<u8>> {
    let layout = Layout::from_size_align(size, super::ANY).ok()?;
    // SAFETY: the caller's promise.
    match unsafe { HEAP.reallocate(block, layout) } {
        Ok(resized) => resized,
        Err(misuse) => misuse::refuse("realloc", block, misuse),
    }
}

/// Frees a block. Any other pointer ends the program.
///
/// # Safety
///
/// If there is a block, nobody uses it any more.
#[inline(always)]
pub(in crate::malloc) unsafe fn release(block: NonNull<u8>) {
    // SAFETY: the caller's promise.
    if let Err(misuse) = unsafe { HEAP.deallocate(block) } {
        misuse::refuse("free", block, misuse);
    }
}
