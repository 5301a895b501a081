//! The free blocks of a slab: what its owner has, and what other threads give back.
//!
//! ```text
//! another thread                      the owner
//!   puts the block into the inbox       takes the slab's link out of its queue,
//!   counts it; who is the first to      counts from nought again, and only then
//!   count puts the slab's link into     takes what is in the inbox
//!   the owner's queue
//! ```
//!
//! A thread that counts as another than the first is through with the slab by that; the first one
//! is when the link is in the queue, and until the owner has taken it out there, it still counts
//! the first block as one in use. So a slab with no block in use is in nobody's hand.

use crate::intake::Slot;
use crate::link::{Chain, Inbox, Link};
use crate::sync::{maker, AtomicUsize, Ordering};
use core::cell::{Cell, UnsafeCell};
use core::mem::offset_of;
use core::ptr::NonNull;

/// What other threads have given back.
#[derive(Debug)]
pub(crate) struct Returns {
    freed: Inbox,
    /// How many of them the owner does not know of; the link is in the owner's queue, or about
    /// to be, as long as it is not zero.
    count: AtomicUsize,
    in_queue: UnsafeCell<Slot>,
}

impl Returns {
    pub(crate) fn new() -> Self {
        Self {
            freed: Inbox::new(),
            count: AtomicUsize::new(0),
            in_queue: UnsafeCell::new(Slot::new()),
        }
    }

    /// Gives a block back: at most two swaps, two stores and an addition, whatever others do.
    /// Whether the queue has got the slab by that.
    ///
    /// # Safety
    ///
    /// A block in use of this slab that nobody uses any more; the queue is its owner's.
    #[inline]
    pub(crate) unsafe fn give(&self, block: NonNull<Link>, queue: &Inbox) -> bool {
        // SAFETY: the caller's promise.
        unsafe { self.freed.push(block) };
        // From here on, the slab may be the owner's alone.
        let is_first = self.count.fetch_add(1, Ordering::AcqRel) == 0;
        if is_first {
            // SAFETY: the first one to count; the owner has taken the link out before it
            // counted from nought.
            unsafe { queue.push(self.link()) };
        }
        is_first
    }

    /// Whether the owner would find something to take.
    #[inline]
    pub(crate) fn has_some(&self) -> bool {
        !self.freed.is_empty()
    }

    /// The link for the owner's queue.
    fn link(&self) -> NonNull<Link> {
        // SAFETY: the address of a field; a slot begins with its link.
        unsafe { NonNull::new_unchecked(self.in_queue.get()) }.cast()
    }

    /// What others have given back and the owner has not taken; nobody gives meanwhile.
    pub(crate) fn blocks(&self) -> impl Iterator<Item = NonNull<Link>> {
        self.freed.chain().blocks()
    }

    /// Where a link of the owner's queue belongs.
    pub(crate) fn around(link: NonNull<Link>) -> NonNull<Self> {
        let returns = link.as_ptr().wrapping_byte_sub(offset_of!(Self, in_queue));
        #[allow(clippy::cast_ptr_alignment)] // the start of what the link is a part of
        let returns = returns.cast();
        // SAFETY: it does not lie at the start of the address space.
        unsafe { NonNull::new_unchecked(returns) }
    }

    /// How many blocks wait for the owner to know of them.
    pub(crate) fn count(&self) -> usize {
        self.count.load(Ordering::Acquire)
    }
}

/// What the owner knows of a slab's blocks, but for those that have never been used.
#[derive(Debug)]
pub(crate) struct Stock {
    free: UnsafeCell<Chain>,
    /// Blocks in use, as far as the owner knows: those that others have given back count until
    /// the owner is told.
    used: Cell<usize>,
}

impl Stock {
    maker! {
        pub(crate) fn new() -> Self {
            Self {
                free: UnsafeCell::new(Chain::empty()),
                used: Cell::new(0),
            }
        }
    }

    /// The free blocks; the reference must not live beyond the expression.
    #[inline(always)]
    #[allow(clippy::mut_from_ref)] // one thread, and never two at a time
    fn free(&self) -> &mut Chain {
        // SAFETY: a cell is used by one thread, and no other reference to it is alive.
        unsafe { &mut *self.free.get() }
    }

    /// Takes a block that was freed.
    #[inline(always)]
    pub(crate) fn pop(&self) -> Option<NonNull<Link>> {
        let block = self.free().pop_of_slab()?;
        self.count_in();
        Some(block)
    }

    /// Counts a block that is in use from now on.
    #[inline(always)]
    pub(crate) fn count_in(&self) {
        self.used.set(self.used.get() + 1);
    }

    /// Takes a block back from the owner's own thread; whether none is in use any more.
    ///
    /// # Safety
    ///
    /// A block in use of this slab that nobody uses any more.
    #[inline(always)]
    pub(crate) unsafe fn push(&self, block: NonNull<Link>) -> bool {
        // SAFETY: the caller's promise.
        unsafe { self.free().push(block) };
        self.count_out(1)
    }

    #[inline(always)]
    fn count_out(&self, blocks: usize) -> bool {
        let used = self.used.get() - blocks;
        self.used.set(used);
        used == 0
    }

    /// Learns what others have given back, after the slab's link was taken out of the queue; how
    /// many blocks that is. Constant time.
    pub(crate) fn settle(&self, returns: &Returns) -> usize {
        // In this order: who counts from nought again makes the link come back, so that what is
        // in the inbox by then is not forgotten.
        let known = returns.count.swap(0, Ordering::AcqRel);
        self.count_out(known);
        self.take(returns);
        known
    }

    /// Uses what others have given back, wherever the slab's link is; how many blocks the owner
    /// has not known of. Constant time.
    pub(crate) fn collect(&self, returns: &Returns) -> usize {
        // One remains: the link is in the queue, or about to be.
        let known = returns.count().saturating_sub(1);
        if known > 0 {
            returns.count.fetch_sub(known, Ordering::AcqRel);
            self.count_out(known);
        }
        self.take(returns);
        known
    }

    /// Takes the inbox, if nothing else is free.
    fn take(&self, returns: &Returns) {
        if self.free().is_empty() {
            *self.free() = returns.freed.take();
        }
    }

    /// Whether no block is in use; then no other thread has the slab in hand, either.
    #[inline]
    pub(crate) fn is_idle(&self) -> bool {
        self.used.get() == 0
    }

    /// The blocks that were freed.
    pub(crate) fn blocks(&self) -> impl Iterator<Item = NonNull<Link>> {
        self.free().blocks()
    }

    /// Blocks in use, as far as the owner knows.
    pub(crate) fn used(&self) -> usize {
        self.used.get()
    }

    /// Whether a block can be had.
    pub(crate) fn has_free(&self) -> bool {
        self.free().is_ready()
    }
}
