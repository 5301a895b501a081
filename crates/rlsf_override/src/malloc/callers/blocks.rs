//! What is known of the blocks at addresses.

use super::stacks::Number;
use core::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};

/// Blocks that are as good as each other: a new one takes the place of one that is free, or else
/// of any.
const WAYS: usize = 4;

const BUCKETS: usize = 1 << 18;

/// Every block is at a multiple of it, in bytes.
pub(super) const STRIDE: usize = 16;

/// The address and a stack in one word, so that what is read belongs together: an address has 48
/// bits, of which the last four are zero.
///
/// ```text
/// | address / 16 : 44 bits | number : 20 bits |
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Word(u64);

const _: () = assert!(Number::BITS <= 20);

impl Word {
    const NONE: Self = Self(0);

    fn new(address: usize, number: Number) -> Self {
        Self(((address as u64) << 16) | number.bits())
    }

    fn is_of(self, address: usize) -> bool {
        (self.0 ^ Self::new(address, Number::UNKNOWN).0) >> 20 == 0
    }

    fn number(self) -> Number {
        Number::of_bits(self.0)
    }
}

/// A block, in use or freed.
struct Entry {
    allocated: AtomicU64,
    /// Of the same address if the block has been freed.
    freed: AtomicU64,
    /// The bytes that were asked for. If two threads put a block into this place at once, it may
    /// be the other one's.
    size: AtomicUsize,
}

/// What is known of a block.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    pub(super) size: usize,
    pub(super) allocated: Number,
    /// `None` if it has not been freed.
    pub(super) freed: Option<Number>,
}

/// What is known of all.
pub(super) struct Blocks([[Entry; WAYS]; BUCKETS]);

impl Blocks {
    /// Notes a new block, or the new size of one.
    pub(super) fn allocate(&self, address: usize, size: usize, by: Number) {
        let entry = self
            .find(address)
            .unwrap_or_else(|| self.make_room(address));
        entry.freed.store(Word::NONE.0, Relaxed);
        entry.size.store(size, Relaxed);
        entry.allocated.store(Word::new(address, by).0, Relaxed);
    }

    /// Notes who frees a block. If somebody has freed it already, that one stays.
    pub(super) fn free(&self, address: usize, by: Number) {
        if let Some(entry) = self.find(address) {
            let word = Word::new(address, by).0;
            // An error is the other one's word.
            let _ = entry
                .freed
                .compare_exchange(Word::NONE.0, word, Relaxed, Relaxed);
        }
    }

    /// Notes that a block is not freed after all.
    pub(super) fn keep(&self, address: usize) {
        if let Some(entry) = self.find(address) {
            entry.freed.store(Word::NONE.0, Relaxed);
        }
    }

    /// What is known of the block at an address.
    pub(super) fn known(&self, address: usize) -> Option<Known> {
        let entry = self.find(address)?;
        Some(Known {
            size: entry.size.load(Relaxed),
            allocated: entry.allocated().number(),
            freed: entry.is_freed().then(|| entry.freed().number()),
        })
    }

    fn find(&self, address: usize) -> Option<&Entry> {
        if !address.is_multiple_of(STRIDE) {
            return None;
        }
        let mut entries = self.bucket(address).iter();
        entries.find(|entry| entry.allocated().is_of(address))
    }

    /// The entry that is of the least use.
    fn make_room(&self, address: usize) -> &Entry {
        let bucket = self.bucket(address);
        let unused = bucket.iter().find(|entry| entry.allocated() == Word::NONE);
        let freed = || bucket.iter().find(|entry| entry.is_freed());
        unused
            .or_else(freed)
            .unwrap_or(&bucket[hash(address) % WAYS])
    }

    fn bucket(&self, address: usize) -> &[Entry; WAYS] {
        &self.0[hash(address) / WAYS]
    }
}

impl Entry {
    fn allocated(&self) -> Word {
        Word(self.allocated.load(Relaxed))
    }

    fn freed(&self) -> Word {
        Word(self.freed.load(Relaxed))
    }

    fn is_freed(&self) -> bool {
        self.freed().0 >> 20 == self.allocated().0 >> 20
    }
}

/// The highest bits of a product with the golden ratio: addresses at equal distances, as those of
/// blocks of a size are, come to all buckets alike.
fn hash(address: usize) -> usize {
    const RATIO: usize = 0x9e37_79b9_7f4a_7c15;
    const BITS: u32 = (BUCKETS * WAYS).trailing_zeros();
    (address / STRIDE).wrapping_mul(RATIO) >> (usize::BITS - BITS)
}
