//! What is in use, counted by the thread that owns it and read by any.

use core::sync::atomic::AtomicUsize;
#[cfg(feature = "stats")]
use core::sync::atomic::Ordering::Relaxed;

/// Blocks in use and their bytes; without the feature `stats` nothing is counted.
#[derive(Debug)]
pub(crate) struct Tally {
    bytes: AtomicUsize,
    blocks: AtomicUsize,
    peak: AtomicUsize,
}

/// What a tally says.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tallied {
    pub(crate) bytes: usize,
    pub(crate) blocks: usize,
    /// The most bytes, as far as they were looked at.
    pub(crate) peak: usize,
}

impl Tally {
    pub(crate) const fn zero() -> Self {
        Self {
            bytes: AtomicUsize::new(0),
            blocks: AtomicUsize::new(0),
            peak: AtomicUsize::new(0),
        }
    }
}

#[cfg(feature = "stats")]
impl Tally {
    /// Counts a block; only the owner calls.
    #[inline(always)]
    pub(crate) fn add(&self, bytes: usize) {
        self.bytes.store(self.bytes.load(Relaxed) + bytes, Relaxed);
        self.blocks.store(self.blocks.load(Relaxed) + 1, Relaxed);
    }

    /// Counts blocks that are freed; only the owner calls.
    #[inline(always)]
    pub(crate) fn sub(&self, bytes: usize, blocks: usize) {
        self.bytes
            .store(self.bytes.load(Relaxed).wrapping_sub(bytes), Relaxed);
        self.blocks
            .store(self.blocks.load(Relaxed).wrapping_sub(blocks), Relaxed);
    }

    /// Counts a block that is freed and one that is allocated, which has so many bytes more, modulo 2^64; only
    /// the owner calls.
    #[inline(always)]
    pub(crate) fn exchange(&self, by: usize) {
        let bytes = self.bytes.load(Relaxed).wrapping_add(by);
        self.bytes.store(bytes, Relaxed);
    }

    /// Looks at the bytes, which may be more than ever before; only the owner calls.
    #[inline]
    pub(crate) fn look(&self) {
        let bytes = self.bytes.load(Relaxed);
        if bytes > self.peak.load(Relaxed) {
            self.peak.store(bytes, Relaxed);
        }
    }

    /// Counts a block of which any thread may be the owner.
    pub(crate) fn add_shared(&self, bytes: usize) {
        let before = self.bytes.fetch_add(bytes, Relaxed);
        self.blocks.fetch_add(1, Relaxed);
        self.peak.fetch_max(before + bytes, Relaxed);
    }

    /// Counts a block that is freed, whichever thread was the owner.
    pub(crate) fn sub_shared(&self, bytes: usize) {
        self.bytes.fetch_sub(bytes, Relaxed);
        self.blocks.fetch_sub(1, Relaxed);
    }

    /// What was counted; of another thread's some operations ago.
    pub(crate) fn read(&self) -> Tallied {
        let bytes = self.bytes.load(Relaxed);
        Tallied {
            bytes,
            blocks: self.blocks.load(Relaxed),
            peak: self.peak.load(Relaxed).max(bytes),
        }
    }
}

#[cfg(not(feature = "stats"))]
#[allow(clippy::unused_self)] // as above
impl Tally {
    #[inline(always)]
    pub(crate) fn add(&self, _bytes: usize) {}
    #[inline(always)]
    pub(crate) fn sub(&self, _bytes: usize, _blocks: usize) {}
    #[inline(always)]
    pub(crate) fn exchange(&self, _by: usize) {}
    #[inline(always)]
    pub(crate) fn look(&self) {}
    pub(crate) fn add_shared(&self, _bytes: usize) {}
    pub(crate) fn sub_shared(&self, _bytes: usize) {}
    pub(crate) fn read(&self) -> Tallied {
        Tallied::default()
    }
}
