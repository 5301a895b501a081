//! Middle blocks after a `reserve`: none rests, so that each operation takes its constant time alone, and what
//! is free serves any size.

use super::middle::bytes;
use super::{Blocks, HeapRef};
use crate::segment::{SegmentRef, STRIDE};
use core::alloc::Layout;
use core::ptr::NonNull;

impl HeapRef {
    /// Allocates a middle block of so many bytes, up to [`LARGEST`](super::LARGEST); and its bytes. First a block that
    /// another thread has freed goes back to the heap's `Tlsf`, if there is one.
    #[inline(always)]
    pub(crate) fn allocate_reserved(self, size: usize) -> Option<(NonNull<u8>, usize)> {
        let layout = STRIDE.layout(Layout::from_size_align(size, 1).ok()?)?;
        match self.next_of_others() {
            Some(freed) => self.exchange(freed, layout),
            None => self.allocate_alone(layout),
        }
    }

    /// The same at a larger alignment than the blocks' own, which takes long enough by itself: none goes back.
    #[inline(always)]
    pub(crate) fn allocate_aligned(self, layout: Layout) -> Option<(NonNull<u8>, usize)> {
        self.allocate_alone(STRIDE.layout(layout)?)
    }

    #[inline(always)]
    fn allocate_alone(self, layout: Layout) -> Option<(NonNull<u8>, usize)> {
        let block = self.blocks().allocate(layout);
        let block = self.count_or_grow(block, Blocks::allocate, layout)?;
        Some(self.count_given(block))
    }

    /// Gives a block back to the heap's `Tlsf`, which another thread has freed, and allocates one.
    #[inline(always)]
    fn exchange(self, freed: NonNull<u8>, layout: Layout) -> Option<(NonNull<u8>, usize)> {
        // SAFETY: a block of this heap lies in a segment.
        let segment = unsafe { SegmentRef::around(freed) };
        let before = bytes(freed);
        // SAFETY: another thread has freed it.
        let Some(block) = (unsafe { self.blocks().exchange(freed, layout) }) else {
            return self.allocate_after(segment, before, layout);
        };
        // SAFETY: a block of the heap's `Tlsf`.
        unsafe { SegmentRef::around(block) }.on_allocate();
        // Not before: the two may lie in one segment.
        self.free_in(segment);
        let by = bytes(block).wrapping_sub(before);
        self.front().quick.on_exchanged(by);
        self.own().tally.exchange(by);
        self.own().tally.look();
        Some((block, before.wrapping_add(by)))
    }

    /// Counts a block of so many bytes that went back to the heap's `Tlsf`, which has none for the request, and
    /// allocates one in another segment.
    #[cold]
    #[inline(never)]
    fn allocate_after(
        self,
        segment: SegmentRef,
        bytes: usize,
        layout: Layout,
    ) -> Option<(NonNull<u8>, usize)> {
        self.free_in(segment);
        self.front().quick.on_taken_back(bytes);
        self.front().quick.count_out();
        self.own().tally.sub(bytes, 1);
        self.give_one_away();
        let block = self.count_or_grow(None, Blocks::allocate, layout)?;
        Some(self.count_given(block))
    }
}
