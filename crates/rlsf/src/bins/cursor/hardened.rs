//! A place in the heap that stays one while the heap is in use.

use core::ptr::NonNull;

/// What a check looks at next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The newest pool.
    Start,
    /// The block, or the sentinel, at an address in the pool whose sentinel is at `end`.
    Block {
        block: NonNull<u8>,
        end: NonNull<u8>,
    },
    /// The bin of an index.
    Bin(usize),
}

/// Where a check stands.
///
/// **V1**: the place is one. Whatever joins blocks, moves a pool's end or takes a pool back
/// tells the cursor, so this holds whenever no operation is at work.
///
/// Any bits are a cursor: a check of a damaged heap may find this damaged, too.
#[derive(Debug)]
pub(crate) struct Cursor {
    block: Option<NonNull<u8>>,
    /// Of a block.
    end: Option<NonNull<u8>>,
    /// Zero at the start, and one more than a bin's index.
    bin: usize,
}

impl Cursor {
    pub(crate) const START: Self = Self {
        block: None,
        end: None,
        bin: 0,
    };

    pub(crate) fn place(&self) -> Place {
        match (self.block, self.end) {
            (Some(block), Some(end)) => Place::Block { block, end },
            _ => self.bin.checked_sub(1).map_or(Place::Start, Place::Bin),
        }
    }

    /// Moves to a place, for which V1 holds.
    pub(crate) fn set(&mut self, place: Place) {
        *self = Self::START;
        match place {
            Place::Start => {}
            Place::Block { block, end } => {
                self.block = Some(block);
                self.end = Some(end);
            }
            Place::Bin(index) => self.bin = index + 1,
        }
    }

    /// The block at `next` is one with the block at `start`, before it, from now on.
    #[inline(always)]
    pub(crate) fn on_absorb(&mut self, start: NonNull<u8>, next: NonNull<u8>) {
        if self.block == Some(next) {
            self.block = Some(start);
        }
    }

    /// The pool that ended at `old` ends at `new`.
    pub(crate) fn on_extend(&mut self, old: NonNull<u8>, new: NonNull<u8>) {
        if self.end == Some(old) {
            self.end = Some(new);
        }
    }

    /// The pool that ended at `end` is the heap's no more.
    pub(crate) fn on_remove(&mut self, end: NonNull<u8>) {
        if self.end == Some(end) {
            *self = Self::START;
        }
    }
}
