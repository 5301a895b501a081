//! A slab's invariants as code.

use super::{SlabRef, BYTES};
use core::cell::Cell;
use core::iter::successors;
use core::ptr::NonNull;

/// The words of a set of a slab's blocks, the least of which have 8 bytes.
const WORDS: usize = BYTES / 8 / 64 + 1;

/// A set of blocks by their numbers.
struct Set([u64; WORDS]);

impl Set {
    /// Adds a number; whether it is new.
    fn add(&mut self, number: usize) -> bool {
        let (word, bit) = (&mut self.0[number / 64], 1 << (number % 64));
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }
}

impl SlabRef {
    /// Whether its blocks are each in one place: in use, free, given back or never used.
    ///
    /// Takes time linear in its blocks. Nobody uses the slab meanwhile.
    pub(crate) fn is_intact(self) -> bool {
        let (stock, returns) = (&self.own().stock, &self.others().returns);
        let bytes = self.bytes();
        let fresh = self.own().fresh.get() / bytes;
        let mut met = Set([0; WORDS]);
        let mut free = 0;
        for block in stock.blocks().chain(returns.blocks()) {
            match self.number_of(block.cast()) {
                Some(number) if number >= fresh && met.add(number) => free += 1,
                _ => return false,
            }
        }
        stock.used().checked_sub(returns.count()) == Some(BYTES / bytes - fresh - free)
    }

    /// The number of the block that lies at an address.
    fn number_of(self, block: NonNull<u8>) -> Option<usize> {
        let place = block.as_ptr() as usize - self.memory().as_ptr() as usize;
        self.has_block_at(block).then(|| place / self.bytes())
    }

    /// Whether others have given blocks back of which the owner does not know.
    pub(crate) fn is_queued(self) -> bool {
        self.others().returns.count() != 0
    }

    /// The slabs of a list.
    pub(crate) fn of_list(list: &Cell<Option<Self>>) -> impl Iterator<Item = Self> {
        let first = list.get();
        successors(first, move |slab| {
            Some(slab.own().next.get()).filter(|next| Some(*next) != first)
        })
    }

    /// Whether its neighbours in its list lead to it.
    pub(crate) fn is_linked(self) -> bool {
        let (next, prev) = (self.own().next.get(), self.own().prev.get());
        next.own().prev.get() == self && prev.own().next.get() == self
    }
}
