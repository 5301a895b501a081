//! Blocks as they are, and in a free block of a heap a mark in the second word, made of its address,
//! which `allocate` removes: a block that is freed twice is found as long as it has not been used
//! again.

use super::{find, find_middle, find_small, mark_of, Found};
use crate::class::Class;
use crate::map;
use crate::segment::SegmentRef;
use crate::supply;
use crate::threaded;
use core::alloc::Layout;
use core::mem::size_of;
use core::ptr::NonNull;
use rlsf::Misuse;

/// What marks are made with: any number that programs do not come upon.
const MARK: usize = 0x5bd1_e995_9e37_79b9;

/// What a free block has in its second word.
#[inline(always)]
pub(super) fn mark(block: NonNull<u8>) -> usize {
    block.as_ptr() as usize ^ MARK
}

/// Takes the mark off a new block.
#[inline(always)]
fn unmark(block: NonNull<u8>) -> NonNull<u8> {
    // SAFETY: every block has two words at the least.
    unsafe { mark_of(block).write(0) };
    block
}

#[inline(never)]
fn allocate_small(class: Class) -> Option<NonNull<u8>> {
    threaded::allocate_small(class).map(unmark)
}

#[inline(never)]
fn allocate_larger(layout: Layout) -> Option<NonNull<u8>> {
    threaded::allocate_larger(layout).map(unmark)
}

/// Allocates a block.
#[inline(always)]
pub(super) fn allocate(layout: Layout) -> Option<NonNull<u8>> {
    let layout = layout.align_to(16).ok()?;
    let Some(class) = Class::of(layout) else {
        return allocate_larger(layout);
    };
    match threaded::allocate_quickly(class) {
        Some((block, _)) => Some(unmark(block)),
        None => allocate_small(class),
    }
}

/// Allocates a block that is zero.
#[inline(always)]
pub(super) fn allocate_zeroed(layout: Layout) -> Option<NonNull<u8>> {
    let block = threaded::allocate_zeroed(layout.align_to(16).ok()?)?;
    if layout.size() < 2 * size_of::<usize>() {
        // SAFETY: a new block of two words at the least.
        unsafe { mark_of(block).write(0) };
    }
    Some(block)
}

/// Frees a block.
///
/// # Safety
///
/// If there is a block, nobody uses it any more.
#[inline(always)]
pub(super) unsafe fn deallocate(ptr: NonNull<u8>) -> Result<(), Misuse> {
    if !map::has(ptr) {
        // SAFETY: the caller's promise.
        return unsafe { supply::deallocate_checked(ptr) };
    }
    // SAFETY: the map says so.
    let segment = unsafe { SegmentRef::around(ptr) };
    if !segment.is_slab(ptr) {
        // SAFETY: the caller's promise.
        return unsafe { deallocate_middle(segment, ptr) };
    }
    find_small(ptr)?;
    // SAFETY: a block of two words.
    unsafe { mark_of(ptr).write(mark(ptr)) };
    // SAFETY: the caller's promise.
    unsafe { threaded::deallocate_small(ptr) };
    Ok(())
}

/// Frees a block of a segment that is in no slab.
///
/// # Safety
///
/// As for [`deallocate`].
#[inline(never)]
unsafe fn deallocate_middle(segment: SegmentRef, ptr: NonNull<u8>) -> Result<(), Misuse> {
    let found = find_middle(segment, ptr)?;
    // SAFETY: a block of two words.
    unsafe { mark_of(ptr).write(mark(ptr)) };
    // SAFETY: the caller's promise.
    unsafe { super::deallocate_middle(ptr, &found) };
    Ok(())
}

/// The bytes of a block.
pub(super) fn usable_size(ptr: NonNull<u8>) -> Result<usize, Misuse> {
    match find(ptr)? {
        Found::Small(slab) => Ok(slab.bytes()),
        Found::Middle(found) => Ok(found.bytes),
        Found::Large => supply::SUPPLY.usable_size_checked(ptr),
    }
}

/// Resizes a block where it stands, or within the supply; `None` leaves it as it is.
///
/// # Safety
///
/// A block in use that nobody else uses.
pub(super) unsafe fn resize(ptr: NonNull<u8>, layout: Layout) -> Option<NonNull<u8>> {
    // SAFETY: the caller's promise.
    unsafe { threaded::resize(ptr, layout.align_to(16).ok()?) }
}
