//! Blocks: the header word, the boundary tag, the links, and what they allow.
//!
//! This is the only file that reads or writes the memory of a pool.
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
//! header is the word before it. The last word of a used block belongs to its
//! payload. The last word of a free block tells the next block where it begins:
//! it is the size, or, where the least block has no word to spare, the link to
//! the previous list member, whose lowest bit is set as no size's is.

use crate::bin::Bin;
use crate::size::{BlockSize, GRANULARITY, WORD};
use core::ptr::{self, NonNull};

/// The first word of a block: its size and two flags.
///
/// A free block never has the second flag: two free blocks are never
/// neighbours (H1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub(crate) struct Header(usize);

impl Header {
    const FREE: usize = 1;
    const PREV_FREE: usize = 2;
    const FLAGS: usize = GRANULARITY - 1;

    /// The header of the word that ends a pool: used, and of no size.
    pub(crate) const SENTINEL: Self = Self(0);

    /// The header of a used block behind a used one.
    #[inline(always)]
    pub(crate) const fn used(size: BlockSize) -> Self {
        Self(size.get())
    }

    #[inline(always)]
    const fn free(size: BlockSize) -> Self {
        Self(size.get() | Self::FREE)
    }

    /// Whether the block is free.
    #[inline(always)]
    pub(crate) const fn is_free(self) -> bool {
        self.0 & Self::FREE != 0
    }

    /// Whether the block before this one is free.
    #[inline(always)]
    pub(crate) const fn prev_is_free(self) -> bool {
        self.0 & Self::PREV_FREE != 0
    }

    #[inline(always)]
    const fn with_prev_free(self) -> Self {
        Self(self.0 | Self::PREV_FREE)
    }

    #[inline(always)]
    const fn with_prev_used(self) -> Self {
        Self(self.0 & !Self::PREV_FREE)
    }

    /// The size in bytes as written: zero for a sentinel.
    #[inline(always)]
    pub(crate) const fn bytes(self) -> usize {
        self.0 & !Self::FLAGS
    }

    /// The header without its flags' meaning, for reports.
    pub(crate) const fn is_sentinel(self) -> bool {
        self.bytes() == 0
    }

    /// Whether the third flag bit, which nothing sets, is set.
    pub(crate) const fn has_unknown_flag(self) -> bool {
        self.0 & (Self::FLAGS ^ Self::FREE ^ Self::PREV_FREE) != 0
    }
}

/// What stands in a free block's second link: the previous member of the list
/// or, in the first member, the bin.
///
/// **L0**: a block's address plus 1, or a bin's index times 8 plus 3. The lowest
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
        let tagged = bin.index() * GRANULARITY + Self::BIN;
        Self(ptr::null_mut::<u8>().wrapping_add(tagged))
    }

    /// The index that the first block of a bin has here, unchecked.
    pub(crate) fn as_bin_index(self) -> Option<usize> {
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
            BackTarget::Bin(unsafe { Bin::new_unchecked(self.0 as usize / GRANULARITY) })
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

#[inline(always)]
fn at(address: NonNull<u8>, offset: usize) -> *mut u8 {
    address.as_ptr().wrapping_add(offset)
}

#[inline(always)]
fn header_of(address: NonNull<u8>) -> *mut Header {
    address.as_ptr().wrapping_sub(WORD).cast()
}

/// The address `size` bytes on: that of the next block of the same pool.
#[inline(always)]
fn after(address: NonNull<u8>, size: BlockSize) -> NonNull<u8> {
    // SAFETY: a block ends before its pool does, so the sum does not wrap to null.
    unsafe { NonNull::new_unchecked(at(address, size.get())) }
}

/// A block, used or free, or a pool's sentinel.
///
/// **B1**: the address is a multiple of the granule, derived from the pointer
/// with which the pool was given. **B2**: the header before it is initialised
/// and stands for a block of a pool that this heap owns; the blocks of a pool
/// lie end to end and the last is a sentinel. **B3**: the block after a free one,
/// and no other, has the flag that says so, and the last word before it tells
/// the free block's size.
#[derive(Debug)]
#[repr(transparent)]
pub(crate) struct Block(NonNull<u8>);

impl Block {
    /// The block of a payload: the door for what the caller hands in.
    ///
    /// # Safety
    ///
    /// B1 to B3: the payload of a block of this heap, or of a sentinel.
    #[inline(always)]
    pub(crate) const unsafe fn from_payload(payload: NonNull<u8>) -> Self {
        Self(payload)
    }

    #[inline(always)]
    pub(crate) const fn payload(&self) -> NonNull<u8> {
        self.0
    }

    #[inline(always)]
    pub(crate) fn header(&self) -> Header {
        // SAFETY: B2.
        unsafe { header_of(self.0).read() }
    }

    #[inline(always)]
    pub(crate) fn set_header(&self, header: Header) {
        // SAFETY: B2.
        unsafe { header_of(self.0).write(header) }
    }

    /// The size of the block, which is no sentinel.
    #[inline(always)]
    pub(crate) fn size(&self) -> BlockSize {
        // SAFETY: B2: S1 holds for every block's header.
        unsafe { BlockSize::new_unchecked(self.header().bytes()) }
    }

    /// Gives the block a new size, its flag of the previous block kept.
    #[inline(always)]
    pub(crate) fn resize(&self, size: BlockSize) {
        let header = Header::used(size);
        self.set_header(if self.header().prev_is_free() {
            header.with_prev_free()
        } else {
            header
        });
    }

    /// The block that begins where this one, of `size` bytes, ends.
    #[inline(always)]
    pub(crate) fn next(&self, size: BlockSize) -> Self {
        Self(after(self.0, size))
    }

    /// The block before this one, if that is free.
    #[inline(always)]
    pub(crate) fn prev_if_free(&self) -> Option<FreeBlock> {
        if !self.header().prev_is_free() {
            return None;
        }
        let prev = self.0.as_ptr().wrapping_sub(self.bytes_before());
        // SAFETY: B3: the free block's address.
        Some(FreeBlock(unsafe { NonNull::new_unchecked(prev) }))
    }

    /// The size of the free block before this one, as its last word tells it.
    #[inline(always)]
    fn bytes_before(&self) -> usize {
        let last = self.0.as_ptr().wrapping_sub(2 * WORD).cast::<usize>();
        // SAFETY: B3: the word before this block's header.
        let last = unsafe { last.read() };
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
            Ok(FreeBlock(self.0))
        } else {
            Err(self)
        }
    }

    /// Notes that the block before this one has been freed.
    #[inline(always)]
    pub(crate) fn set_prev_free(&self) {
        self.set_header(self.header().with_prev_free());
    }

    /// Notes that the block before this one is in use.
    #[inline(always)]
    pub(crate) fn set_prev_used(&self) {
        self.set_header(self.header().with_prev_used());
    }

    /// Gives up the block: its bytes belong to the span from now on.
    #[inline(always)]
    pub(crate) fn release(self, size: BlockSize) -> Span {
        Span {
            start: self.0,
            size,
        }
    }

    /// The block's bytes as a span, while the block itself is being resized.
    #[inline(always)]
    pub(crate) fn release_alias(&self, size: BlockSize) -> Span {
        Span {
            start: self.0,
            size,
        }
    }

    /// The words after a sentinel's header.
    #[inline(always)]
    pub(crate) fn footer<T>(&self) -> *mut T {
        self.0.as_ptr().cast()
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
}

impl Span {
    /// # Safety
    ///
    /// F1 holds for the `size` bytes from the header before `start`.
    #[inline(always)]
    pub(crate) const unsafe fn new(start: NonNull<u8>, size: BlockSize) -> Self {
        Self { start, size }
    }

    #[inline(always)]
    pub(crate) const fn size(&self) -> BlockSize {
        self.size
    }

    #[inline(always)]
    pub(crate) const fn start(&self) -> NonNull<u8> {
        self.start
    }

    /// The block after the span.
    #[inline(always)]
    pub(crate) fn next(&self) -> Block {
        Block(after(self.start, self.size))
    }

    /// `[ self ][ next ] => [ ---- self ---- ]`
    #[inline(always)]
    pub(crate) fn absorb(self, next: Self) -> Self {
        debug_assert!(after(self.start, self.size) == next.start);
        let bytes = self.size.get() + next.size.get();
        Self {
            start: self.start,
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
                },
                Some(Self {
                    start: after(self.start, front),
                    size,
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

    /// Makes a used block of the span; the block before it is in use.
    #[inline(always)]
    pub(crate) fn claim(self) -> Block {
        let block = Block(self.start);
        block.set_header(Header::used(self.size));
        block
    }

    /// Makes a free block of the span, in no list yet; the block before it is
    /// in use. The block after it is told by the caller.
    #[inline(always)]
    pub(crate) fn mark_free(self) -> FreeBlock {
        Block(self.start).set_header(Header::free(self.size));
        let tag = at(self.start, self.size.get() - 2 * WORD);
        // SAFETY: F1: the last word of the span.
        unsafe { tag.cast::<usize>().write(self.size.get()) };
        FreeBlock(self.start)
    }
}

/// A free block that is, or is about to be, a member of its bin's list.
///
/// B1 to B3, and **L1**: its first two words are its links.
#[derive(Debug)]
#[repr(transparent)]
pub(crate) struct FreeBlock(NonNull<u8>);

impl FreeBlock {
    /// Looks at a block as a free one: its links are its first two words.
    pub(crate) const fn at(block: &Block) -> Self {
        Self(block.0)
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
        Block(self.0).header()
    }

    #[inline(always)]
    pub(crate) fn size(&self) -> BlockSize {
        Block(self.0).size()
    }

    /// The block after this one in memory.
    #[inline(always)]
    pub(crate) fn next_in_memory(&self) -> Block {
        Block(after(self.0, self.size()))
    }

    /// The following member of the list.
    #[inline(always)]
    pub(crate) fn next(&self) -> Option<Self> {
        // SAFETY: L1.
        unsafe { self.0.as_ptr().cast::<Option<NonNull<u8>>>().read() }.map(Self)
    }

    #[inline(always)]
    pub(crate) fn set_next(&self, next: Option<&Self>) {
        let link = next.map(|block| block.0);
        // SAFETY: L1.
        unsafe { self.0.as_ptr().cast::<Option<NonNull<u8>>>().write(link) }
    }

    /// The preceding member of the list, or the bin.
    #[inline(always)]
    pub(crate) fn back(&self) -> Back {
        // SAFETY: L1.
        unsafe { at(self.0, WORD).cast::<Back>().read() }
    }

    #[inline(always)]
    pub(crate) fn set_back(&self, back: Back) {
        // SAFETY: L1.
        unsafe { at(self.0, WORD).cast::<Back>().write(back) }
    }

    /// The size as the block's last word tells it to the next block.
    pub(crate) fn tagged_bytes(&self) -> usize {
        self.next_in_memory().bytes_before()
    }

    /// Gives up the block, which is in no list any more.
    #[inline(always)]
    pub(crate) fn into_span(self) -> Span {
        let size = self.size();
        Span {
            start: self.0,
            size,
        }
    }
}
