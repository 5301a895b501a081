//! A block that checks its heap: its alignment when it comes, its contents when it goes.

use core::alloc::Layout;
use core::ptr::NonNull;
use std::alloc::{alloc, dealloc, handle_alloc_error};

/// The alignment that is asked for: a pointer's, as most requests of real programs.
const ALIGN: usize = 8;

/// The bytes of a page of the system's.
const PAGE: usize = 4096;

/// What is written to each end of a block.
type Stamp = u32;

/// A block of the process's heap. Both its ends are written, so that two blocks that overlap, or
/// a heap that writes to a block in use, do not stay unseen.
#[derive(Debug)]
pub(crate) struct Block {
    start: NonNull<u8>,
    size: usize,
}

// SAFETY: a block is its owner's alone, whichever thread that is.
unsafe impl Send for Block {}

impl Block {
    /// Asks the heap for `size` bytes, one at least.
    pub(crate) fn new(size: usize) -> Self {
        let size = size.max(1);
        // SAFETY: not empty.
        let start = unsafe { alloc(layout(size)) };
        let Some(start) = NonNull::new(start) else {
            handle_alloc_error(layout(size))
        };
        assert!(
            start.as_ptr().addr().is_multiple_of(ALIGN),
            "{start:p} is not aligned to {ALIGN}"
        );
        let block = Self { start, size };
        block.write(block.stamp());
        block
    }

    /// The bytes that were asked for.
    pub(crate) fn size(&self) -> usize {
        self.size
    }

    /// The first byte, for those who write to it a lot.
    pub(crate) fn first(&mut self) -> &mut u8 {
        // SAFETY: written by `new`; the block is borrowed for as long.
        unsafe { self.start.as_mut() }
    }

    /// Writes to each page that the block has a part of, as who uses it would.
    pub(crate) fn touch(&mut self) {
        for place in (0..self.size).step_by(PAGE) {
            let byte = self.start.as_ptr().wrapping_add(place);
            // SAFETY: within the block.
            unsafe { byte.write(0) };
        }
        self.restore();
    }

    /// Undoes what was written to the first byte.
    pub(crate) fn restore(&mut self) {
        self.write(self.stamp());
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "some bits of the address and the size suffice"
    )]
    fn stamp(&self) -> Stamp {
        (self.start.as_ptr().addr() >> 3) as Stamp ^ self.size as Stamp
    }

    /// Where the two stamps are, or nothing in a block without room for them.
    fn ends(&self) -> Option<[*mut Stamp; 2]> {
        let last = self.size.checked_sub(size_of::<Stamp>())?;
        let start = self.start.as_ptr();
        Some([start.cast(), start.wrapping_add(last).cast()])
    }

    fn write(&self, stamp: Stamp) {
        let Some(ends) = self.ends() else {
            // SAFETY: a block has a first byte.
            return unsafe { self.start.write(stamp.to_ne_bytes()[0]) };
        };
        for end in ends.into_iter().rev() {
            // SAFETY: within the block.
            unsafe { end.write_unaligned(stamp) };
        }
    }

    /// Whether the block still holds what was written to it.
    fn is_sound(&self) -> bool {
        let stamp = self.stamp();
        let Some([first, last]) = self.ends() else {
            // SAFETY: written by `new`.
            return unsafe { self.start.read() } == stamp.to_ne_bytes()[0];
        };
        // SAFETY: written by `new`.
        let last = unsafe { last.read_unaligned() };
        // SAFETY: as above.
        let first = unsafe { first.read_unaligned() };
        // In a block of fewer than two stamps' bytes the first one stands whole.
        first == stamp && (self.size < 2 * size_of::<Stamp>() || last == stamp)
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        assert!(
            self.is_sound(),
            "{:p} ({} B) has changed",
            self.start,
            self.size
        );
        // SAFETY: from `alloc` with this layout.
        unsafe { dealloc(self.start.as_ptr(), layout(self.size)) };
    }
}

fn layout(size: usize) -> Layout {
    Layout::from_size_align(size, ALIGN).expect("no workload asks for half of the address space")
}

/// Frees what is in a slot, then puts a block of `size` bytes there.
pub(crate) fn replace(slot: &mut Option<Block>, size: usize) {
    *slot = None;
    *slot = Some(Block::new(size));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_every_small_size_are_sound() {
        let blocks: Vec<_> = (0..100).map(Block::new).collect();
        assert!(blocks.iter().all(Block::is_sound));
    }

    #[test]
    fn a_block_that_was_touched_is_sound() {
        for size in [1, 5, 4096, 4097, 10_000] {
            let mut block = Block::new(size);
            block.touch();
            assert!(block.is_sound(), "{size}");
        }
    }

    #[test]
    fn a_change_of_the_first_or_the_last_byte_is_seen() {
        for size in [1, 2, 4, 8, 33] {
            let mut block = Block::new(size);
            *block.first() ^= 1;
            assert!(!block.is_sound(), "{size}");
            block.restore();
            assert!(block.is_sound(), "{size}");
        }
        let block = Block::new(33);
        let last = block.start.as_ptr().wrapping_add(32);
        // SAFETY: the last byte of 33.
        let byte = unsafe { last.read() };
        // SAFETY: as above.
        unsafe { last.write(!byte) };
        assert!(!block.is_sound());
        block.write(block.stamp());
    }
}
