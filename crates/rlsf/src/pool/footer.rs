//! What stands after a sentinel's header: a pool's place in the list of pools.

use core::ptr::NonNull;

type Link = Option<NonNull<u8>>;

/// The words after a sentinel's header.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(super) struct Footer {
    first: NonNull<u8>,
    next: Link,
    prev: Link,
    /// The other words' [`seal`]: tells an overrun of the last block, or a few
    /// flipped bits, before a pointer of it is followed.
    check: usize,
}

/// Any odd number that memory is unlikely to hold by chance.
const SEAL: usize = 0x9e37_79b9;

/// A word that differs in many bits if a few of `sum` or of the link do: the second
/// product spreads what the first one leaves in the highest bits.
#[inline(never)] // nothing that has to be quick comes here, and several copies are bytes
fn seal(sum: usize, link: Link) -> usize {
    let word = link.map_or(0, |link| link.as_ptr() as usize);
    let product = (sum ^ word).wrapping_mul(SEAL);
    (product ^ product >> (usize::BITS / 2)).wrapping_mul(SEAL)
}

impl Footer {
    #[inline(never)] // as `seal`
    pub(super) fn new(first: NonNull<u8>, next: Link, prev: Link) -> Self {
        let check = seal(seal(seal(SEAL, Some(first)), next), prev);
        Self {
            first,
            next,
            prev,
            check,
        }
    }

    /// The first block's address.
    pub(super) fn first(&self) -> NonNull<u8> {
        self.first
    }

    /// The next pool.
    pub(super) fn next(&self) -> Link {
        self.next
    }

    /// The pool before. (Where footers do not tell, it has to be `found`.)
    pub(super) fn prev(&self, _found: impl FnOnce() -> Link) -> Link {
        self.prev
    }

    pub(super) fn with_next(self, next: Link) -> Self {
        Self::new(self.first, next, self.prev)
    }

    pub(super) fn with_prev(self, prev: Link) -> Self {
        Self::new(self.first, self.next, prev)
    }

    /// Whether the words are as the heap wrote them.
    pub(super) fn is_intact(&self) -> bool {
        self.check == Self::new(self.first, self.next, self.prev).check
    }

    /// The same of the pool after `prev`.
    pub(super) fn is_intact_behind(&self, prev: Link) -> bool {
        self.is_intact() && self.prev == prev
    }
}

/// Tells whether a link to the first pool is as the heap wrote it.
#[derive(Debug)]
pub(super) struct LinkCheck(usize);

impl LinkCheck {
    pub(super) const EMPTY: Self = Self(0);

    pub(super) fn of(link: Link) -> Self {
        Self(link.map_or(0, |pool| seal(SEAL, Some(pool))))
    }

    pub(super) fn agrees(&self, link: Link) -> bool {
        self.0 == Self::of(link).0
    }
}

#[cfg(test)]
#[path = "../tests/footer.rs"]
mod tests;
