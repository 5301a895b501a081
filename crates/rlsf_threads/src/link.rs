//! Lists through free blocks, and inboxes: lists to which any thread may add.
//!
//! ```text
//! inbox -> block -> block -> block -> END         a link that is not written yet ends the
//!            ^ a thread that adds a block          list, for the moment: `END` has such a
//!              swaps it in, then links it          link for ever
//! ```

use core::ptr::{null_mut, NonNull};
use core::sync::atomic::{AtomicPtr, Ordering};

/// What stands in the first word of a free block: the next one.
#[derive(Debug)]
#[repr(transparent)]
pub(crate) struct Link(AtomicPtr<Link>);

impl Link {
    /// A link that leads nowhere yet.
    pub(crate) const fn unwritten() -> Self {
        Self(AtomicPtr::new(null_mut()))
    }
}

/// The end of every list.
static END: Link = Link::unwritten();

/// The end of every list, as the pointer that stands for it.
const fn end() -> NonNull<Link> {
    // SAFETY: the address of a static.
    unsafe { NonNull::new_unchecked((&raw const END).cast_mut()) }
}

/// A list that one thread uses.
///
/// **K1**: it leads through links in memory that is in use for nothing else to `END`, or to a
/// link that its thread has not written yet.
#[derive(Debug)]
pub(crate) struct Chain(NonNull<Link>);

impl Chain {
    pub(crate) const fn empty() -> Self {
        Self(end())
    }

    /// Whether nothing is in it, not even something that cannot be taken yet.
    #[inline(always)]
    pub(crate) fn is_empty(&self) -> bool {
        self.0 == end()
    }

    /// Takes the first block; `None` at the end, or where the next link is not written yet.
    #[inline(always)]
    pub(crate) fn pop(&mut self) -> Option<NonNull<Link>> {
        let first = self.0;
        // SAFETY: K1. What was written to the block before it was linked is seen.
        let next = unsafe { first.as_ref() }.0.load(Ordering::Acquire);
        self.0 = NonNull::new(next)?;
        Some(first)
    }

    /// Adds a block.
    ///
    /// # Safety
    ///
    /// K1: the block has room for a link, and nobody uses it.
    #[inline(always)]
    pub(crate) unsafe fn push(&mut self, block: NonNull<Link>) {
        // SAFETY: the caller's promise.
        unsafe { block.write(Link(AtomicPtr::new(self.0.as_ptr()))) };
        self.0 = block;
    }
}

/// A list to which any thread adds, and from which one thread takes.
#[derive(Debug)]
pub(crate) struct Inbox(AtomicPtr<Link>);

impl Inbox {
    pub(crate) const fn new() -> Self {
        Self(AtomicPtr::new(end().as_ptr()))
    }

    /// Adds a block: one swap and one store, whatever others do. Whether nothing was in it.
    ///
    /// # Safety
    ///
    /// K1: the block has room for a link, and nobody uses it.
    #[inline]
    pub(crate) unsafe fn push(&self, block: NonNull<Link>) -> bool {
        // SAFETY: the caller's promise.
        unsafe { block.write(Link::unwritten()) };
        let before = self.0.swap(block.as_ptr(), Ordering::AcqRel);
        // SAFETY: the block stays until its link is written: nobody takes it before.
        unsafe { block.as_ref() }.0.store(before, Ordering::Release);
        before == end().as_ptr()
    }

    /// Takes everything.
    #[inline]
    pub(crate) fn take(&self) -> Chain {
        if self.0.load(Ordering::Relaxed) == end().as_ptr() {
            return Chain::empty();
        }
        let first = self.0.swap(end().as_ptr(), Ordering::AcqRel);
        // SAFETY: an inbox never has a null pointer.
        Chain(unsafe { NonNull::new_unchecked(first) })
    }
}
