//! What stands after a sentinel's header where code has to be short, in WebAssembly: a pool's
//! place in a list that leads one way.

use core::arch::wasm32::memory_size;
use core::ptr::NonNull;

type Link = Option<NonNull<u8>>;

/// The words after a sentinel's header.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(super) struct Footer {
    first: NonNull<u8>,
    next: Link,
    /// The other words' [`sum`]: tells an overrun of the last block, or a flipped bit, before
    /// a pointer of it is followed.
    check: usize,
}

fn sum(first: NonNull<u8>, next: Link) -> usize {
    first.as_ptr() as usize ^ next.map_or(0, |next| next.as_ptr() as usize)
}

impl Footer {
    pub(super) fn new(first: NonNull<u8>, next: Link, _prev: Link) -> Self {
        let check = sum(first, next);
        Self { first, next, check }
    }

    /// The first block's address.
    pub(super) fn first(&self) -> NonNull<u8> {
        self.first
    }

    /// The next pool.
    pub(super) fn next(&self) -> Link {
        self.next
    }

    /// The pool before, which has to be `found`.
    pub(super) fn prev(&self, found: impl FnOnce() -> Link) -> Link {
        found()
    }

    pub(super) fn with_next(self, next: Link) -> Self {
        Self::new(self.first, next, None)
    }

    /// As it is: nothing tells of the pool before.
    pub(super) fn with_prev(self, _prev: Link) -> Self {
        self
    }

    /// Whether the words are as the heap wrote them; the pool after any.
    pub(super) fn is_intact_behind(&self, _prev: Link) -> bool {
        self.check == sum(self.first, self.next)
    }
}

/// Tells whether a link to the first pool may be one.
#[derive(Debug)]
pub(super) struct LinkCheck;

impl LinkCheck {
    pub(super) const EMPTY: Self = Self;

    pub(super) fn of(_link: Link) -> Self {
        Self
    }

    /// Whether it leads into the memory.
    #[allow(clippy::unused_self)] // as where a check is kept
    pub(super) fn agrees(&self, link: Link) -> bool {
        link.map_or(true, |pool| {
            (pool.as_ptr() as usize) >> 16 < memory_size::<0>()
        })
    }
}
