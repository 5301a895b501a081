//! Requests that no slab serves, after a `reserve`: each kind has a function of its own, whose worst case has
//! no instruction of another one's.

use crate::current;
use crate::heap::{HeapRef, LARGEST};
use crate::segment::STRIDE;
use crate::slab;
use crate::supply;
use core::alloc::Layout;
use core::ptr::NonNull;

/// A block and its bytes, if there is one.
type Given = Option<(NonNull<u8>, usize)>;

/// Allocates what no slab serves.
#[inline(always)]
pub(crate) fn allocate(layout: Layout) -> Option<NonNull<u8>> {
    if layout.align() <= STRIDE.bytes() {
        allocate_usual(layout)
    } else {
        allocate_aligned(layout)
    }
}

#[inline(never)]
fn allocate_usual(layout: Layout) -> Option<NonNull<u8>> {
    usual(layout).map(|(block, _)| block)
}

#[inline(never)]
fn allocate_aligned(layout: Layout) -> Option<NonNull<u8>> {
    aligned(layout).map(|(block, _)| block)
}

/// Allocates what no slab serves; and its bytes.
#[cfg(feature = "hardened")]
#[inline(always)]
pub(crate) fn allocate_sized(layout: Layout) -> Given {
    if layout.align() <= STRIDE.bytes() {
        usual(layout)
    } else {
        aligned(layout)
    }
}

#[inline(always)]
fn usual(layout: Layout) -> Given {
    if layout.size() > LARGEST {
        return supply::allocate(layout);
    }
    current::ask(layout.size(), HeapRef::allocate_reserved)
}

#[inline(always)]
fn aligned(layout: Layout) -> Given {
    if layout.size() > LARGEST {
        return supply::allocate(layout);
    }
    if layout.align() > slab::STEP {
        return supply::allocate(layout);
    }
    current::ask(layout, HeapRef::allocate_aligned)
}
