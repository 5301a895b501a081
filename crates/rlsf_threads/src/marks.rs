//! Which of a heap's queues may have something: a bit a queue.
//!
//! ```text
//! another thread                        the owner
//!   puts the slab's link into a queue,    looks at a queue that is marked; if it
//!   and then marks the queue              finds none, clears the mark, and only
//!                                         then looks whether there is one
//! ```
//!
//! So a queue that has something is marked, or is about to be by who has put it there.

use crate::sync::{maker, AtomicUsize, Ordering};

/// A set of numbers below a word's bits.
#[derive(Debug)]
pub(crate) struct Marks(AtomicUsize);

impl Marks {
    maker! {
        pub(crate) fn new() -> Self {
            Self(AtomicUsize::new(0))
        }
    }

    /// Marks a queue in which something has been put.
    #[inline]
    pub(crate) fn mark(&self, queue: usize) {
        self.0.fetch_or(1 << queue, Ordering::Release);
    }

    /// The first queue from `start` on that is marked, or else the first of all.
    #[inline]
    pub(crate) fn next(&self, start: usize) -> Option<usize> {
        let marks = self.0.load(Ordering::Acquire);
        if marks == 0 {
            return None;
        }
        // `start` is below a word's bits, and so is the result.
        #[allow(clippy::cast_possible_truncation)]
        let distance = marks.rotate_right(start as u32).trailing_zeros() as usize;
        Some((start + distance) % usize::BITS as usize)
    }

    /// Takes the mark of a queue back in which nothing was found, unless `has_some` finds
    /// something there now.
    #[cold]
    pub(crate) fn clear(&self, queue: usize, has_some: impl FnOnce() -> bool) {
        self.0.fetch_and(!(1 << queue), Ordering::AcqRel);
        if has_some() {
            self.mark(queue);
        }
    }
}
