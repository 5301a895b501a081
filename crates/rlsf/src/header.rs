//! The header word: the first word of every block.

use crate::size::{BlockSize, GRANULARITY};

/// The first word of a block: its size and two flags, "this block is used" and
/// "the block before is free".
///
/// A free block has neither: two free blocks are never neighbours (H1). Its header
/// is its size, and so is its boundary tag.
///
/// In hardened heaps a used block's header also tells how many bytes of the payload
/// nobody asked for ([`Slack`]), and memory holds it sealed: see `seal`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub(crate) struct Header(usize);

/// How many bytes at the end of a payload nobody asked for, as far as a header tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slack {
    /// None; or the heap is not hardened.
    None,
    /// One.
    One,
    /// As many as the payload's last byte tells.
    More,
}

impl Header {
    const USED: usize = 1;
    const FLAGS: usize = GRANULARITY - 1;

    /// The flag of the block before; where headers are sealed, two of the flags' bits tell
    /// the slack, and the highest one, which no size has, is free for this.
    pub(crate) const PREV_FREE: usize = if cfg!(feature = "hardened") {
        1 << (usize::BITS - 1)
    } else {
        2
    };

    const SLACK: usize = Self::FLAGS ^ Self::USED;
    const SLACK_ONE: usize = 2;
    const SLACK_MORE: usize = 4;

    /// The header of the word that ends a pool: used, and of no size.
    pub(crate) const SENTINEL: Self = Self(Self::USED);

    /// What a hardened heap leaves where there is no header any more, for the case that its
    /// block is freed once more: not sealed, and no header of a used block if it were.
    pub(crate) const SWALLOWED: Self = Self(Self::SLACK);

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

    /// Takes a word for a header.
    #[inline(always)]
    pub(crate) const fn from_word(word: usize) -> Self {
        Self(word)
    }

    #[inline(always)]
    pub(crate) const fn word(self) -> usize {
        self.0
    }

    /// The size of a block that is known to be free.
    #[inline(always)]
    pub(crate) const fn free_bytes(self) -> usize {
        if cfg!(feature = "hardened") {
            self.bytes()
        } else {
            self.0
        }
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

    /// What a used block's header is to be once a free block has swallowed it.
    pub(crate) const fn swallowed(self) -> Self {
        Self(self.0 & !Self::USED)
    }

    /// The size in bytes as written: zero for a sentinel.
    #[inline(always)]
    pub(crate) const fn bytes(self) -> usize {
        self.0 & !(Self::FLAGS | Self::PREV_FREE)
    }

    /// The size of a block that is no sentinel.
    #[inline(always)]
    pub(crate) const fn size(self) -> BlockSize {
        // SAFETY: S1 holds for every block's header.
        unsafe { BlockSize::new_unchecked(self.bytes()) }
    }

    /// Whether the block has no size, as only the one that ends a pool.
    #[inline(always)]
    pub(crate) const fn is_sentinel(self) -> bool {
        self.bytes() == 0
    }

    /// Whether the header is one that ends a pool.
    pub(crate) const fn is_sound_sentinel(self) -> bool {
        self.is_sentinel() && !self.is_free() && !self.has_unknown_flag()
    }

    /// Whether a flag bit is set that nothing sets.
    pub(crate) const fn has_unknown_flag(self) -> bool {
        let flags = self.0 & Self::FLAGS & !Self::PREV_FREE;
        if cfg!(feature = "hardened") {
            flags > (Self::USED | Self::SLACK_MORE) || (flags & Self::USED == 0 && flags != 0)
        } else {
            flags & !Self::USED != 0
        }
    }

    /// The same for a used block with slack.
    #[inline(always)]
    pub(crate) const fn with_slack(self, slack: Slack) -> Self {
        match slack {
            Slack::None => self,
            Slack::One => Self(self.0 | Self::SLACK_ONE),
            Slack::More => Self(self.0 | Self::SLACK_MORE),
        }
    }

    /// The slack of a used block.
    #[inline(always)]
    pub(crate) const fn slack(self) -> Slack {
        if !cfg!(feature = "hardened") || self.0 & Self::SLACK == 0 {
            Slack::None
        } else if self.0 & Self::SLACK_ONE != 0 {
            Slack::One
        } else {
            Slack::More
        }
    }
}
