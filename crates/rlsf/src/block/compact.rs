//! What the operations of the crate's module `compact` need of blocks: less code, as it is
//! without branches.

use super::place::after;
use super::{Block, Span};
use crate::seal::Seal;
use crate::size::BlockSize;

impl Block {
    /// Notes that the block before this one is free, whatever the header tells so far.
    #[inline(always)]
    pub(crate) fn note_prev_free(&self) {
        if !Seal::ON || !self.header().prev_is_free() {
            self.set_prev_free();
        }
    }

    /// Notes that the block before this one is in use, whatever the header tells so far.
    #[inline(always)]
    pub(crate) fn note_prev_used(&self) {
        if !Seal::ON || self.header().prev_is_free() {
            self.set_prev_used();
        }
    }
}

/// What lies before a block that was made of a part of a span: a span, or nothing.
#[derive(Debug)]
pub(crate) struct Gap {
    /// The whole span's bytes are this gap's and the rest's.
    whole: Span,
    bytes: usize,
}

impl Span {
    /// `[ ---- self ---- ] => [ gap ][ rest ]`, `gap` being zero or a block's size, and
    /// smaller than the span by a block at least.
    #[inline(always)]
    pub(crate) fn split_any_gap(self, gap: usize) -> (Gap, Self) {
        let rest = Self {
            start: after(self.start, gap),
            // SAFETY: S1: there is a block at least behind the gap.
            size: unsafe { BlockSize::new_unchecked(self.size.get() - gap) },
            seal: self.seal,
        };
        let gap = Gap {
            whole: self,
            bytes: gap,
        };
        (gap, rest)
    }
}

impl Gap {
    /// The gap's bytes, if it has any.
    #[inline(always)]
    pub(crate) fn span(self) -> Option<Span> {
        if self.bytes == 0 {
            return None;
        }
        Some(Span {
            // SAFETY: S1: not zero, so a block's size.
            size: unsafe { BlockSize::new_unchecked(self.bytes) },
            ..self.whole
        })
    }
}
