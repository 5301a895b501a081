//! Which slab serves which class.

use super::class::{Class, CLASSES};
use super::slab::Slab;
use core::ptr::NonNull;

/// The slabs of a heap.
///
/// **A3**: each is in one list: that of its class if it has blocks in use and free
/// ones, `full` if all are in use. One more, without a block in use, may be the spare
/// one, for whichever class needs a slab next.
#[derive(Debug)]
pub(crate) struct Lists<const SIZE: usize> {
    open: [Option<Slab<SIZE>>; CLASSES],
    full: Option<Slab<SIZE>>,
    spare: Option<Slab<SIZE>>,
}

impl<const SIZE: usize> Lists<SIZE> {
    /// No slab.
    pub(crate) const EMPTY: Self = Self {
        open: [None; CLASSES],
        full: None,
        spare: None,
    };

    /// A slab of the class that has a free block.
    #[inline(always)]
    pub(crate) fn of(&self, class: Class) -> Option<Slab<SIZE>> {
        self.open[class.index()]
    }

    /// A slab of a larger class that has a free block at a multiple of `align`.
    pub(crate) fn above(&self, class: Class, align: usize) -> Option<Slab<SIZE>> {
        let larger = self.open[class.index()..].iter().flatten();
        let mut fitting = larger.filter(|slab| slab.class().align() >= align);
        fitting.next().copied()
    }

    /// Takes a block of a listed slab.
    #[inline(always)]
    pub(crate) fn take_from(&mut self, slab: Slab<SIZE>) -> NonNull<u8> {
        let block = slab.take();
        if slab.is_full() {
            slab.unlink(&mut self.open[slab.class().index()]);
            slab.link(&mut self.full);
        }
        block
    }

    /// Gives a block back to its slab, which is returned, in no list, if it is to go back to
    /// the heap.
    ///
    /// # Safety
    ///
    /// As for [`Slab::give`].
    #[inline(always)]
    pub(crate) unsafe fn give_to(
        &mut self,
        slab: Slab<SIZE>,
        block: NonNull<u8>,
    ) -> Option<Slab<SIZE>> {
        let was_full = slab.is_full();
        // SAFETY: the caller's promise.
        unsafe { slab.give(block) };
        if was_full {
            slab.unlink(&mut self.full);
            self.add(slab);
        }
        if slab.used() > 0 {
            return None;
        }
        slab.unlink(&mut self.open[slab.class().index()]);
        if self.spare.is_some() {
            return Some(slab);
        }
        self.spare = Some(slab);
        None
    }

    /// Lists a slab that has free blocks.
    #[inline(always)]
    pub(crate) fn add(&mut self, slab: Slab<SIZE>) {
        slab.link(&mut self.open[slab.class().index()]);
    }

    /// Takes the spare slab.
    pub(crate) fn take_spare(&mut self) -> Option<Slab<SIZE>> {
        self.spare.take()
    }

    /// The spare slab.
    pub(crate) fn spare(&self) -> Option<Slab<SIZE>> {
        self.spare
    }

    /// The bytes of the largest free block in a list.
    pub(crate) fn largest_open(&self) -> usize {
        let open = self.open.iter().rev().find_map(|first| *first);
        open.map_or(0, |slab| slab.class().bytes())
    }

    /// The first of each list: by classes, and then of the full ones.
    pub(crate) fn firsts(&self) -> impl Iterator<Item = Option<Slab<SIZE>>> + '_ {
        self.open.iter().copied().chain(core::iter::once(self.full))
    }
}
