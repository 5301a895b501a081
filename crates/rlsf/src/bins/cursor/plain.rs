//! No check, no place.

use core::ptr::NonNull;

/// See the other one.
#[derive(Debug)]
pub(crate) struct Cursor;

#[allow(clippy::unused_self)] // as the other one
impl Cursor {
    pub(crate) const START: Self = Self;

    #[inline(always)]
    pub(crate) fn on_absorb(&mut self, _start: NonNull<u8>, _next: NonNull<u8>) {}

    #[inline(always)]
    pub(crate) fn on_extend(&mut self, _old: NonNull<u8>, _new: NonNull<u8>) {}

    #[inline(always)]
    pub(crate) fn on_remove(&mut self, _end: NonNull<u8>) {}
}
