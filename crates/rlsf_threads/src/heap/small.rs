//! Small blocks: slabs of the heap.

use super::middle::bytes;
use super::HeapRef;
use crate::class::Class;
use crate::segment::SegmentRef;
use crate::slab::{Place, SlabRef};
use core::cell::Cell;
use core::ptr::NonNull;

/// How many slabs without a block in use a heap keeps.
const RESTING: usize = 16;

impl HeapRef {
    /// Allocates a small block if the class's slab has one that was freed. There need not be a
    /// heap.
    #[inline(always)]
    pub(crate) fn pop_small(self, class: Class) -> Option<NonNull<u8>> {
        self.pop_sized(class).map(|(block, _)| block)
    }

    /// The same, and the bytes of the block.
    #[inline(always)]
    pub(crate) fn pop_sized(self, class: Class) -> Option<(NonNull<u8>, usize)> {
        let slab = self.current(class).get();
        let (block, bytes) = (slab.pop()?, slab.bytes());
        self.own().tally.add(bytes);
        Some((block, bytes))
    }

    /// Allocates a small block of a class whose slab has none that was freed.
    #[inline]
    pub(crate) fn allocate_small(self, class: Class) -> Option<NonNull<u8>> {
        let slab = self.current(class).get();
        let block = if let Some(block) = self.pop_instead_of_touching(class, slab) {
            block
        } else if let Some(block) = slab.pop_fresh() {
            if slab.has_just_begun() {
                self.tidy(slab);
            }
            block
        } else {
            self.refill(class, slab)?
        };
        self.own().tally.add(class.bytes());
        self.own().tally.look();
        Some(block)
    }

    /// Allocates a small block of a class whose slab has none that its thread knows of.
    #[inline(always)]
    fn refill(self, class: Class, slab: SlabRef) -> Option<NonNull<u8>> {
        if slab.is_some() {
            if let Some(block) = self.collect(slab) {
                return Some(block);
            }
        }
        let idle = self.look_at_queue(class);
        if let Some(listed) = self.own().listed[class.index()].get() {
            self.unlist(listed);
            if let Some(idle) = idle {
                self.give_slab(idle);
            }
            return self.serve_from_listed(listed, class, slab);
        }
        let memory = match idle {
            Some(idle) => idle.memory(),
            None => self.take_memory()?,
        };
        // SAFETY: a slab's memory, which nobody uses.
        Some(unsafe { self.serve_from_new(memory, class, slab) })
    }

    /// Allocates a small block where the next one that was never used would touch another page: one that was
    /// freed, in this slab or in the next one of the class.
    #[inline(always)]
    fn pop_instead_of_touching(self, class: Class, slab: SlabRef) -> Option<NonNull<u8>> {
        if slab.touches_next() {
            self.pop_freed(class, slab)
        } else {
            None
        }
    }

    #[inline(never)]
    fn pop_freed(self, class: Class, slab: SlabRef) -> Option<NonNull<u8>> {
        if let Some(block) = self.collect(slab) {
            return Some(block);
        }
        if let Some(idle) = self.look_at_queue(class) {
            // SAFETY: nobody uses the slab, which is in no list.
            return Some(unsafe { self.serve_from_new(idle.memory(), class, slab) });
        }
        let listed = self.own().listed[class.index()].get()?;
        if !listed.has_freed() {
            return None;
        }
        self.unlist(listed);
        self.serve_from_listed(listed, class, slab)
    }

    /// Has a slab that was listed serve the class from now on, instead of `slab`; its first block.
    #[inline(always)]
    fn serve_from_listed(
        self,
        listed: SlabRef,
        class: Class,
        slab: SlabRef,
    ) -> Option<NonNull<u8>> {
        self.serve_from(listed, class, slab);
        listed.pop().or_else(|| listed.pop_fresh())
    }

    /// Has a new slab serve the class from now on, instead of `slab`; its first block.
    ///
    /// # Safety
    ///
    /// Memory of this heap for a slab, which nobody uses.
    #[inline(always)]
    unsafe fn serve_from_new(
        self,
        memory: NonNull<u8>,
        class: Class,
        slab: SlabRef,
    ) -> NonNull<u8> {
        // SAFETY: the caller's promise.
        let (new, block) = unsafe { SlabRef::begin(memory, class) };
        self.serve_from(new, class, slab);
        block
    }

    /// Has another slab, which is in no list, serve the class from now on, instead of `slab`, if that is
    /// one.
    #[inline(always)]
    fn serve_from(self, next: SlabRef, class: Class, slab: SlabRef) {
        next.set_place(Place::Current);
        self.current(class).set(next);
        if slab.is_some() {
            slab.set_place(Place::Full);
            // By now some blocks, or all, may have come back, or some were never used.
            if slab.has_free() {
                self.put_in_place(slab);
            }
        }
    }

    /// Memory for a slab, out of the heap's `Tlsf`.
    fn take_memory(self) -> Option<NonNull<u8>> {
        let memory = self.take_slab()?;
        // SAFETY: a block of the heap's `Tlsf`.
        let segment = unsafe { SegmentRef::around(memory) };
        segment.set_slab(memory, true);
        Some(memory)
    }

    /// Does what a new slab entails, but not in the operation that takes it: gives back what
    /// lies behind the slab; or else looks at a slab of any class of which others have freed
    /// blocks.
    #[inline(never)]
    fn tidy(self, slab: SlabRef) {
        if self.cut(slab) {
            return;
        }
        if let Some(idle) = self.look_at_next_queue() {
            self.give_slab(idle);
        }
    }

    /// Frees a small block of this heap.
    ///
    /// # Safety
    ///
    /// A block in use of the slab, which is one of this heap's, and nobody uses it any more.
    #[inline(always)]
    pub(crate) unsafe fn deallocate_small(self, slab: SlabRef, block: NonNull<u8>) {
        self.own().tally.sub(slab.bytes(), 1);
        // SAFETY: the caller's promise.
        if unsafe { slab.push(block) } {
            self.put_in_place(slab);
        }
    }

    /// Puts a slab that has free blocks where it belongs: into its class's list, or back into
    /// the heap's `Tlsf` if no block of it is in use and enough such slabs are kept.
    #[inline(never)]
    pub(super) fn put_in_place(self, slab: SlabRef) {
        if let Some(idle) = self.list_or_detach(slab) {
            self.give_slab(idle);
        }
    }

    /// Lists a slab that has free blocks; one that is idle and not to be kept is in no list after
    /// that.
    pub(super) fn list_or_detach(self, slab: SlabRef) -> Option<SlabRef> {
        let place = slab.place();
        let is_idle = slab.is_idle();
        if place == Place::Current || !is_idle && (place == Place::Listed || !slab.has_free()) {
            return None;
        }
        let list = &self.own().listed[slab.class().index()];
        if place == Place::Listed {
            slab.unlink(list);
        }
        if !is_idle {
            slab.set_place(Place::Listed);
            slab.link(list);
        } else if self.has_room_for_resting(slab) {
            self.own().resting.set(self.own().resting.get() + 1);
            slab.set_place(Place::Listed);
            slab.link_last(list);
        } else {
            return Some(slab);
        }
        None
    }

    /// Whether an idle slab is to be kept. In another segment than the one that stays, it would
    /// keep that one from going back.
    fn has_room_for_resting(self, slab: SlabRef) -> bool {
        // SAFETY: slabs lie in segments.
        let segment = unsafe { SegmentRef::around(slab.memory()) };
        self.own().resting.get() < RESTING && self.is_home(segment)
    }

    /// Takes a slab out of its class's list.
    fn unlist(self, slab: SlabRef) {
        let resting = &self.own().resting;
        resting.set(resting.get() - usize::from(slab.is_idle()));
        slab.unlink(&self.own().listed[slab.class().index()]);
    }

    /// Gives back what lies behind slabs of which one block is used.
    pub(super) fn cut_slabs(self) {
        let current = self.own().front.current.0.iter().map(Cell::get);
        for slab in current.filter(|slab| slab.is_some()) {
            self.cut(slab);
        }
    }

    /// Gives the slabs back that have no block in use.
    pub(crate) fn give_idle_slabs(self) {
        for current in &self.own().front.current.0 {
            let slab = current.get();
            if slab.is_some() && slab.is_idle() {
                current.set(SlabRef::NONE);
                self.give_slab(slab);
            }
        }
        self.give_resting_slabs();
    }

    /// Gives the slabs back that are listed and have no block in use.
    pub(super) fn give_resting_slabs(self) {
        for list in &self.own().listed {
            while let Some(idle) = SlabRef::last_of(list).filter(|slab| slab.is_idle()) {
                self.unlist(idle);
                self.give_slab(idle);
            }
        }
    }

    /// Gives an idle slab back to the heap's `Tlsf`.
    pub(super) fn give_slab(self, slab: SlabRef) {
        let memory = slab.memory();
        // SAFETY: a block of the heap's `Tlsf`.
        let segment = unsafe { SegmentRef::around(memory) };
        segment.set_slab(memory, false);
        // SAFETY: nobody uses the slab any more.
        unsafe { self.give(segment, memory, bytes(memory), false) };
    }
}
