//! A slab: small blocks of one size, side by side, with no header each.
//!
//! ```text
//! 0        first                            SIZE - word
//! +--------+-------+-------+-------+----------------+
//! | header | block | block | block | not used yet   |
//! +--------+-------+-------+-------+----------------+
//! ^ a multiple of SIZE             ^ fresh
//! ```
//!
//! It is the payload of one block of the heap, whose own header, and that of the next
//! block, lie before and behind it: slabs lie side by side, too. Freed blocks are
//! linked by their offsets, which fit into two bytes; memory that was never used is
//! not touched.

use super::class::{Class, CLASSES, LARGEST};
use crate::check::ON;
use crate::size::WORD;
use crate::watch;
use core::cell::Cell;
use core::mem::size_of;
use core::ptr::NonNull;

/// What a slab knows of itself.
#[derive(Debug)]
#[repr(C)]
struct Header<const SIZE: usize> {
    /// The neighbours in its list.
    next: Cell<Option<Slab<SIZE>>>,
    back: Cell<Option<Slab<SIZE>>>,
    /// The offset of the block that was freed last, or zero; each has the offset of
    /// the one that was freed before it.
    freed: Cell<u16>,
    /// The offset of the first block that was never used.
    fresh: Cell<u16>,
    /// The number of blocks in use.
    used: Cell<u16>,
    class: Class,
}

/// A slab of `SIZE` bytes, with the word behind it that belongs to the next block.
///
/// **A1**: the address of a header within the payload of a used block of the heap, a
/// multiple of `SIZE`. **A2**: the offsets in it and in its freed blocks are those of
/// its blocks. Only the heap's owner uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub(crate) struct Slab<const SIZE: usize>(NonNull<Header<SIZE>>);

impl<const SIZE: usize> Slab<SIZE> {
    /// The bytes that a slab asks of the heap.
    pub(crate) const BYTES: usize = SIZE - WORD;

    /// Makes a slab without a block in use.
    ///
    /// # Safety
    ///
    /// A1: the memory is the heap's, [`Self::BYTES`] long, and nobody uses it.
    pub(crate) unsafe fn format(memory: NonNull<u8>, class: Class) -> Self {
        let slab = Self(memory.cast());
        let header = Header {
            next: Cell::new(None),
            back: Cell::new(None),
            freed: Cell::new(0),
            fresh: Cell::new(Self::first(class)),
            used: Cell::new(0),
            class,
        };
        // SAFETY: the caller's promise.
        unsafe { slab.0.as_ptr().write(header) };
        slab
    }

    /// The slab that a block lies in.
    ///
    /// # Safety
    ///
    /// It does lie in one.
    #[inline(always)]
    pub(crate) unsafe fn around(block: NonNull<u8>) -> Self {
        let offset = Self::offset_of(block);
        let start = block.as_ptr().wrapping_sub(usize::from(offset));
        // SAFETY: A1: no slab is at the start of the address space.
        Self(unsafe { NonNull::new_unchecked(start) }.cast())
    }

    /// The memory that the slab was made of.
    #[inline(always)]
    pub(crate) fn memory(self) -> NonNull<u8> {
        self.0.cast()
    }

    #[inline(always)]
    fn header(&self) -> &Header<SIZE> {
        // SAFETY: A1; whatever changes is in a cell.
        unsafe { self.0.as_ref() }
    }

    /// The class of its blocks.
    #[inline(always)]
    pub(crate) fn class(self) -> Class {
        self.header().class
    }

    /// The number of blocks in use.
    #[inline(always)]
    pub(crate) fn used(self) -> usize {
        usize::from(self.header().used.get())
    }

    /// Whether every block is in use.
    #[inline(always)]
    pub(crate) fn is_full(self) -> bool {
        self.header().freed.get() == 0 && !self.has_fresh()
    }

    /// Whether a block was never used.
    #[inline(always)]
    fn has_fresh(self) -> bool {
        usize::from(self.header().fresh.get()) + self.class().bytes() <= Self::BYTES
    }

    /// Takes a block, of which there is one: what was freed before what is fresh.
    #[inline(always)]
    pub(crate) fn take(self) -> NonNull<u8> {
        debug_assert!(!self.is_full());
        let header = self.header();
        header.used.set(header.used.get() + 1);
        let freed = header.freed.get();
        if freed != 0 {
            let block = self.block_at(freed);
            // SAFETY: A2.
            header.freed.set(unsafe { link(block).read() });
            return block;
        }
        let fresh = header.fresh.get();
        header.fresh.set(fresh + short(self.class().bytes()));
        self.block_at(fresh)
    }

    /// Takes a block back.
    ///
    /// # Safety
    ///
    /// A block of this slab in use, and nobody uses it any more.
    #[inline(always)]
    pub(crate) unsafe fn give(self, block: NonNull<u8>) {
        let header = self.header();
        header.used.set(header.used.get() - 1);
        let offset = Self::offset_of(block);
        // SAFETY: the block is long enough, and the slab's from now on.
        unsafe { link(block).write(header.freed.get()) };
        if ON {
            // SAFETY: the same.
            unsafe { mark(block).write(mark_of(offset)) };
        }
        header.freed.set(offset);
    }

    /// Whether a block of this slab that was in use once begins at an address in it.
    pub(crate) fn has_block_at(self, address: NonNull<u8>) -> bool {
        self.has_block(Self::offset_of(address))
    }

    /// Whether a block that was in use once has this offset, which may be any.
    fn has_block(self, offset: u16) -> bool {
        let first = Self::first(self.class());
        (first..self.header().fresh.get()).contains(&offset)
            && usize::from(offset - first) % self.class().bytes() == 0
    }

    /// Whether a block was freed: the blocks that were are only walked if this one has
    /// a freed block's mark, as by chance one in 65 536 in use has.
    pub(crate) fn has_freed(self, block: NonNull<u8>) -> bool {
        let offset = Self::offset_of(block);
        // SAFETY: a block of this slab; its bytes are only compared.
        let found = unsafe { watch::read_short(mark(block)) };
        found == mark_of(offset) && self.freed_offsets().any(|freed| freed == offset)
    }

    /// The offsets of the blocks that were freed, at most as many as the slab has room for,
    /// and none after one that cannot be.
    pub(crate) fn freed_offsets(self) -> impl Iterator<Item = u16> {
        let first = Some(self.header().freed.get());
        let chain = core::iter::successors(first, move |&offset| {
            let block = self.has_block(offset).then(|| self.block_at(offset))?;
            // SAFETY: a block of this slab.
            Some(unsafe { link(block).read() })
        });
        chain
            .take_while(|&offset| offset != 0)
            .take(SIZE / self.class().bytes())
    }

    /// Whether the header, and the blocks that were freed, have possible figures (A2).
    pub(crate) fn has_sound_blocks(self) -> bool {
        let (first, fresh) = (Self::first(self.class()), self.header().fresh.get());
        if self.class().index() >= CLASSES || fresh < first || usize::from(fresh) > Self::BYTES {
            return false;
        }
        let once_used = usize::from(fresh - first) / self.class().bytes();
        let mut freed = 0;
        for offset in self.freed_offsets() {
            if !self.has_block(offset) {
                return false;
            }
            freed += 1;
        }
        self.used() + freed == once_used
    }

    /// Whether the slab may follow another one, or none, in the list of a class or, where
    /// there is no such class, in that of the full ones (A3).
    pub(crate) fn belongs_after(self, back: Option<Self>, list: usize) -> bool {
        let fits = if list < CLASSES {
            list == self.class().index() && self.used() > 0 && !self.is_full()
        } else {
            self.is_full()
        };
        fits && self.header().back.get() == back
    }

    /// The next slab in its list.
    pub(crate) fn next(self) -> Option<Self> {
        self.header().next.get()
    }

    /// Links the slab before the first of a list.
    #[inline(always)]
    pub(crate) fn link(self, list: &mut Option<Self>) {
        self.header().back.set(None);
        self.header().next.set(*list);
        if let Some(next) = *list {
            next.header().back.set(Some(self));
        }
        *list = Some(self);
    }

    /// Takes the slab out of its list.
    #[inline(always)]
    pub(crate) fn unlink(self, list: &mut Option<Self>) {
        let (next, back) = (self.header().next.get(), self.header().back.get());
        if let Some(next) = next {
            next.header().back.set(back);
        }
        match back {
            Some(back) => back.header().next.set(next),
            None => *list = next,
        }
    }

    /// The offset of the first block.
    #[inline(always)]
    const fn first(class: Class) -> u16 {
        let align = class.align();
        short((size_of::<Header<SIZE>>() + align - 1) & !(align - 1))
    }

    #[inline(always)]
    fn offset_of(block: NonNull<u8>) -> u16 {
        short(block.as_ptr() as usize % SIZE)
    }

    #[inline(always)]
    fn block_at(self, offset: u16) -> NonNull<u8> {
        let block = self.0.as_ptr().cast::<u8>().wrapping_add(offset.into());
        // SAFETY: A1: within the slab, which does not end at the end of the address space.
        unsafe { NonNull::new_unchecked(block) }
    }
}

/// What lies in a slab is less than 64 KiB from its start.
#[inline(always)]
#[allow(clippy::cast_possible_truncation)]
const fn short(offset: usize) -> u16 {
    offset as u16
}

/// Where a freed block has the offset of the next one.
#[inline(always)]
#[allow(clippy::cast_ptr_alignment)] // blocks are multiples of four bytes
fn link(block: NonNull<u8>) -> *mut u16 {
    block.as_ptr().cast()
}

/// Where a freed block has a mark.
#[inline(always)]
fn mark(block: NonNull<u8>) -> *mut u16 {
    link(block).wrapping_add(1)
}

/// The mark of a freed block, which few others have.
#[inline(always)]
const fn mark_of(offset: u16) -> u16 {
    offset ^ 0xA5C3
}

/// The least and the largest size of a slab: the largest blocks find place in one, and
/// offsets in two bytes.
pub(crate) const SIZES: core::ops::RangeInclusive<usize> = 4 * LARGEST..=1 << 15;
