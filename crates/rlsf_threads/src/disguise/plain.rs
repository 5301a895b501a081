//! Links as they stand in free blocks: as they are.

use core::ptr::NonNull;

/// What is done before the first link is written.
#[inline(always)]
pub(crate) fn settle() {}

/// What stands at `place` for a pointer that leads to `next`.
#[inline(always)]
pub(crate) fn hide<T>(_place: *const T, next: *mut T) -> *mut T {
    next
}

/// The pointer for which `hidden` stands at `place`.
#[inline(always)]
pub(crate) fn show<T>(_place: *const T, hidden: *mut T) -> *mut T {
    hidden
}

/// The same of a slab's free block.
#[inline(always)]
pub(crate) fn show_near<T>(_place: NonNull<T>, hidden: NonNull<T>, _end: NonNull<T>) -> NonNull<T> {
    hidden
}

/// Ends a program that has damaged a free block: not asked here.
#[inline(always)]
pub(crate) fn demand<T>(_block: NonNull<T>, _is_sound: impl FnOnce() -> bool) {}
