//! Lists through free blocks, and inboxes: lists to which any thread may add.
//!
//! ```text
//! inbox -> block -> block -> block -> end         a link that is not written yet ends the
//!            ^ a thread that adds a block          list, for the moment: the end has such a
//!              swaps it in, then links it          link for ever
//! ```

use crate::disguise;
use crate::sync::{maker, one_for_all, AtomicPtr, Ordering};
use core::ptr::{null_mut, NonNull};

/// What stands in the first word of a free block: the next one, as it is or disguised.
#[derive(Debug)]
#[repr(transparent)]
pub(crate) struct Link(AtomicPtr<Link>);

impl Link {
    maker! {
        /// A link that leads nowhere yet.
        pub(crate) fn unwritten() -> Self {
            Self(AtomicPtr::new(null_mut()))
        }
    }
}

one_for_all! {
    /// The end of every list.
    fn the_end() -> &'static Link = Link::unwritten();
}

maker! {
    /// The end of every list, as the pointer that stands for it.
    #[inline(always)]
    fn end() -> NonNull<Link> {
        NonNull::from_ref(the_end())
    }
}

/// A list that one thread uses.
///
/// **K1**: it leads through links in memory that is in use for nothing else to the end, or to a
/// link that its thread has not written yet.
#[derive(Debug)]
pub(crate) struct Chain(NonNull<Link>);

impl Chain {
    maker! {
        pub(crate) fn empty() -> Self {
            Self(end())
        }
    }

    /// The list that begins with a block.
    ///
    /// # Safety
    ///
    /// K1, and nobody else has it.
    pub(crate) unsafe fn starting_with(first: NonNull<Link>) -> Self {
        Self(first)
    }

    /// The first block, or the end.
    pub(crate) fn first(&self) -> NonNull<Link> {
        self.0
    }

    /// Whether nothing is in it, not even something that cannot be taken yet.
    #[inline(always)]
    pub(crate) fn is_empty(&self) -> bool {
        self.0 == end()
    }

    /// Whether the first block can be taken: there is one, and its link is written.
    #[inline]
    pub(crate) fn is_ready(&self) -> bool {
        self.next().is_some()
    }

    /// The blocks, up to the end or to a link that is not written.
    pub(crate) fn blocks(&self) -> impl Iterator<Item = NonNull<Link>> {
        let mut rest = Self(self.0);
        core::iter::from_fn(move || rest.pop())
    }

    /// What the first block, or the end, leads to.
    #[inline(always)]
    fn next(&self) -> Option<NonNull<Link>> {
        // SAFETY: K1. What was written to the block before it was linked is seen.
        let next = unsafe { self.0.as_ref() }.0.load(Ordering::Acquire);
        let next = NonNull::new(next)?;
        NonNull::new(disguise::show(self.0.as_ptr(), next.as_ptr()))
    }

    /// The first block and the others; `None` at the end, or where the next link is not written yet.
    #[inline(always)]
    pub(crate) fn split(&self) -> Option<(NonNull<Link>, Self)> {
        Some((self.0, Self(self.next()?)))
    }

    /// Takes the first block, if it can be taken.
    #[inline(always)]
    pub(crate) fn pop(&mut self) -> Option<NonNull<Link>> {
        let (first, rest) = self.split()?;
        *self = rest;
        Some(first)
    }

    /// The same of a list of one slab's blocks.
    #[inline(always)]
    pub(crate) fn pop_of_slab(&mut self) -> Option<NonNull<Link>> {
        let first = self.0;
        // SAFETY: K1. What was written to the block before it was linked is seen.
        let next = unsafe { first.as_ref() }.0.load(Ordering::Acquire);
        self.0 = disguise::show_near(first, NonNull::new(next)?, end());
        Some(first)
    }

    /// Adds a block.
    ///
    /// # Safety
    ///
    /// K1: the block has room for a link, and nobody uses it.
    #[inline(always)]
    pub(crate) unsafe fn push(&mut self, block: NonNull<Link>) {
        let next = disguise::hide(block.as_ptr(), self.0.as_ptr());
        // SAFETY: the caller's promise.
        unsafe { block.write(Link(AtomicPtr::new(next))) };
        self.0 = block;
    }
}

/// A list to which any thread adds, and from which one thread takes.
#[derive(Debug)]
pub(crate) struct Inbox(AtomicPtr<Link>);

impl Inbox {
    maker! {
        pub(crate) fn new() -> Self {
            Self(AtomicPtr::new(end().as_ptr()))
        }
    }

    /// Adds a block: one swap and one store, whatever others do.
    ///
    /// # Safety
    ///
    /// K1: the block has room for a link, and nobody uses it.
    #[inline]
    pub(crate) unsafe fn push(&self, block: NonNull<Link>) {
        // SAFETY: the caller's promise.
        unsafe { block.write(Link::unwritten()) };
        let before = self.0.swap(block.as_ptr(), Ordering::Release);
        let hidden = disguise::hide(block.as_ptr(), before);
        // SAFETY: the block stays until its link is written: nobody takes it before.
        unsafe { block.as_ref() }.0.store(hidden, Ordering::Release);
    }

    /// What is in it; nobody else adds or takes meanwhile.
    pub(crate) fn chain(&self) -> Chain {
        // SAFETY: an inbox never has a null pointer.
        Chain(unsafe { NonNull::new_unchecked(self.0.load(Ordering::Acquire)) })
    }

    /// Whether nothing is in it, at the moment.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.0.load(Ordering::Relaxed) == end().as_ptr()
    }

    /// Takes everything, with one swap: who asks before whether it [is empty](Self::is_empty) saves that.
    #[inline]
    pub(crate) fn take(&self) -> Chain {
        let first = self.0.swap(end().as_ptr(), Ordering::Acquire);
        // SAFETY: an inbox never has a null pointer.
        Chain(unsafe { NonNull::new_unchecked(first) })
    }
}
