//! The header word: the first word of every block.

use crate::size::{BlockSize, GRANULARITY};

/// The first word of a block: its size and two flags, "this block is used" and
/// "the block before is free".
///
/// A free block has neither: two free blocks are never neighbours (H1). Its header
/// is its size, and so is its boundary tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub(crate) struct Header(usize);

impl Header {
    const USED: usize = 1;
    const PREV_FREE: usize = 2;
    const FLAGS: usize = GRANULARITY - 1;

    /// The header of the word that ends a pool: used, and of no size.
    pub(crate) const SENTINEL: Self = Self(Self::USED);

    /// The header of a used block behind a used one.
    #[inline(always)]
    pub(crate) const fn used(size: BlockSize) -> Self {
        // An addition, as S1 keeps the flags' bits clear: one instruction, not two.
        Self(size.get() + Self::USED)
    }

    /// The header of a free block.
    #[inline(always)]
    pub(crate) const fn free(size: BlockSize) -> Self {
        Self(size.get())
    }

    /// The size of a block that is known to be free.
    #[inline(always)]
    pub(crate) const fn free_bytes(self) -> usize {
        self.0
    }

    /// Whether the block is free.
    #[inline(always)]
    pub(crate) const fn is_free(self) -> bool {
        self.0 & Self::USED == 0
    }

    /// Whether the block before this one is free.
    #[inline(always)]
    pub(crate) const fn prev_is_free(self) -> bool {
        self.0 & Self::PREV_FREE != 0
    }

    #[inline(always)]
    pub(crate) const fn with_prev_free(self) -> Self {
        Self(self.0 | Self::PREV_FREE)
    }

    #[inline(always)]
    pub(crate) const fn with_prev_used(self) -> Self {
        Self(self.0 & !Self::PREV_FREE)
    }

    /// What a used block's header is to be once a free block has swallowed it.
    pub(crate) const fn swallowed(self) -> Self {
        Self(self.0 & !Self::USED)
    }

    /// The size in bytes as written: zero for a sentinel.
    #[inline(always)]
    pub(crate) const fn bytes(self) -> usize {
        self.0 & !Self::FLAGS
    }

    /// Whether the block has no size, as only the one that ends a pool.
    pub(crate) const fn is_sentinel(self) -> bool {
        self.bytes() == 0
    }

    /// Whether the third flag bit, which nothing sets, is set.
    pub(crate) const fn has_unknown_flag(self) -> bool {
        self.0 & (Self::FLAGS ^ Self::USED ^ Self::PREV_FREE) != 0
    }
}
