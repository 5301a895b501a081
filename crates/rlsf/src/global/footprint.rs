//! What a [`GlobalTlsf`] has from the system.

use super::{GlobalTlsf, GlobalTlsfOptions};
use core::sync::atomic::{AtomicUsize, Ordering};

/// How many bytes of addresses have come from the system, and gone back to it.
#[derive(Debug)]
pub(super) struct Traffic {
    taken: AtomicUsize,
    given_back: AtomicUsize,
}

impl Traffic {
    pub(super) const fn none() -> Self {
        Self {
            taken: AtomicUsize::new(0),
            given_back: AtomicUsize::new(0),
        }
    }

    pub(super) fn on_take(&self, bytes: usize) {
        self.taken.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(super) fn on_give_back(&self, bytes: usize) {
        self.given_back.fetch_add(bytes, Ordering::Relaxed);
    }
}

impl<Options: GlobalTlsfOptions> GlobalTlsf<Options> {
    /// The bytes that the heap has from the system now, in blocks or around them. Constant
    /// time under the lock.
    ///
    /// ```
    /// let heap: rlsf::GlobalTlsf = rlsf::GlobalTlsf::new();
    /// assert_eq!(heap.source_bytes(), 0);
    /// heap.reserve(1 << 20).unwrap();
    /// assert!(heap.source_bytes() > 1 << 20);
    /// ```
    #[must_use]
    pub fn source_bytes(&self) -> usize {
        self.heap.with(|heap| heap.source_bytes()).unwrap_or(0)
    }

    /// A size that a request is sure to get without new pages, as
    /// [`Tlsf::largest_allocatable`](crate::Tlsf::largest_allocatable) has it. Constant
    /// time under the lock.
    ///
    /// ```
    /// let heap: rlsf::GlobalTlsf = rlsf::GlobalTlsf::new();
    /// assert_eq!(heap.largest_allocatable(), 0);
    /// ```
    #[must_use]
    pub fn largest_allocatable(&self) -> usize {
        let largest = self.heap.with(|heap| heap.as_tlsf().largest_allocatable());
        largest.unwrap_or(0)
    }

    /// The bytes of pages that the heap has taken from the system since it was made. Constant
    /// time.
    ///
    /// ```
    /// let heap: rlsf::GlobalTlsf = rlsf::GlobalTlsf::new();
    /// heap.reserve(1 << 20).unwrap();
    /// assert_eq!(heap.bytes_taken(), heap.source_bytes());
    /// ```
    #[must_use]
    pub fn bytes_taken(&self) -> usize {
        self.traffic.taken.load(Ordering::Relaxed)
    }

    /// The bytes of pages that [`trim`](Self::trim) has given back since the heap was made:
    /// those of whole regions, and those inside free blocks, which the heap may use again
    /// and give back again. Constant time.
    ///
    /// ```
    /// let heap: rlsf::GlobalTlsf = rlsf::GlobalTlsf::new();
    /// heap.reserve(1 << 20).unwrap();
    /// let bytes = heap.trim();
    /// assert_eq!(heap.bytes_given_back(), bytes);
    /// ```
    #[must_use]
    pub fn bytes_given_back(&self) -> usize {
        self.traffic.given_back.load(Ordering::Relaxed)
    }
}
