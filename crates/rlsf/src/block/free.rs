//! Free blocks: members of their bin's list, linked both ways.

use super::place::{own, payload_of, ORIGIN};
use super::{Block, Span};
use crate::bin::Bin;
use crate::header::Header;
use crate::misuse::Misuse;
use crate::seal::Seal;
use crate::size::{BlockSize, GRANULARITY, WORD};
use crate::watch;
use core::ptr::{self, NonNull};

/// The offsets of the links from the block's address.
pub(super) const NEXT: usize = 0;
const BACK: usize = WORD;

/// A free block that is, or is about to be, a member of its bin's list.
///
/// B1 to B3, and **L1**: its first two words are its links.
#[derive(Debug)]
pub(crate) struct FreeBlock {
    address: NonNull<u8>,
    seal: Seal,
}

impl FreeBlock {
    /// Looks at a block as a free one: its links are its first two words.
    #[inline(always)]
    pub(crate) const fn at(block: &Block) -> Self {
        Self {
            address: block.address,
            seal: block.seal,
        }
    }

    /// The block of an [`address`](Self::address).
    ///
    /// # Safety
    ///
    /// It is a free block's of the seal's heap.
    #[inline(always)]
    pub(crate) const unsafe fn from_address(address: NonNull<u8>, seal: Seal) -> Self {
        Self { address, seal }
    }

    /// What stands for the block in links.
    #[inline(always)]
    pub(crate) const fn address(&self) -> NonNull<u8> {
        self.address
    }

    #[inline(always)]
    pub(super) const fn block(&self) -> Block {
        Block {
            address: self.address,
            seal: self.seal,
        }
    }

    #[inline(always)]
    const fn other(&self, address: NonNull<u8>) -> Self {
        Self {
            address,
            seal: self.seal,
        }
    }

    #[inline(always)]
    pub(crate) const fn payload(&self) -> NonNull<u8> {
        payload_of(self.address)
    }

    /// A second handle to look through, for a list that still holds the block.
    #[inline(always)]
    pub(crate) const fn alias(&self) -> Self {
        self.other(self.address)
    }

    #[inline(always)]
    pub(crate) fn header(&self) -> Header {
        self.block().header()
    }

    /// The header, if it is sealed.
    pub(crate) fn look(&self) -> Option<Header> {
        self.block().look()
    }

    #[inline(always)]
    pub(crate) fn size(&self) -> BlockSize {
        // SAFETY: B2: S1 holds for every block's header, and this one is free.
        unsafe { BlockSize::new_unchecked(self.header().free_bytes()) }
    }

    /// The size, of a hardened heap without a look at the seal: for what is only looked at, or
    /// has been in the same operation.
    #[inline(always)]
    pub(crate) fn size_as_written(&self) -> BlockSize {
        if Seal::ON {
            self.block().peek().size()
        } else {
            self.size()
        }
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
        let link = unsafe { watch::read(own::<*mut u8>(self.address, NEXT)) };
        NonNull::new(self.seal.reveal(link)).map(|next| self.other(next))
    }

    /// The following member of the list; in a hardened heap it follows this one, or the
    /// operation ends.
    #[inline(always)]
    pub(crate) fn follow(&self) -> Option<Self> {
        let next = self.next()?;
        if Seal::ON {
            let leads =
                self.seal.reaches(next.address.as_ptr()) && next.back() == Back::to_block(self);
            self.seal.demand(leads, self.address, Misuse::Links);
        }
        Some(next)
    }

    #[inline(always)]
    pub(crate) fn set_next(&self, next: Option<&Self>) {
        self.set_next_link(next.map_or(ptr::null_mut(), |block| block.address.as_ptr()));
    }

    /// The same, as a link.
    #[inline(always)]
    pub(crate) fn set_next_link(&self, link: *mut u8) {
        // SAFETY: L1.
        unsafe { watch::write(own::<*mut u8>(self.address, NEXT), self.seal.hide(link)) }
    }

    /// The preceding member of the list, or the bin.
    #[inline(always)]
    pub(crate) fn back(&self) -> Back {
        // SAFETY: L1.
        Back(
            self.seal
                .reveal(unsafe { watch::read(own::<*mut u8>(self.address, BACK)) }),
        )
    }

    #[inline(always)]
    pub(crate) fn set_back(&self, back: Back) {
        // SAFETY: L1.
        unsafe { watch::write(own::<*mut u8>(self.address, BACK), self.seal.hide(back.0)) }
    }

    /// What the block's back link leads to; in a hardened heap that leads to the block, or
    /// the operation ends. `head` gives the first block of a bin, if there is such a bin.
    #[inline(always)]
    pub(crate) fn follow_back(&self, head: impl FnOnce(usize) -> Option<*mut u8>) -> BackTarget {
        let back = self.back();
        if Seal::ON {
            let this = Some(self.address.as_ptr());
            let leads = match back.as_bin_number() {
                Some(number) => head(number) == this && back == Back::numbered(number),
                None => {
                    self.seal.reaches(back.block_address())
                        && self
                            .prev(back)
                            .and_then(|prev| prev.next())
                            .map(|next| next.address.as_ptr())
                            == this
                }
            };
            self.seal.demand(leads, self.address, Misuse::Links);
        }
        self.target(back)
    }

    fn prev(&self, back: Back) -> Option<Self> {
        NonNull::new(back.block_address()).map(|prev| self.other(prev))
    }

    /// Gives up the block, which is in no list any more.
    #[inline(always)]
    pub(crate) fn into_span(self, size: BlockSize) -> Span {
        self.block().release(size)
    }

    /// The bin whose first block has the link `back`, or the block before.
    #[inline(always)]
    pub(crate) fn target(&self, back: Back) -> BackTarget {
        if back.0 as usize & 2 != 0 {
            // SAFETY: L0, and only bins in range are ever written (N1).
            BackTarget::Bin(unsafe { Bin::from_number(back.0 as usize / Back::SCALE) })
        } else {
            // SAFETY: L0: the address of a block is not null.
            let block = unsafe { NonNull::new_unchecked(back.block_address()) };
            BackTarget::Block(self.other(block))
        }
    }
}

/// What stands in a free block's second link: the previous member of the list
/// or, in the first member, the bin.
///
/// **L0**: a block's address, or a bin's number times `SCALE` plus 3. The second bit tells a
/// bin from a block. Where this may stand in a boundary tag's place, a block's address
/// has 1 added, so that the lowest bit tells a link from a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub(crate) struct Back(pub(super) *mut u8);

impl Back {
    const BLOCK: usize = if BlockSize::LEAST_HAS_NO_TAG { 1 } else { 0 };
    pub(super) const BIN: usize = 3;

    /// What a bin's number is multiplied by: in WebAssembly the distance from one list's head to
    /// the next, so that the link tells where the head lies.
    pub(super) const SCALE: usize = if cfg!(target_arch = "wasm32") {
        WORD
    } else {
        GRANULARITY
    };

    #[inline(always)]
    pub(crate) fn to_block(block: &FreeBlock) -> Self {
        Self(block.address.as_ptr().wrapping_add(Self::BLOCK))
    }

    #[inline(always)]
    pub(crate) fn to_bin(bin: Bin) -> Self {
        Self::numbered(bin.number())
    }

    #[inline(always)]
    fn numbered(bin: usize) -> Self {
        let tagged = bin * Self::SCALE + Self::BIN;
        Self(ptr::null_mut::<u8>().wrapping_add(tagged))
    }

    /// The number of the bin that the first block of one has here, unchecked.
    pub(crate) fn as_bin_number(self) -> Option<usize> {
        if self.0 as usize & 2 == 0 {
            return None;
        }
        Some(self.0 as usize / Self::SCALE)
    }

    /// The payload of the block that a later one of a list has here, unchecked.
    pub(crate) fn block_payload(self) -> *mut u8 {
        self.block_address().wrapping_add(ORIGIN)
    }

    #[inline(always)]
    pub(super) fn block_address(self) -> *mut u8 {
        self.0.wrapping_sub(Self::BLOCK)
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
