//! Slabs: 16 KiB of blocks of one size.
//!
//! ```text
//! 0                                               16 KiB - 8
//! +----------------+-------+-------+-------+-------+--+
//! | not used yet   | block | block | block | block |  |
//! +----------------+-------+-------+-------+-------+--+
//! ^ a multiple     ^ fresh
//!   of 16 KiB
//! ```
//!
//! The header lies apart, with those of the segment's other slabs. The last word of the 16 KiB is
//! the header of the next block of the `Tlsf` that a slab comes from, so that slabs lie side by
//! side; its page is the first one that blocks are taken from.

mod validate;

use crate::class::{Class, CLASSES};
use crate::link::{Inbox, Link};
use crate::marks::Marks;
use crate::places::{self, LINE, OTHERS};
use crate::stock::{Returns, Stock};
use core::cell::Cell;
use core::mem::size_of;
use core::ptr::NonNull;

/// The distance of slabs, and their alignment.
pub(crate) const STEP: usize = places::SLAB;

/// The bytes of the system's smallest pages.
const PAGE: usize = 4096;

/// The bytes of a slab.
pub(crate) const BYTES: usize = STEP - size_of::<usize>();

const _: () = assert!(size_of::<Slab>() == LINE && size_of::<Others>() == LINE);

/// Where the first block that is taken, the last one of the slab, begins in a slab of each class.
#[allow(clippy::cast_possible_truncation)] // below 16 KiB
static FIRST: [u16; CLASSES] = {
    let (mut first, mut class) = ([0; CLASSES], Class::FIRST);
    while first[class.index()] == 0 {
        first[class.index()] = (BYTES - BYTES % class.bytes() - class.bytes()) as u16;
        class = class.next();
    }
    first
};

/// Where a slab is in its heap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// It serves its class.
    Current,
    /// In the list of those that have free blocks.
    Listed,
    /// Nowhere: it has no free block.
    Full,
}

/// What the owner knows of a slab; what others write to is in another line.
#[derive(Debug)]
#[repr(C, align(64))]
pub(crate) struct Slab {
    stock: Stock,
    /// Where the blocks begin that have ever been used; those before it never were.
    fresh: Cell<usize>,
    /// The bytes of a block.
    bytes: usize,
    class: Class,
    place: Cell<Place>,
    /// The neighbours in its list, a ring.
    next: Cell<SlabRef>,
    prev: Cell<SlabRef>,
}

/// What other threads write to, and what they have to know.
#[derive(Debug)]
#[repr(C, align(64))]
struct Others {
    returns: Returns,
    class: Class,
}

/// A slab, or none.
///
/// **B1**: the address of the owner's line of a place in a segment; the heap has taken [`BYTES`]
/// bytes of memory there for the slab, and what others write to is [`OTHERS`] behind. But for
/// that, only the heap's own thread uses it. Or the address of [`NONE`], which has no block,
/// and of which nothing else is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub(crate) struct SlabRef(NonNull<Slab>);

/// What serves a class that has no slab: the usual allocation finds no block there, and does
/// not ask before whether there is a slab.
static NONE: Nothing = Nothing(Slab {
    stock: Stock::new(),
    fresh: Cell::new(0),
    bytes: 0,
    class: Class::FIRST,
    place: Cell::new(Place::Full),
    next: Cell::new(SlabRef::NONE),
    prev: Cell::new(SlabRef::NONE),
});

/// A slab that nobody writes to.
struct Nothing(Slab);

// SAFETY: it is only read.
unsafe impl Sync for Nothing {}

impl SlabRef {
    /// No slab.
    pub(crate) const NONE: Self =
        // SAFETY: the address of a static.
        Self(unsafe { NonNull::new_unchecked((&raw const NONE.0).cast_mut()) });

    /// Whether there is a slab.
    #[inline(always)]
    pub(crate) fn is_some(self) -> bool {
        self != Self::NONE
    }

    /// Makes a slab, and takes its first block.
    ///
    /// # Safety
    ///
    /// B1: the memory is the heap's, and nobody uses it.
    #[inline(always)]
    pub(crate) unsafe fn begin(memory: NonNull<u8>, class: Class) -> (Self, NonNull<u8>) {
        debug_assert!((memory.as_ptr() as usize).is_multiple_of(STEP));
        let slab = Self(places::line_of(memory).cast());
        let first = FIRST[class.index()].into();
        let own = Slab {
            stock: Stock::new(),
            fresh: Cell::new(first),
            bytes: class.bytes(),
            class,
            place: Cell::new(Place::Full),
            next: Cell::new(slab),
            prev: Cell::new(slab),
        };
        let others = Others {
            returns: Returns::new(),
            class,
        };
        own.stock.count_in();
        // SAFETY: the caller's promise.
        unsafe { slab.0.write(own) };
        // SAFETY: the caller's promise.
        unsafe { slab.others_ptr().write(others) };
        (slab, places::forth(memory, first))
    }

    /// The slab that a block lies in.
    ///
    /// # Safety
    ///
    /// It does lie in one.
    #[inline(always)]
    pub(crate) unsafe fn around(block: NonNull<u8>) -> Self {
        Self(places::line_of(block).cast())
    }

    /// The slab's memory.
    pub(crate) fn memory(self) -> NonNull<u8> {
        places::memory_of(self.0)
    }

    #[inline(always)]
    fn own(&self) -> &Slab {
        // SAFETY: B1.
        unsafe { self.0.as_ref() }
    }

    #[inline(always)]
    fn others_ptr(self) -> NonNull<Others> {
        places::forth(self.0, OTHERS).cast()
    }

    #[inline(always)]
    fn others(&self) -> &Others {
        // SAFETY: B1: all of it may be used by any thread, or is in a cell.
        unsafe { self.others_ptr().as_ref() }
    }

    /// Takes a block that was freed.
    #[inline(always)]
    pub(crate) fn pop(self) -> Option<NonNull<u8>> {
        self.own().stock.pop().map(NonNull::cast)
    }

    /// Takes a block that was never used.
    #[inline]
    pub(crate) fn pop_fresh(self) -> Option<NonNull<u8>> {
        let own = self.own();
        if !self.has_fresh() {
            return None;
        }
        let place = own.fresh.get() - own.bytes;
        own.fresh.set(place);
        own.stock.count_in();
        Some(places::forth(self.memory(), place))
    }

    /// Whether the next block that was never used begins in a page of which none was used.
    #[inline(always)]
    pub(crate) fn touches_next(self) -> bool {
        let (fresh, bytes) = (self.own().fresh.get(), self.own().bytes);
        fresh != 0 && fresh / PAGE != (fresh - bytes) / PAGE
    }

    /// Takes back a block of the owner's own thread; whether the slab's place has to be looked
    /// at: it was full, or no block is in use any more.
    ///
    /// # Safety
    ///
    /// A block in use of this slab that nobody uses any more; the calling thread is the owner's.
    #[inline(always)]
    pub(crate) unsafe fn push(self, block: NonNull<u8>) -> bool {
        // SAFETY: the caller's promise.
        let is_idle = unsafe { self.own().stock.push(block.cast()) };
        is_idle || self.place() == Place::Full
    }

    /// Takes back a block of another thread, which does not use the slab any more after this
    /// call: its owner may give it away.
    ///
    /// # Safety
    ///
    /// A block in use of this slab that nobody uses any more; the queues and their marks are its
    /// owner's.
    #[inline]
    pub(crate) unsafe fn push_from_elsewhere(
        self,
        block: NonNull<u8>,
        queues: &[Inbox; CLASSES],
        marks: &Marks,
    ) {
        let others = self.others();
        // After the call, the slab may be its owner's alone.
        let class = others.class.index();
        // SAFETY: the caller's promise.
        if unsafe { others.returns.give(block.cast(), &queues[class]) } {
            marks.mark(class);
        }
    }

    /// The slab whose link is, or was, in its owner's queue.
    ///
    /// # Safety
    ///
    /// The link is one of a slab. When it has been taken out, `settle` follows.
    pub(crate) unsafe fn from_queue(link: NonNull<Link>) -> Self {
        Self(places::back(Returns::around(link), OTHERS).cast())
    }

    /// Learns what other threads have freed, after the slab's link was in the queue; how many
    /// blocks that is. Constant time.
    pub(crate) fn settle(self) -> usize {
        self.own().stock.settle(&self.others().returns)
    }

    /// Whether other threads have freed something that the owner does not use yet.
    pub(crate) fn has_returns(self) -> bool {
        self.others().returns.has_some()
    }

    /// Uses what other threads have freed, if nothing else is free; how many blocks it has not
    /// known of. Constant time.
    pub(crate) fn collect(self) -> usize {
        self.own().stock.collect(&self.others().returns)
    }

    /// Whether a block of this slab, in use or not, lies at `ptr`, which is within the slab.
    pub(crate) fn has_block_at(self, ptr: NonNull<u8>) -> bool {
        let place = ptr.as_ptr() as usize % STEP;
        let blocks = self.class().blocks_in(place);
        place + self.bytes() <= BYTES && blocks * self.bytes() == place
    }

    /// Whether the slab may be given away: no block is in use, and no thread has it in hand.
    pub(crate) fn is_idle(self) -> bool {
        self.own().stock.is_idle()
    }

    /// Whether a block can be had.
    pub(crate) fn has_free(self) -> bool {
        self.has_freed() || self.has_fresh()
    }

    /// Whether there is a block that was freed.
    pub(crate) fn has_freed(self) -> bool {
        self.own().stock.has_free()
    }

    /// Whether there is a block that was never used.
    fn has_fresh(self) -> bool {
        self.own().fresh.get() != 0
    }

    /// Whether just two blocks are in use: so it is when the second one is taken, and seldom else.
    pub(crate) fn has_just_begun(self) -> bool {
        self.own().stock.used() == 2
    }

    /// The bytes of a block.
    #[inline(always)]
    pub(crate) fn bytes(self) -> usize {
        self.own().bytes
    }

    /// The slab's class.
    pub(crate) fn class(self) -> Class {
        self.own().class
    }

    /// Where the slab is.
    pub(crate) fn place(self) -> Place {
        self.own().place.get()
    }

    pub(crate) fn set_place(self, place: Place) {
        self.own().place.set(place);
    }

    /// Links the slab as the first of a list.
    pub(crate) fn link(self, list: &Cell<Option<Self>>) {
        self.link_last(list);
        list.set(Some(self));
    }

    /// Links the slab as the last of a list, a ring.
    pub(crate) fn link_last(self, list: &Cell<Option<Self>>) {
        let first = list.get().unwrap_or(self);
        list.set(Some(first));
        let before = first.own().prev.replace(self);
        self.own().next.set(first);
        // The only one is its own neighbour.
        let before = if first == self { self } else { before };
        self.own().prev.set(before);
        before.own().next.set(self);
    }

    /// Takes the slab out of its list.
    pub(crate) fn unlink(self, list: &Cell<Option<Self>>) {
        let (next, prev) = (self.own().next.get(), self.own().prev.get());
        next.own().prev.set(prev);
        prev.own().next.set(next);
        if list.get() == Some(self) {
            list.set(Some(next).filter(|next| *next != self));
        }
    }

    /// The last slab of a list.
    pub(crate) fn last_of(list: &Cell<Option<Self>>) -> Option<Self> {
        list.get().map(|first| first.own().prev.get())
    }
}
