//! The blocks that live, without an allocator.

use super::{Block, Subject};
use core::alloc::Layout;

/// The most blocks: those between a thousand fragments, those that use up all else, those of a few steps.
const MOST: usize = 1200;

/// Live blocks in some order.
pub(super) struct Live {
    blocks: [Option<Block>; MOST],
    count: usize,
}

impl Live {
    pub(super) const fn new() -> Self {
        Self {
            blocks: [None; MOST],
            count: 0,
        }
    }

    pub(super) const fn len(&self) -> usize {
        self.count
    }

    /// Allocates a block and keeps it: its instructions, and whether there was memory and a place for it.
    pub(super) fn allocate(&mut self, subject: &mut impl Subject, layout: Layout) -> (bool, u32) {
        let Some(place) = self.blocks.get_mut(self.count) else {
            return (false, 0);
        };
        let (start, count) = subject.allocate(layout);
        *place = start.map(|start| Block { start, layout });
        self.count += usize::from(place.is_some());
        (place.is_some(), count)
    }

    /// Frees a block, in whose place the last one goes: its instructions, or nothing if there is no block.
    pub(super) fn free(&mut self, subject: &mut impl Subject, number: usize) -> Option<u32> {
        let last = self.count.checked_sub(1)?;
        self.blocks.swap(number, last);
        let block = self.blocks[last].take()?;
        self.count = last;
        // SAFETY: it was live till now.
        Some(unsafe { subject.deallocate(block) })
    }

    /// Resizes a block in place: the instructions, or nothing if there is no block.
    pub(super) fn resize(
        &mut self,
        subject: &mut impl Subject,
        number: usize,
        size: usize,
    ) -> Option<u32> {
        let block = self.blocks[number].as_mut()?;
        // SAFETY: it is live.
        let (done, count) = unsafe { subject.resize(*block, size) };
        if done {
            block.layout = Layout::from_size_align(size, block.layout.align()).ok()?;
        }
        Some(count)
    }

    /// The size of a block.
    pub(super) fn size(&self, number: usize) -> usize {
        self.blocks[number].map_or(0, |block| block.layout.size())
    }

    /// Puts the blocks into reverse order.
    pub(super) fn reverse(&mut self) {
        self.blocks[..self.count].reverse();
    }

    /// Swaps two blocks.
    pub(super) fn swap(&mut self, one: usize, other: usize) {
        self.blocks.swap(one, other);
    }
}
