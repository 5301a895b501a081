//! Blocks and spans: the header, the boundary tag, and what they allow.
//!
//! This file, its part `free` and its neighbour `pool` are the only ones that read or
//! write the memory of a pool, through `place`.
//!
//! ```text
//!   used block             free block            free block of the least size
//!  +--------------+       +--------------+       +--------------+
//!  | size | flags |       | size | flags |       | size | flags |  header
//!  +--------------+ <--   +--------------+ <--   +--------------+ <-- address
//!  | payload …    |       | next         |       | next         |  links
//!  |              |       | prev         |       | prev         |
//!  |              |       |      …       |       +--------------+
//!  |              |       | size         |                          tag
//!  +--------------+       +--------------+
//! ```
//!
//! A block's address is that of its payload, a multiple of the granule; its
//! header is the word before it. (In WebAssembly it is that of the header: see `place`.) The last word of a used block belongs to its
//! payload. The last word of a free block tells the next block where it begins:
//! it is the size, or, where the least block has no word to spare, the link to
//! the previous list member, whose lowest bit is set as no size's is.

#[cfg(any(test, target_arch = "wasm32"))]
mod compact;
mod free;
mod glance;
mod place;
mod shared;
mod slack;

#[cfg(any(test, target_arch = "wasm32"))]
pub(crate) use compact::Gap;
pub(crate) use free::{Back, BackTarget, FreeBlock};
pub(crate) use glance::Glance;
pub(crate) use place::word;

use crate::header::Header;
use crate::misuse::Misuse;
use crate::seal::{Request, Seal};
use crate::size::{BlockSize, WORD};
use crate::watch;
use core::ptr::NonNull;
use place::{after, before, own, payload_of, place_of, HEADER, ORIGIN};

/// A block, used or free, or a pool's sentinel.
///
/// **B1**: the payload's address is a multiple of the granule, derived from the pointer
/// with which the pool was given. **B2**: the header before it is initialised
/// and stands for a block of a pool that this heap owns; the blocks of a pool
/// lie end to end and the last is a sentinel. **B3**: the block after a free one,
/// and no other, has the flag that says so, and the last word before it tells
/// the free block's size.
#[derive(Debug)]
pub(crate) struct Block {
    address: NonNull<u8>,
    /// The heap's: every header is read and written through it.
    seal: Seal,
}

impl Block {
    /// The block of a payload: the door for what the caller hands in.
    ///
    /// # Safety
    ///
    /// B1 to B3: the payload of a block of the seal's heap, or of a sentinel.
    #[inline(always)]
    pub(crate) const unsafe fn from_payload(payload: NonNull<u8>, seal: Seal) -> Self {
        Self {
            address: place_of(payload),
            seal,
        }
    }

    #[inline(always)]
    pub(crate) const fn payload(&self) -> NonNull<u8> {
        payload_of(self.address)
    }

    #[inline(always)]
    pub(crate) const fn seal(&self) -> Seal {
        self.seal
    }

    /// The header as memory holds it.
    #[inline(always)]
    fn word(&self) -> usize {
        // SAFETY: B2.
        unsafe { watch::read(own::<usize>(self.address, HEADER)) }
    }

    #[inline(always)]
    fn set_word(&self, header: usize) {
        // SAFETY: B2.
        unsafe { watch::write(own::<usize>(self.address, HEADER), header) }
    }

    /// The header; of a hardened heap one that is sealed, or the operation ends.
    #[inline(always)]
    pub(crate) fn header(&self) -> Header {
        self.seal.open(self.address, self.word())
    }

    /// The header, if it is sealed.
    #[inline(always)]
    pub(crate) fn look(&self) -> Option<Header> {
        self.seal.look(self.address, self.word())
    }

    /// The header as it is written, sealed or not; in a hardened heap without what it
    /// tells of the block before.
    #[inline(always)]
    pub(crate) fn peek(&self) -> Header {
        self.seal.peek(self.word())
    }

    /// Writes a header that does not tell of a free block before.
    #[inline(always)]
    pub(crate) fn set_header(&self, header: Header) {
        self.set_word(self.seal.close(self.address, header));
    }

    /// The size of the block, which is no sentinel.
    #[inline(always)]
    pub(crate) fn size(&self) -> BlockSize {
        self.header().size()
    }

    /// Gives the block a new size, its flag of the previous block kept.
    #[inline(always)]
    pub(crate) fn resize(&self, size: BlockSize, request: Request) {
        if watch::ON {
            let old = self.usable(self.header());
            watch::resized(self.payload(), old, size.payload() - request.slack_in(size));
        }
        let slack = self.refill_slack(size, request);
        let header = Header::used(size).with_slack(slack);
        let word = self.seal.close(self.address, header);
        self.set_word(if self.header().prev_is_free() {
            self.seal.with_prev_free(word)
        } else {
            word
        });
    }

    /// The block that begins where this one, of `size` bytes, ends.
    #[inline(always)]
    pub(crate) fn next(&self, size: BlockSize) -> Self {
        Self {
            address: after(self.address, size.get()),
            seal: self.seal,
        }
    }

    /// The block before this one, of `header`, if that is free, and its size.
    #[inline(always)]
    pub(crate) fn prev_if_free(&self, header: Header) -> Option<(FreeBlock, BlockSize)> {
        if !header.prev_is_free() {
            return None;
        }
        let bytes = self.bytes_before();
        if Seal::ON {
            let known = self.seal.reaches(self.address.as_ptr().wrapping_sub(bytes));
            let agrees = known && self.is_behind_free(bytes);
            self.seal.demand(agrees, self.address, Misuse::Previous);
        }
        // SAFETY: B3: the free block's size, so S1 holds.
        let size = unsafe { BlockSize::new_unchecked(bytes) };
        Some((FreeBlock::at(&self.before(bytes)), size))
    }

    /// What lies `bytes` before this block.
    #[inline(always)]
    fn before(&self, bytes: usize) -> Self {
        Self {
            // SAFETY: B3: the free block's address.
            address: unsafe { before(self.address, bytes) },
            seal: self.seal,
        }
    }

    /// Whether what lies `bytes` before this block is a free one of this size.
    #[inline(always)]
    pub(crate) fn is_behind_free(&self, bytes: usize) -> bool {
        let header = self.before(bytes).look();
        header.map_or(false, |header| header.is_free() && header.bytes() == bytes)
    }

    /// Whether a free block has absorbed this one, in a hardened heap.
    #[inline(always)]
    pub(crate) fn is_swallowed(&self) -> bool {
        self.word() == Header::SWALLOWED.word()
    }

    /// The size of the free block before this one, as its last word tells it.
    #[inline(always)]
    pub(crate) fn bytes_before(&self) -> usize {
        let last = word::<usize>(self.address, ORIGIN.wrapping_add(HEADER).wrapping_sub(WORD));
        // SAFETY: B3: the word before this block's header.
        let last = unsafe { watch::read(last) };
        if BlockSize::LEAST_HAS_NO_TAG && last & 1 != 0 {
            BlockSize::LEAST.get()
        } else {
            last
        }
    }

    /// This block as a free one, or as it is.
    #[inline(always)]
    pub(crate) fn if_free(self) -> Result<FreeBlock, Self> {
        if self.header().is_free() {
            Ok(FreeBlock::at(&self))
        } else {
            Err(self)
        }
    }

    /// The same of a block whose header this operation has looked at, if the heap is hardened.
    #[inline(always)]
    pub(crate) fn known_if_free(self) -> Result<FreeBlock, Self> {
        if self.peek().is_free() {
            Ok(FreeBlock::at(&self))
        } else {
            Err(self)
        }
    }

    /// Gives up the block: its bytes belong to the span from now on.
    #[inline(always)]
    pub(crate) fn release(self, size: BlockSize) -> Span {
        self.release_alias(size)
    }

    /// The block's bytes as a span, while the block itself is being resized.
    #[inline(always)]
    pub(crate) fn release_alias(&self, size: BlockSize) -> Span {
        Span {
            start: self.address,
            size,
            seal: self.seal,
        }
    }

    /// The words after a sentinel's header.
    #[inline(always)]
    pub(crate) fn footer<T>(&self) -> *mut T {
        own(self.address, 0)
    }
}

/// Bytes of a pool that are in no block at the moment: neither used nor filed.
///
/// **F1**: the run of blocks' memory from the header before `start`, `size`
/// bytes long, within one pool, owned by this value alone; the block after it
/// exists (B2).
#[derive(Debug)]
pub(crate) struct Span {
    start: NonNull<u8>,
    size: BlockSize,
    seal: Seal,
}

impl Span {
    /// # Safety
    ///
    /// F1 holds for the `size` bytes from the header before `start`.
    #[inline(always)]
    pub(crate) const unsafe fn new(start: NonNull<u8>, size: BlockSize, seal: Seal) -> Self {
        let start = place_of(start);
        Self { start, size, seal }
    }

    #[inline(always)]
    pub(crate) const fn size(&self) -> BlockSize {
        self.size
    }

    #[inline(always)]
    pub(crate) const fn start(&self) -> NonNull<u8> {
        payload_of(self.start)
    }

    #[inline(always)]
    pub(crate) const fn seal(&self) -> Seal {
        self.seal
    }

    /// The block whose header is the span's first word.
    #[inline(always)]
    const fn block(&self) -> Block {
        Block {
            address: self.start,
            seal: self.seal,
        }
    }

    /// The block after the span.
    #[inline(always)]
    pub(crate) fn next(&self) -> Block {
        self.block().next(self.size)
    }

    /// `[ self ][ next ] => [ ---- self ---- ]`
    #[inline(always)]
    #[allow(clippy::needless_pass_by_value)] // the two are one from now on
    pub(crate) fn absorb(self, next: Self) -> Self {
        debug_assert!(self.next().address == next.start);
        let bytes = self.size.get() + next.size.get();
        if Seal::ON {
            next.block().set_word(Header::SWALLOWED.word());
        }
        Self {
            start: self.start,
            seal: self.seal,
            // SAFETY: F1: both lie within one pool, so S1 holds for the sum.
            size: unsafe { BlockSize::new_unchecked(bytes) },
        }
    }

    /// `[ ---- self ---- ] => [ front ][ rest ]`, if the rest is a block.
    #[inline(always)]
    pub(crate) fn split(self, front: BlockSize) -> (Self, Option<Self>) {
        match self.size.minus(front) {
            Some(size) => (
                Self {
                    start: self.start,
                    size: front,
                    seal: self.seal,
                },
                Some(Self {
                    start: after(self.start, front.get()),
                    size,
                    seal: self.seal,
                }),
            ),
            None => (self, None),
        }
    }

    /// `[ ---- self ---- ] => [ gap ][ self ]`, `gap` being zero or a block's
    /// size, and smaller than the span by a block at least.
    #[inline(always)]
    pub(crate) fn split_gap(self, gap: usize) -> (Option<Self>, Self) {
        if gap == 0 {
            return (None, self);
        }
        // SAFETY: S1: not zero, so a block's size.
        let (gap, rest) = self.split(unsafe { BlockSize::new_unchecked(gap) });
        // SAFETY: the rest is a block.
        (Some(gap), unsafe { rest.unwrap_unchecked() })
    }

    /// `[ ------- self ------- ] => [ gap ][ front ][ rest ]`, a `gap` of zero being none, and
    /// a `rest` that is no block part of the front.
    #[inline(always)]
    pub(crate) fn carve(
        self,
        gap: usize,
        front: BlockSize,
        rest: usize,
    ) -> (Option<Self>, Self, Option<Self>) {
        debug_assert!(gap + front.get() + rest == self.size.get());
        let part = |offset: usize, bytes: usize| Self {
            start: after(self.start, offset),
            // SAFETY: S1: multiples of the granule, and a block's size.
            size: unsafe { BlockSize::new_unchecked(bytes) },
            seal: self.seal,
        };
        let before = if gap == 0 { None } else { Some(part(0, gap)) };
        if rest < BlockSize::LEAST.get() {
            return (before, part(gap, front.get() + rest), None);
        }
        let behind = part(gap + front.get(), rest);
        (before, part(gap, front.get()), Some(behind))
    }

    /// Makes a used block of the span for a request; the block before it is in use.
    #[inline(always)]
    pub(crate) fn claim(self, request: Request) -> Block {
        let block = self.block();
        let slack = block.fill_slack(self.size, request);
        block.set_header(Header::used(self.size).with_slack(slack));
        block
    }

    /// Makes a free block of the span, in no list yet; the block before it is
    /// in use. The block after it is told by the caller.
    #[inline(always)]
    pub(crate) fn mark_free(self) -> FreeBlock {
        self.block().set_header(Header::free(self.size));
        let tag = word::<usize>(self.start, self.size.get() - 2 * WORD + ORIGIN);
        // SAFETY: F1: the last word of the span.
        unsafe { watch::write(tag, self.size.get()) };
        FreeBlock::at(&self.block())
    }
}
