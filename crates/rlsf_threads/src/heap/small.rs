//! Small blocks: slabs of the heap.

use super::HeapRef;
use crate::class::Class;
use crate::segment::SegmentRef;
use crate::slab::{self, Place, SlabRef};
use core::alloc::Layout;
use core::ptr::NonNull;

/// What the heap's `Tlsf` is asked for.
const LAYOUT: Layout = match Layout::from_size_align(slab::BYTES, slab::STEP) {
    Ok(layout) => layout,
    Err(_) => panic!("a slab has a layout"),
};

/// How many slabs without a block in use a heap keeps.
const RESTING: usize = 16;

impl HeapRef {
    /// Allocates a small block if the class's slab has one that was freed.
    #[inline(always)]
    pub(crate) fn pop_small(self, class: Class) -> Option<NonNull<u8>> {
        let slab = self.own().current[class.index()].get()?;
        let block = slab.pop()?;
        self.own().tally.add(class.bytes());
        Some(block)
    }

    /// Allocates a small block of a class whose slab has none that was freed.
    #[inline]
    pub(crate) fn allocate_small(self, class: Class) -> Option<NonNull<u8>> {
        let current = self.own().current[class.index()].get();
        let block = match current.and_then(SlabRef::pop_fresh) {
            Some(block) => block,
            None => self.refill(class, current)?,
        };
        self.own().tally.add(class.bytes());
        self.own().tally.look();
        Some(block)
    }

    /// Allocates a small block of a class whose slab has none that its thread knows of.
    #[inline(never)]
    fn refill(self, class: Class, current: Option<SlabRef>) -> Option<NonNull<u8>> {
        if let Some(slab) = current {
            self.collect(slab);
            if let Some(block) = slab.pop() {
                return Some(block);
            }
        }
        let next = self.next_slab(class)?;
        next.set_place(Place::Current);
        self.own().current[class.index()].set(Some(next));
        if let Some(slab) = current {
            slab.set_place(Place::Full);
            // By now some blocks, or all, may have come back.
            self.put_in_place(slab);
        }
        next.pop().or_else(|| next.pop_fresh())
    }

    /// A slab of the class, which is in no list: one that has free blocks, or else a new one.
    fn next_slab(self, class: Class) -> Option<SlabRef> {
        let list = &self.own().listed[class.index()];
        let idle = self.look_at_queue(class);
        if let Some(slab) = list.get() {
            self.unlist(slab);
            if let Some(idle) = idle {
                self.give_slab(idle);
            }
            return Some(slab);
        }
        // Not with a slab in hand: it may be in a queue itself, and would be given away.
        match idle.or_else(|| self.look_at_next_queue()) {
            // SAFETY: nobody uses the slab, which is in no list.
            Some(idle) => Some(unsafe { SlabRef::format(idle.memory(), class) }),
            None => self.new_slab(class),
        }
    }

    fn new_slab(self, class: Class) -> Option<SlabRef> {
        let memory = self.take_slab(LAYOUT)?;
        // SAFETY: a block of the heap's `Tlsf`.
        let segment = unsafe { SegmentRef::around(memory) };
        segment.set_slab(memory, true);
        // SAFETY: a new block with a slab's layout.
        Some(unsafe { SlabRef::format(memory, class) })
    }

    /// Frees a small block of this heap.
    ///
    /// # Safety
    ///
    /// A block in use of the slab, which is one of this heap's, and nobody uses it any more.
    #[inline(always)]
    pub(crate) unsafe fn deallocate_small(self, slab: SlabRef, block: NonNull<u8>) {
        self.own().tally.sub(slab.class().bytes(), 1);
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

    /// Gives the slabs back that have no block in use.
    pub(crate) fn give_idle_slabs(self) {
        for current in &self.own().current {
            if let Some(idle) = current.get().filter(|slab| slab.is_idle()) {
                current.set(None);
                self.give_slab(idle);
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
        unsafe { self.give(segment, memory) };
    }
}
