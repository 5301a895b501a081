//! Links as they stand in free blocks: disguised by a number that only their place and the process's
//! secret tell, so that what anybody else writes there is no link.

use crate::address;
use crate::damage;
use crate::places;
use crate::secret;
use core::ptr::NonNull;
use rlsf::{Misuse, Operation};

pub(crate) use secret::settle;

/// What stands at `place` for a pointer that leads to `next`.
#[inline(always)]
pub(crate) fn hide<T>(place: *const T, next: *mut T) -> *mut T {
    next.map_addr(|next| next ^ secret::of(place))
}

/// The pointer for which `hidden` stands at `place`. What is none ends the program: of 2^17 other
/// words (2^16 on Arm) one is taken for a pointer.
#[inline(always)]
pub(crate) fn show<T>(place: *const T, hidden: *mut T) -> *mut T {
    let next = hidden.map_addr(|hidden| hidden ^ secret::of(place));
    if next.addr() >> address::BITS != 0 {
        refuse(place.cast());
    }
    next
}

/// The same of a slab's free block, which another one of the slab follows, or the end: what is
/// neither ends the program.
#[inline(always)]
pub(crate) fn show_near<T>(place: NonNull<T>, hidden: NonNull<T>, end: NonNull<T>) -> NonNull<T> {
    let next = hidden
        .as_ptr()
        .map_addr(|hidden| hidden ^ secret::of(place.as_ptr()));
    if (next.addr() ^ place.addr().get()) >= places::SLAB && next != end.as_ptr() {
        refuse(place.as_ptr().cast());
    }
    // SAFETY: a place in a slab, or the end.
    unsafe { NonNull::new_unchecked(next) }
}

/// Ends a program that has damaged a free block.
#[inline(always)]
pub(crate) fn demand<T>(block: NonNull<T>, is_sound: impl FnOnce() -> bool) {
    if !is_sound() {
        refuse(block.as_ptr().cast());
    }
}

#[cold]
#[inline(never)]
fn refuse(place: *const u8) -> ! {
    // SAFETY: the place of a link.
    let place = unsafe { NonNull::new_unchecked(place.cast_mut()) };
    damage::report(place, Misuse::Links, Operation::Allocate)
}
