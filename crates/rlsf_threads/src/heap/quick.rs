//! Middle blocks in use, and those that rest.

use super::middle::bytes;
use super::HeapRef;
use crate::disguise;
use crate::quick::{Lies, Quick, Size};
use crate::segment::{SegmentRef, STRIDE};
use crate::supply::has_no_reserve as may_rest;
use core::alloc::Layout;
use core::ptr::NonNull;

impl HeapRef {
    /// Allocates a middle block if one of its size rests; and its bytes. There need not be a
    /// heap.
    #[inline(always)]
    pub(crate) fn pop_middle(self, size: Size) -> Option<(NonNull<u8>, usize)> {
        let block = self.front().quick.pop(size)?;
        disguise::demand(block, || Size::at_most(bytes(block)) == Some(size));
        let given = self.count_in(block);
        self.take_one_in();
        Some(given)
    }

    /// Allocates a middle block, up to [`LARGEST`](super::LARGEST) bytes, of which none of its
    /// size rests; and its bytes.
    #[inline]
    pub(crate) fn allocate_middle(self, layout: Layout) -> Option<(NonNull<u8>, usize)> {
        // Not both in one operation: that takes long enough by itself.
        let is_usual = layout.align() <= STRIDE.bytes();
        let has_taken_in = is_usual && self.take_one_in();
        let mut layout = layout;
        if let Some(size) = Size::of(layout) {
            let quick = &self.front().quick;
            let block = has_taken_in.then(|| quick.pop(size)).flatten();
            let is_enough = |block| bytes(block) >= layout.size();
            if let Some(block) = block.or_else(|| quick.pop_below(size, is_enough)) {
                return Some(self.count_in(block));
            }
            if quick.rounds_up(size) {
                layout = size.layout();
            }
        }
        let Some(block) = self.take(layout) else {
            self.give_one_away();
            return None;
        };
        Some(self.count_given(block))
    }

    /// Counts a middle block that the heap's `Tlsf` has given for a request; and its bytes.
    #[inline(always)]
    pub(super) fn count_given(self, block: NonNull<u8>) -> (NonNull<u8>, usize) {
        let given = self.count_in(block);
        self.front().quick.on_given(given.1);
        given
    }

    /// Counts a middle block that is in use from now on; and its bytes.
    #[inline(always)]
    fn count_in(self, block: NonNull<u8>) -> (NonNull<u8>, usize) {
        let bytes = bytes(block);
        self.front().quick.count_in();
        self.own().tally.add(bytes);
        self.own().tally.look();
        (block, bytes)
    }

    /// Frees a middle block of this heap, of so many bytes, which `was_examined` just before.
    ///
    /// # Safety
    ///
    /// A block in use of the segment, which is one of this heap's, and nobody uses it any more.
    #[inline(always)]
    pub(crate) unsafe fn deallocate_middle(
        self,
        segment: SegmentRef,
        block: NonNull<u8>,
        bytes: usize,
        was_examined: bool,
    ) {
        // SAFETY: the caller's promise.
        unsafe { self.take_in(segment, block, bytes, was_examined) };
        self.give_one_away();
    }

    /// Has a block rest that was in use, or gives it back to the heap's `Tlsf`.
    ///
    /// # Safety
    ///
    /// As for [`deallocate_middle`](Self::deallocate_middle).
    #[inline(always)]
    unsafe fn take_in(
        self,
        segment: SegmentRef,
        block: NonNull<u8>,
        bytes: usize,
        was_examined: bool,
    ) {
        self.own().tally.sub(bytes, 1);
        let quick = &self.front().quick;
        quick.count_out();
        if let Some(size) = may_rest().then(|| Size::at_most(bytes)).flatten() {
            // SAFETY: Q2, and the caller's promise.
            if unsafe { quick.push(block, size, self.lies(segment)) } {
                return;
            }
        }
        // SAFETY: the caller's promise.
        unsafe { self.give(segment, block, bytes, was_examined) };
    }

    /// Where the blocks of a segment lie.
    #[inline(always)]
    pub(super) fn lies(self, segment: SegmentRef) -> Lies {
        if self.is_home(segment) {
            Lies::AtHome
        } else {
            Lies::Away
        }
    }

    /// Gives a block back that rests where it may keep a segment from going back, if there are
    /// too many.
    #[inline]
    pub(super) fn give_one_away(self) {
        if self.front().quick.has_too_many() {
            self.give_resting_block(Quick::pop_any_away);
        }
    }

    /// Gives some blocks back that rest; whether all have been.
    pub(crate) fn give_resting_blocks(self, most: usize) -> bool {
        (0..most).any(|_| !self.give_resting_block(Quick::pop_any))
    }

    #[inline(never)]
    fn give_resting_block(self, pop: fn(&Quick) -> Option<NonNull<u8>>) -> bool {
        let Some(block) = pop(&self.front().quick) else {
            return false;
        };
        // SAFETY: a block of this heap lies in a segment.
        let segment = unsafe { SegmentRef::around(block) };
        // SAFETY: nobody uses a block that rests.
        unsafe { self.give(segment, block, bytes(block), false) };
        true
    }

    /// Takes one middle block in that another thread has freed; whether there was one. Who calls counts
    /// one in besides, or gives one away, so that no more rest than may.
    #[inline]
    pub(super) fn take_one_in(self) -> bool {
        let Some(block) = self.next_of_others() else {
            return false;
        };
        // SAFETY: a block of this heap lies in a segment.
        let segment = unsafe { SegmentRef::around(block) };
        // SAFETY: another thread has freed it.
        unsafe { self.take_in(segment, block, bytes(block), false) };
        true
    }
}
