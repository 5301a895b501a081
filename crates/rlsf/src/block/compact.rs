//! What the operations of the crate's module `compact` need of blocks: less code, as it is
//! without branches.

use super::free::NEXT;
use super::place::{after, ORIGIN};
use super::{Back, Block, FreeBlock, Span};
use crate::bin::{Bin, Float};
use crate::seal::Seal;
use crate::size::{BlockSize, WORD};
use crate::watch;
use core::ptr;

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

impl FreeBlock {
    /// Has the word that leads here lead to the `next` block of the list, and its link back.
    ///
    /// Without a branch: whether there is a block before and one behind cannot be foreseen.
    ///
    /// # Safety
    ///
    /// These are the block's own links, and the heads of the lists of its heap.
    #[inline(always)]
    pub(crate) unsafe fn pass<const SLLEN: usize>(
        &self,
        back: Back,
        next: Option<&Self>,
        heads: *mut *mut u8,
    ) {
        let mut link = next.map_or(ptr::null_mut(), |next| next.address().as_ptr());
        if Seal::ON && !back.is_to_bin() {
            link = self.block().seal.hide(link);
        }
        // SAFETY: L0: an element of the array, or another block's link.
        unsafe { watch::write(back.place::<SLLEN>(heads), link) };
        // Where there is no next block, this one's own link is written as it is. That it need
        // not be would show if it came first, and the compiler would make a branch of it.
        next.unwrap_or(self).set_back(back);
    }
}

impl Back {
    /// Whether the block is the first one of its list.
    #[inline(always)]
    pub(crate) fn is_to_bin(self) -> bool {
        self.0 as usize & 2 != 0
    }

    /// The bin whose first block this is, or the heap's first bin, without a branch.
    #[inline(always)]
    pub(crate) fn bin_or_first<const SLLEN: usize>(self) -> Bin {
        // All bits of a bin's link, and none of a block's.
        let mask = usize::from(self.is_to_bin()).wrapping_neg();
        let index = (self.0 as usize / Self::SCALE).wrapping_sub(Float::<SLLEN>::BIAS) & mask;
        // SAFETY: L0, and only bins in range are ever written (N1); every heap has a first one.
        unsafe { Bin::at_index::<SLLEN>(index) }
    }

    /// The word that leads to the block: its bin's among the `heads`, or the link of the block
    /// before it.
    #[inline(always)]
    #[allow(clippy::cast_ptr_alignment)] // L0: a head's distance, or a block's address
    fn place<const SLLEN: usize>(self, heads: *mut *mut u8) -> *mut *mut u8 {
        let bias = Float::<SLLEN>::BIAS;
        let head = if Self::SCALE == WORD {
            let distance = (self.0 as usize).wrapping_sub(bias * WORD + Self::BIN);
            heads.cast::<u8>().wrapping_add(distance)
        } else {
            let index = (self.0 as usize / Self::SCALE).wrapping_sub(bias);
            heads.wrapping_add(index).cast()
        };
        let link = self.block_address().wrapping_add(ORIGIN + NEXT);
        if self.is_to_bin() { head } else { link }.cast()
    }
}
