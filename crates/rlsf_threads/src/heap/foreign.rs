//! Blocks that other threads free.

use super::HeapRef;
use crate::class::{Class, CLASSES};
use crate::slab::SlabRef;
use core::ptr::NonNull;

impl HeapRef {
    /// Frees a small block of a heap, whichever thread calls. Constant time, no loop.
    ///
    /// # Safety
    ///
    /// A block in use of the slab, which is one of this heap's, and nobody uses it any more.
    #[inline(never)]
    pub(crate) unsafe fn deallocate_small_from_elsewhere(self, slab: SlabRef, block: NonNull<u8>) {
        // SAFETY: the caller's promise.
        unsafe { slab.push_from_elsewhere(block, &self.others().queues, &self.others().marks) };
    }

    /// Frees a middle block of a heap, whichever thread calls. One swap and one store.
    ///
    /// # Safety
    ///
    /// A block in use of this heap that nobody uses any more.
    #[inline]
    pub(crate) unsafe fn deallocate_middle_from_elsewhere(self, block: NonNull<u8>) {
        // SAFETY: the caller's promise; T1: a block has room for a slot.
        unsafe { self.others().freed.push(block.cast()) };
    }

    /// Takes one middle block out of the inbox.
    #[inline]
    pub(super) fn next_of_others(self) -> Option<NonNull<u8>> {
        let (freed, inbox) = (self.own().freed.get(), &self.others().freed);
        // SAFETY: the heap's own thread, which has no other reference to it.
        let freed = unsafe { &mut *freed };
        // SAFETY: the two belong together, and every block that is put there has room for a slot.
        unsafe { freed.take_one(inbox) }.map(NonNull::cast)
    }

    /// Frees one middle block that another thread has freed; whether there was one.
    fn free_one_of_others(self) -> bool {
        let has_freed = self.take_one_in();
        self.give_one_away();
        has_freed
    }

    /// Looks at one slab of the class of which others have freed blocks; the slab, if none of it
    /// is in use. One whose blocks have been collected already is left for the next look at any class: who
    /// looks here needs a block, and takes a new slab if there is none.
    pub(super) fn look_at_queue(self, class: Class) -> Option<SlabRef> {
        let is_of_use = |slab: SlabRef| {
            let has_returns = slab.has_returns();
            if !has_returns {
                self.own().turn.set(class);
            }
            has_returns
        };
        self.list_or_detach(self.take_from_queue(class, is_of_use)?)
    }

    /// The same of any class of which there is such a slab, each time of another one.
    pub(super) fn look_at_next_queue(self) -> Option<SlabRef> {
        let (turn, marks) = (&self.own().turn, &self.others().marks);
        let index = marks.next(turn.get().index())?;
        // SAFETY: C1: only classes are marked.
        let class = unsafe { Class::at(index) };
        turn.set(class.next());
        let Some(slab) = self.take_from_queue(class, |_| true) else {
            marks.clear(index, || self.has_queued(class));
            return None;
        };
        self.list_or_detach(slab)
    }

    /// Whether there may be a slab in a class's queue.
    fn has_queued(self, class: Class) -> bool {
        let queued = self.own().queued[class.index()].get();
        // SAFETY: the heap's own thread, which has no other reference to it.
        unsafe { &*queued }.has_some(&self.others().queues[class.index()])
    }

    /// Takes the next slab out of a class's queue, if it is wanted.
    fn take_from_queue(
        self,
        class: Class,
        is_wanted: impl FnOnce(SlabRef) -> bool,
    ) -> Option<SlabRef> {
        let queued = self.own().queued[class.index()].get();
        // SAFETY: the heap's own thread, which has no other reference to it.
        let queued = unsafe { &mut *queued };
        // SAFETY: a slab's link, in its heap's queue.
        let slab_of = |link| unsafe { SlabRef::from_queue(link) };
        let queue = &self.others().queues[class.index()];
        // SAFETY: the two belong together, and a slab's link has room for a slot.
        let link = unsafe { queued.take_one_if(queue, |link| is_wanted(slab_of(link))) }?;
        let slab = slab_of(link);
        let blocks = slab.settle();
        self.own().tally.sub(blocks * slab.bytes(), blocks);
        Some(slab)
    }

    /// Takes a block that others have freed of a slab of which nothing else is free.
    #[inline]
    pub(super) fn collect(self, slab: SlabRef) -> Option<NonNull<u8>> {
        if !slab.has_returns() {
            return None;
        }
        let blocks = slab.collect();
        self.own().tally.sub(blocks * slab.bytes(), blocks);
        slab.pop()
    }

    /// Looks at some that others have freed: at so many blocks, and at a slab of each class.
    pub(crate) fn look_at_inboxes(self, blocks: usize) {
        for _ in 0..CLASSES {
            if let Some(idle) = self.look_at_next_queue() {
                self.give_slab(idle);
            }
        }
        for _ in 0..blocks {
            if !self.free_one_of_others() {
                break;
            }
        }
    }

    /// Looks at all that others have freed, as far as it can be taken and is at most so many
    /// blocks and slabs; how many more it could have been.
    pub(crate) fn empty_inboxes(self, mut most: usize) -> usize {
        let mut class = Class::FIRST;
        for _ in 0..CLASSES {
            while most > 0 {
                let Some(slab) = self.take_from_queue(class, |_| true) else {
                    break;
                };
                self.put_in_place(slab);
                most -= 1;
            }
            class = class.next();
        }
        while most > 0 && self.free_one_of_others() {
            most -= 1;
        }
        most
    }
}
