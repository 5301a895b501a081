//! What a search found.

use crate::bin::Bin;
use crate::block::FreeBlock;

/// A block that was found, and where in its list it stands.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) block: FreeBlock,
    pub(super) rank: Rank,
}

/// Where a block stands in its bin's list. (A type of its own: an `enum` of both kinds of
/// `Found` is told by its pointer, which is then tested at every use.)
#[derive(Debug)]
pub(super) enum Rank {
    FirstOf(Bin),
    Later,
}

impl Found {
    #[inline(always)]
    pub(super) const fn first(bin: Bin, block: FreeBlock) -> Self {
        let rank = Rank::FirstOf(bin);
        Self { block, rank }
    }

    #[inline(always)]
    pub(super) const fn later(block: FreeBlock) -> Self {
        let rank = Rank::Later;
        Self { block, rank }
    }
}
