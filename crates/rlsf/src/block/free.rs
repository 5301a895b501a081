//! Free blocks: members of their bin's list, linked both ways.

use super::{word, Block, Span};
use crate::bin::Bin;
use crate::header::Header;
use crate::size::{BlockSize, GRANULARITY, WORD};
use core::ptr::{self, NonNull};

/// The offsets of the links from the block's address.
const NEXT: usize = 0;
const BACK: usize = WORD;

/// A free block that is, or is about to be, a member of its bin's list.
///
/// B1 to B3, and **L1**: its first two words are its links.
#[derive(Debug)]
#[repr(transparent)]
pub(crate) struct FreeBlock(NonNull<u8>);

impl FreeBlock {
    /// Looks at a block as a free one: its links are its first two words.
    #[inline(always)]
    pub(crate) const fn at(block: &Block) -> Self {
        Self(block.payload())
    }

    #[inline(always)]
    const fn block(&self) -> Block {
        // SAFETY: L1: a block like any other.
        unsafe { Block::from_payload(self.0) }
    }

    #[inline(always)]
    pub(crate) const fn payload(&self) -> NonNull<u8> {
        self.0
    }

    /// A second handle to look through, for a list that still holds the block.
    #[inline(always)]
    pub(crate) const fn alias(&self) -> Self {
        Self(self.0)
    }

    #[inline(always)]
    pub(crate) fn header(&self) -> Header {
        self.block().header()
    }

    #[inline(always)]
    pub(crate) fn size(&self) -> BlockSize {
        // SAFETY: B2: S1 holds for every block's header, and this one is free.
        unsafe { BlockSize::new_unchecked(self.header().free_bytes()) }
    }

    /// The block after this one in memory.
    #[inline(always)]
    pub(crate) fn next_in_memory(&self) -> Block {
        self.block().next(self.size())
    }

    /// The following member of the list.
    #[inline(always)]
    pub(crate) fn next(&self) -> Option<Self> {
        // SAFETY: L1.
        unsafe { word::<Option<NonNull<u8>>>(self.0, NEXT).read() }.map(Self)
    }

    #[inline(always)]
    pub(crate) fn set_next(&self, next: Option<&Self>) {
        let link = next.map(|block| block.0);
        // SAFETY: L1.
        unsafe { word::<Option<NonNull<u8>>>(self.0, NEXT).write(link) }
    }

    /// The preceding member of the list, or the bin.
    #[inline(always)]
    pub(crate) fn back(&self) -> Back {
        // SAFETY: L1.
        unsafe { word::<Back>(self.0, BACK).read() }
    }

    #[inline(always)]
    pub(crate) fn set_back(&self, back: Back) {
        // SAFETY: L1.
        unsafe { word::<Back>(self.0, BACK).write(back) }
    }

    /// The size as the block's last word tells it to the next block.
    pub(crate) fn tagged_bytes(&self) -> usize {
        self.next_in_memory().bytes_before()
    }

    /// Gives up the block, which is in no list any more.
    #[inline(always)]
    pub(crate) fn into_span(self, size: BlockSize) -> Span {
        self.block().release(size)
    }
}

/// What stands in a free block's second link: the previous member of the list
/// or, in the first member, the bin.
///
/// **L0**: a block's address plus 1, or a bin's number times 8 plus 3. The lowest
/// bit tells a link from a boundary tag, the next one a bin from a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub(crate) struct Back(*mut u8);

impl Back {
    const BLOCK: usize = 1;
    const BIN: usize = 3;

    #[inline(always)]
    pub(crate) fn to_block(block: &FreeBlock) -> Self {
        Self(block.0.as_ptr().wrapping_add(Self::BLOCK))
    }

    #[inline(always)]
    pub(crate) fn to_bin(bin: Bin) -> Self {
        let tagged = bin.number() * GRANULARITY + Self::BIN;
        Self(ptr::null_mut::<u8>().wrapping_add(tagged))
    }

    /// The number of the bin that the first block of one has here, unchecked.
    pub(crate) fn as_bin_number(self) -> Option<usize> {
        if self.0 as usize & 2 == 0 {
            return None;
        }
        Some(self.0 as usize / GRANULARITY)
    }

    /// The address that a later block of a list has here, unchecked.
    pub(crate) fn block_address(self) -> *mut u8 {
        self.0.wrapping_sub(Self::BLOCK)
    }

    /// The bin whose first block has this link, or the block before.
    #[inline(always)]
    pub(crate) fn target(self) -> BackTarget {
        if self.0 as usize & 2 != 0 {
            // SAFETY: L0, and only bins in range are ever written (N1).
            BackTarget::Bin(unsafe { Bin::from_number(self.0 as usize / GRANULARITY) })
        } else {
            // SAFETY: L0: the address of a block is not null.
            let block = unsafe { NonNull::new_unchecked(self.0.wrapping_sub(Self::BLOCK)) };
            BackTarget::Block(FreeBlock(block))
        }
    }
}

/// Where a [`Back`] link leads.
#[derive(Debug)]
pub(crate) enum BackTarget {
    /// The block is the first one of this bin.
    Bin(Bin),
    /// The block follows this one in its list.
    Block(FreeBlock),
}
