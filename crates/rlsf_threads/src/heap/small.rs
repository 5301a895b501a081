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

impl HeapRef {
    /// Allocates a small block.
    #[inline(always)]
    pub(crate) fn allocate_small(self, class: Class) -> Option<NonNull<u8>> {
        let current = self.own().current[class.index()].get();
        if let Some(slab) = current {
            if let Some(block) = slab.pop() {
                return Some(block);
            }
        }
        self.refill(class, current)
    }

    /// Allocates a small block of a class whose slab has none that was freed.
    #[inline(never)]
    fn refill(self, class: Class, current: Option<SlabRef>) -> Option<NonNull<u8>> {
        if let Some(slab) = current {
            if let Some(block) = slab.pop_fresh() {
                return Some(block);
            }
            slab.collect();
            if let Some(block) = slab.pop() {
                return Some(block);
            }
        }
        self.replace(class, current)
    }

    /// Allocates a small block from another slab than the class's, which is exhausted.
    #[cold]
    fn replace(self, class: Class, current: Option<SlabRef>) -> Option<NonNull<u8>> {
        self.look_at_queue();
        let list = &self.own().listed[class.index()];
        let next = match list.get() {
            Some(slab) => {
                slab.unlink(list);
                slab
            }
            None => self.new_slab(class)?,
        };
        next.set_place(Place::Current);
        self.own().current[class.index()].set(Some(next));
        if let Some(slab) = current {
            slab.set_place(Place::Full);
            // By now some blocks, or all, may have come back.
            self.put_in_place(slab);
        }
        next.pop().or_else(|| next.pop_fresh())
    }

    fn new_slab(self, class: Class) -> Option<SlabRef> {
        let memory = self.allocate_middle(LAYOUT)?;
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
        // SAFETY: the caller's promise.
        if unsafe { slab.push(block) } {
            self.put_in_place(slab);
        }
    }

    /// Puts a slab that has free blocks where it belongs: into its class's list, or back into
    /// the heap's `Tlsf` if no block of it is in use.
    #[inline(never)]
    pub(super) fn put_in_place(self, slab: SlabRef) {
        let list = &self.own().listed[slab.class().index()];
        if slab.place() == Place::Current {
            return;
        }
        if slab.is_idle() {
            if slab.place() == Place::Listed {
                slab.unlink(list);
            }
            let memory = slab.memory();
            // SAFETY: a block of the heap's `Tlsf`.
            let segment = unsafe { SegmentRef::around(memory) };
            segment.set_slab(memory, false);
            // SAFETY: nobody uses the slab any more.
            unsafe { self.deallocate_middle(segment, memory) };
        } else if slab.place() == Place::Full && slab.has_free() {
            slab.set_place(Place::Listed);
            slab.link(list);
        }
    }
}
