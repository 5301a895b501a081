//! Middle blocks: the heap's `Tlsf`, in segments.

use super::{Blocks, HeapRef};
use crate::map;
use crate::orphans;
use crate::segment::{SegmentRef, STRIDE};
use crate::slab::{self, SlabRef};
use crate::supply;
use core::alloc::Layout;
use core::ptr::NonNull;
use rlsf::Misuse;

/// The largest request that is served from segments.
pub(crate) const LARGEST: usize = 256 << 10;

/// How many blocks that others freed, and that rest, are looked at before a segment is taken.
const BEFORE_SEGMENT: usize = 64;

/// What a slab is made of: it has the stride's size by itself.
const SLAB: Layout = match Layout::from_size_align(slab::BYTES, slab::STEP) {
    Ok(layout) => layout,
    Err(_) => panic!("a slab has a layout"),
};

/// How a block is taken out of the heap's `Tlsf`.
type Allocate = fn(&mut Blocks, Layout) -> Option<NonNull<u8>>;

/// The bytes of a block in use of a `Tlsf`.
#[inline]
pub(super) fn bytes(block: NonNull<u8>) -> usize {
    // SAFETY: the callers' promise: a block of a `Tlsf`, whichever.
    unsafe { supply::usable_size(block) }
}

impl HeapRef {
    /// Takes a block for a request of up to [`LARGEST`] bytes out of the heap's `Tlsf`. Who calls notes the
    /// bytes.
    #[inline]
    pub(super) fn take(self, layout: Layout) -> Option<NonNull<u8>> {
        let layout = STRIDE.layout(layout)?;
        let block = self.blocks().allocate(layout);
        self.count_or_grow(block, Blocks::allocate, layout)
    }

    /// Takes a block for a slab: behind what is free, so that slabs lie side by side, each with
    /// the page that the next one's header is in.
    #[inline]
    pub(super) fn take_slab(self) -> Option<NonNull<u8>> {
        let block = self.blocks().allocate_at_end(SLAB);
        let block = self.count_or_grow(block, Blocks::allocate_at_end, SLAB)?;
        self.front().quick.on_given(bytes(block));
        Some(block)
    }

    /// Gives back what lies behind a slab since it was taken; whether there was anything.
    pub(super) fn cut(self, slab: SlabRef) -> bool {
        let memory = slab.memory();
        let before = bytes(memory);
        if before == slab::BYTES {
            return false;
        }
        // SAFETY: the slab's block, of which the slab does not use what is behind it.
        let cut = unsafe { self.blocks().shrink_in_place(memory, slab::BYTES) };
        debug_assert!(cut.is_some());
        // What is too little for a block stays.
        self.front().quick.on_taken_back(before - bytes(memory));
        true
    }

    /// Counts a block that was taken, or takes it with another segment.
    #[inline(always)]
    pub(super) fn count_or_grow(
        self,
        block: Option<NonNull<u8>>,
        allocate: Allocate,
        layout: Layout,
    ) -> Option<NonNull<u8>> {
        let block = match block {
            Some(block) => block,
            None => self.allocate_with_segment(allocate, layout)?,
        };
        // SAFETY: a block of the heap's `Tlsf`.
        unsafe { SegmentRef::around(block) }.on_allocate();
        Some(block)
    }

    #[cold]
    #[inline(never)]
    fn allocate_with_segment(self, allocate: Allocate, layout: Layout) -> Option<NonNull<u8>> {
        self.look_at_inboxes(BEFORE_SEGMENT);
        self.give_resting_blocks(BEFORE_SEGMENT);
        self.cut_slabs();
        self.give_resting_slabs();
        if let Some(block) = allocate(self.blocks(), layout) {
            return Some(block);
        }
        let Some(memory) = orphans::reclaim_segment().or_else(supply::take_segment) else {
            // Without memory for one, all that rests has to do.
            self.give_resting_blocks(usize::MAX);
            return allocate(self.blocks(), layout);
        };
        // SAFETY: new memory for a segment.
        unsafe { self.add(memory) };
        allocate(self.blocks(), layout)
    }

    /// Gives a block of so many bytes back to the heap's `Tlsf`; `was_examined` just before, or is to be
    /// looked at by a hardened one.
    ///
    /// # Safety
    ///
    /// A block in use of the segment, which is one of this heap's, and nobody uses it any more.
    #[inline]
    pub(super) unsafe fn give(
        self,
        segment: SegmentRef,
        block: NonNull<u8>,
        bytes: usize,
        was_examined: bool,
    ) {
        self.front().quick.on_taken_back(bytes);
        if was_examined || !cfg!(feature = "hardened") {
            // SAFETY: the caller's promise.
            unsafe { self.blocks().deallocate_examined(block) };
        } else {
            // SAFETY: the caller's promise.
            unsafe { self.blocks().deallocate_unknown_align(block) };
        }
        self.free_in(segment);
    }

    /// Counts a block that the heap's `Tlsf` has back, and gives its segment back if that was the last one.
    #[inline(always)]
    pub(super) fn free_in(self, segment: SegmentRef) {
        if segment.on_free() && !self.is_home(segment) {
            self.give_back(segment);
        }
    }

    /// Resizes a block of this heap's `Tlsf` where it stands, or moves it within the heap.
    ///
    /// # Safety
    ///
    /// A block in use of this heap that nobody else uses, at the layout's alignment.
    pub(crate) unsafe fn resize_in_place(self, block: NonNull<u8>, layout: Layout) -> Option<()> {
        let size = STRIDE.layout(layout)?.size();
        let before = bytes(block);
        let blocks = self.blocks();
        // SAFETY: the caller's promise.
        let shrunk = unsafe { blocks.shrink_in_place(block, size) };
        if shrunk.is_none() {
            // SAFETY: the caller's promise; what failed has changed nothing.
            unsafe { blocks.try_grow_in_place(block, size) }?;
        }
        let after = bytes(block);
        let quick = &self.front().quick;
        quick.on_taken_back(before);
        quick.on_given(after);
        self.own().tally.sub(before, 1);
        self.own().tally.add(after);
        self.own().tally.look();
        Some(())
    }

    /// Whether a block in use of this heap lies at `ptr` in one of its segments, as far as can
    /// be told. Constant time.
    pub(crate) fn examine(self, segment: SegmentRef, ptr: NonNull<u8>) -> Result<(), Misuse> {
        // SAFETY: the segment's only pool, which begins and ends where its region does.
        unsafe { self.blocks().examine(ptr, STRIDE.bytes(), segment.pool()) }
    }

    /// Gives the pages inside of free blocks back to the system; their bytes.
    pub(crate) fn release_free_pages(self) -> usize {
        let blocks = self.blocks().free_blocks(supply::PAGE);
        let released = blocks.map(|block| {
            // SAFETY: the heap does not use them while the block is free.
            unsafe { supply::release_pages(block.idle_bytes()) }
        });
        released.sum()
    }

    /// Takes a segment before anything is in need of it.
    pub(crate) fn add_segment(self) -> Option<()> {
        let memory = supply::take_segment()?;
        // SAFETY: new memory for a segment.
        unsafe { self.add(memory) };
        Some(())
    }

    /// # Safety
    ///
    /// Memory of the supply for a segment, which nobody uses.
    unsafe fn add(self, memory: NonNull<u8>) {
        // SAFETY: the caller's promise.
        let segment = unsafe { SegmentRef::format(memory, self) };
        segment.link(&self.own().segments);
        let home = &self.own().home;
        home.set(home.get().or(Some(segment)));
        // SAFETY: the heap's own memory until the pool is removed.
        unsafe { self.blocks().insert_free_block_ptr(segment.pool()) };
        map::add(memory);
    }

    /// Gives an idle segment back to the supply.
    #[cold]
    #[inline(never)]
    fn give_back(self, segment: SegmentRef) {
        let memory = self.detach(segment);
        // SAFETY: nothing is in the segment, and it is this heap's no more.
        unsafe { supply::give_segment(memory) };
    }

    fn detach(self, segment: SegmentRef) -> NonNull<u8> {
        // SAFETY: the whole pool of this segment.
        let removed = unsafe { self.blocks().remove_pool(segment.pool()) };
        debug_assert_eq!(removed, Ok(()));
        segment.unlink(&self.own().segments);
        let home = &self.own().home;
        home.set(home.get().filter(|home| *home != segment));
        let given_back = &self.own().given_back;
        given_back.set(given_back.get() + 1);
        map::remove(segment.memory());
        segment.memory()
    }

    /// Whether a segment is the one that stays.
    pub(super) fn is_home(self, segment: SegmentRef) -> bool {
        self.own().home.get() == Some(segment)
    }

    /// Gives the segment back that stays otherwise, if it has no block.
    pub(crate) fn give_idle_segment(self) {
        if let Some(memory) = self.take_idle_segment() {
            // SAFETY: nothing is in the segment, and it is this heap's no more.
            unsafe { supply::give_segment(memory) };
        }
    }

    /// Takes the segment out of the heap that stays otherwise, if it has no block.
    pub(crate) fn take_idle_segment(self) -> Option<NonNull<u8>> {
        let home = self.own().home.get()?;
        home.is_idle().then(|| self.detach(home))
    }
}
