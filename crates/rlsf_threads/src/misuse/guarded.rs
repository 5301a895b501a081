//! Blocks with a tail. A free block of a heap has in its second word a number that only its place and
//! the process's secret tell; nobody writes to either while it is free.

mod tail;

use super::{find, find_middle, find_small, mark_of, Found};
use crate::class::Class;
use crate::damage;
use crate::disguise;
use crate::map;
use crate::reserved;
use crate::secret;
use crate::segment::SegmentRef;
use crate::slab::SlabRef;
use crate::supply::{self, SUPPLY};
use crate::threaded;
use core::alloc::Layout;
use core::ptr::NonNull;
use rlsf::{Misuse, Operation};

/// What a free block has in its second word.
#[inline(always)]
pub(super) fn mark(block: NonNull<u8>) -> usize {
    secret::of(block.as_ptr())
}

/// What is asked of the heap for a layout: a byte more, for the tail.
#[inline(always)]
fn with_tail(layout: Layout) -> Option<Layout> {
    let size = layout.size().checked_add(tail::LEAST)?;
    Layout::from_size_align(size, layout.align().max(16)).ok()
}

/// Allocates a block.
#[inline(always)]
pub(super) fn allocate(layout: Layout) -> Option<NonNull<u8>> {
    let whole = with_tail(layout)?;
    let Some(class) = Class::of(whole) else {
        return allocate_larger(layout.size(), whole);
    };
    let Some((block, bytes)) = threaded::allocate_quickly(class) else {
        return allocate_small(layout.size(), class);
    };
    // SAFETY: a new block that was free.
    Some(unsafe { seal_freed(block, bytes, layout.size()) })
}

/// Seals a block of so many bytes that was free, and looks whether anybody has written to its mark; the
/// block.
///
/// # Safety
///
/// A block in use of two words at the least, and of more than `size` bytes.
#[inline(always)]
unsafe fn seal_freed(block: NonNull<u8>, bytes: usize, size: usize) -> NonNull<u8> {
    let number = mark(block);
    // SAFETY: the caller's promise.
    if unsafe { mark_of(block).read() } != number {
        refuse(block);
    }
    // SAFETY: the caller's promise.
    unsafe { mark_of(block).write(0) };
    // SAFETY: the caller's promise.
    unsafe { tail::seal(block, number, bytes, size) }
}

/// Ends a program that has written to a free block.
#[cold]
#[inline(never)]
fn refuse(block: NonNull<u8>) -> ! {
    damage::report(block, Misuse::Links, Operation::Allocate)
}

#[inline(never)]
fn allocate_small(size: usize, class: Class) -> Option<NonNull<u8>> {
    disguise::settle();
    let block = threaded::allocate_small(class)?;
    // SAFETY: a new block of the class.
    Some(unsafe { seal_new(block, class.bytes(), size) })
}

/// Allocates what no slab serves.
#[inline(never)]
fn allocate_larger(size: usize, whole: Layout) -> Option<NonNull<u8>> {
    disguise::settle();
    let (block, bytes) = if supply::has_no_reserve() {
        if let Some((block, bytes)) = threaded::allocate_rested(whole) {
            // SAFETY: a new block that was free.
            return Some(unsafe { seal_freed(block, bytes, size) });
        }
        threaded::allocate_anew(whole)
    } else {
        reserved::allocate_sized(whole)
    }?;
    // SAFETY: a new block of so many bytes.
    Some(unsafe { seal_new(block, bytes, size) })
}

/// Seals a block, a part of whose bytes may be sealed already.
///
/// # Safety
///
/// A block in use, of more than `size` bytes.
unsafe fn seal(block: NonNull<u8>, size: usize) {
    // SAFETY: the caller's promise.
    let usable = unsafe { threaded::usable_size(block) };
    // SAFETY: the caller's promise.
    unsafe { tail::seal(block, mark(block), usable, size) };
}

/// Seals a new block of so many bytes, and takes the mark away that it may have; the block.
///
/// # Safety
///
/// As for [`seal_freed`].
#[inline(always)]
unsafe fn seal_new(block: NonNull<u8>, bytes: usize, size: usize) -> NonNull<u8> {
    // SAFETY: a new block of two words at the least.
    unsafe { mark_of(block).write(0) };
    // SAFETY: the caller's promise.
    unsafe { tail::seal(block, mark(block), bytes, size) }
}

/// Allocates a block that is zero; a large one is not touched for that.
pub(super) fn allocate_zeroed(layout: Layout) -> Option<NonNull<u8>> {
    let whole = with_tail(layout)?;
    if threaded::is_large(whole) {
        disguise::settle();
        let (block, bytes) = supply::allocate_zeroed(whole)?;
        // SAFETY: a new block, of so many bytes.
        return Some(unsafe { tail::seal(block, mark(block), bytes, layout.size()) });
    }
    let block = allocate(layout)?;
    // SAFETY: a new block of so many bytes.
    unsafe { block.write_bytes(0, layout.size()) };
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
        return unsafe { deallocate_large(ptr) };
    }
    // SAFETY: the map says so.
    if !unsafe { SegmentRef::around(ptr) }.is_slab(ptr) {
        // SAFETY: the caller's promise.
        return unsafe { deallocate_middle(ptr) };
    }
    let slab = find_small(ptr)?;
    let number = mark(ptr);
    // SAFETY: so many bytes of the heap.
    if !unsafe { tail::is_short(ptr, number, slab.bytes()) } {
        // SAFETY: the caller's promise.
        return unsafe { deallocate_small(ptr, slab) };
    }
    // SAFETY: a block of two words.
    unsafe { mark_of(ptr).write(number) };
    // SAFETY: the caller's promise.
    unsafe { threaded::deallocate_small(ptr) };
    Ok(())
}

/// Frees a block of a slab with a tail of any form: whole, so that the usual one needs few registers.
///
/// # Safety
///
/// As for [`deallocate`].
#[cold]
#[inline(never)]
unsafe fn deallocate_small(ptr: NonNull<u8>, slab: SlabRef) -> Result<(), Misuse> {
    // SAFETY: so many bytes of the heap.
    unsafe { tail::open(ptr, mark(ptr), slab.bytes()) }?;
    // SAFETY: a block of two words.
    unsafe { mark_of(ptr).write(mark(ptr)) };
    // SAFETY: the caller's promise.
    unsafe { threaded::deallocate_small(ptr) };
    Ok(())
}

/// Frees a block that is in a segment, but no slab.
///
/// # Safety
///
/// As for [`deallocate`].
#[inline(never)]
unsafe fn deallocate_middle(ptr: NonNull<u8>) -> Result<(), Misuse> {
    // SAFETY: the map says so.
    let segment = unsafe { SegmentRef::around(ptr) };
    let found = find_middle(segment, ptr)?;
    let number = mark(ptr);
    // SAFETY: so many bytes of the heap, and the caller's promise.
    unsafe { tail::close(ptr, number, with_room(found.bytes)?) }?;
    // SAFETY: a block of two words.
    unsafe { mark_of(ptr).write(number) };
    // SAFETY: the caller's promise.
    unsafe { super::deallocate_middle(ptr, &found) };
    Ok(())
}

/// Frees a block that is in no segment.
///
/// # Safety
///
/// As for [`deallocate`].
#[inline(never)]
unsafe fn deallocate_large(ptr: NonNull<u8>) -> Result<(), Misuse> {
    let usable = SUPPLY.usable_size_checked(ptr)?;
    // SAFETY: so many bytes of the supply, and the caller's promise.
    unsafe { tail::close(ptr, mark(ptr), usable) }?;
    // SAFETY: the caller's promise.
    unsafe { supply::deallocate_checked(ptr) }
}

/// The same bytes, if there can be a tail: the header of another thread's block may be anything.
#[inline(always)]
fn with_room(bytes: usize) -> Result<usize, Misuse> {
    if bytes >= tail::LEAST {
        Ok(bytes)
    } else {
        Err(Misuse::Header)
    }
}

/// The bytes of what was found, which all are the heap's.
#[inline(always)]
fn bytes_of(found: &Found, ptr: NonNull<u8>) -> Result<usize, Misuse> {
    match found {
        Found::Small(slab) => Ok(slab.bytes()),
        Found::Middle(found) => with_room(found.bytes),
        Found::Large => SUPPLY.usable_size_checked(ptr),
    }
}

/// The bytes that were asked for.
pub(super) fn usable_size(ptr: NonNull<u8>) -> Result<usize, Misuse> {
    let found = find(ptr)?;
    let usable = bytes_of(&found, ptr)?;
    // SAFETY: so many bytes of the heap.
    unsafe { tail::open(ptr, mark(ptr), usable) }
}

/// Resizes a block where it stands, or within the supply; `None` leaves it as it is.
///
/// # Safety
///
/// A block in use that nobody else uses.
pub(super) unsafe fn resize(ptr: NonNull<u8>, layout: Layout) -> Option<NonNull<u8>> {
    // SAFETY: the caller's promise.
    let resized = unsafe { threaded::resize(ptr, with_tail(layout)?) }?;
    // SAFETY: a block of a byte more than the layout's at the least.
    unsafe { seal(resized, layout.size()) };
    Some(resized)
}
