//! Segments: 4 MiB of one heap.
//!
//! ```text
//! 0        512                                        4 MiB - 8
//! +--------+---------------------------------------------------+
//! | header | a pool of the heap's `Tlsf`                       |
//! +--------+---------------------------------------------------+
//! ^ a multiple of 4 MiB
//! ```

use crate::heap::HeapRef;
use crate::slab;
use core::cell::Cell;
use core::mem::size_of;
use core::ptr::{slice_from_raw_parts_mut, NonNull};
use core::sync::atomic::{AtomicBool, Ordering};
use rlsf::Stride;

/// The distance of segments, and their alignment.
pub(crate) const STEP: usize = 4 << 20;

/// The bytes of a segment: the last word is a header of the supply's.
pub(crate) const BYTES: usize = STEP - size_of::<usize>();

/// The alignment of every block, two granules, as C's `malloc` has to give.
pub(crate) const STRIDE: Stride = Stride::new(16);

/// The places of slabs.
const SLABS: usize = STEP / slab::STEP;

const _: () = assert!(size_of::<Segment>() <= 512);

/// A segment's header.
#[derive(Debug)]
#[repr(C)]
struct Segment {
    heap: HeapRef,
    /// Blocks of the `Tlsf` in use.
    used: Cell<usize>,
    next: Cell<Option<SegmentRef>>,
    prev: Cell<Option<SegmentRef>>,
    /// Which places are slabs; other threads read what is theirs to know: a block's own slab
    /// does not change while the block is in use.
    is_slab: [AtomicBool; SLABS],
}

/// A segment.
///
/// **S1**: the address of a header in memory of [`BYTES`] bytes at a multiple of [`STEP`], which
/// the heap has taken from the supply. But for `heap` and `is_slab`, only the heap's own thread
/// uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub(crate) struct SegmentRef(NonNull<Segment>);

impl SegmentRef {
    /// Makes a segment.
    ///
    /// # Safety
    ///
    /// S1: the memory is the heap's, and nobody uses it.
    pub(crate) unsafe fn format(memory: NonNull<u8>, heap: HeapRef) -> Self {
        debug_assert!((memory.as_ptr() as usize).is_multiple_of(STEP));
        let segment = memory.cast::<Segment>();
        // SAFETY: the caller's promise.
        unsafe {
            segment.write(Segment {
                heap,
                used: Cell::new(0),
                next: Cell::new(None),
                prev: Cell::new(None),
                is_slab: [const { AtomicBool::new(false) }; SLABS],
            });
        };
        Self(segment)
    }

    /// The segment that a block lies in.
    ///
    /// # Safety
    ///
    /// It does lie in one.
    #[inline(always)]
    pub(crate) unsafe fn around(block: NonNull<u8>) -> Self {
        let within = block.as_ptr() as usize % STEP;
        let start = block.as_ptr().wrapping_sub(within);
        #[allow(clippy::cast_ptr_alignment)] // a multiple of `STEP`
        let segment = start.cast::<Segment>();
        // SAFETY: a segment's start, by the caller's promise.
        Self(unsafe { NonNull::new_unchecked(segment) })
    }

    #[inline(always)]
    fn header(&self) -> &Segment {
        // SAFETY: S1.
        unsafe { self.0.as_ref() }
    }

    /// The segment's memory.
    pub(crate) fn memory(self) -> NonNull<u8> {
        self.0.cast()
    }

    /// The part of the memory for a pool.
    pub(crate) fn pool(self) -> NonNull<[u8]> {
        const HEADER: usize = size_of::<Segment>();
        // Segments are multiples of far more than the stride.
        let (lead, len) = STRIDE.pool(HEADER, BYTES - HEADER).unwrap_or_default();
        let start = self.memory().as_ptr().wrapping_add(HEADER + lead);
        // SAFETY: within the segment.
        unsafe { NonNull::new_unchecked(slice_from_raw_parts_mut(start, len)) }
    }

    /// The heap that the segment belongs to.
    #[inline(always)]
    pub(crate) fn heap(self) -> HeapRef {
        self.header().heap
    }

    /// Whether a block lies in a slab.
    #[inline(always)]
    pub(crate) fn is_slab(self, block: NonNull<u8>) -> bool {
        self.place(block).load(Ordering::Relaxed)
    }

    pub(crate) fn set_slab(self, block: NonNull<u8>, is_slab: bool) {
        self.place(block).store(is_slab, Ordering::Relaxed);
    }

    #[inline(always)]
    fn place(&self, block: NonNull<u8>) -> &AtomicBool {
        let number = block.as_ptr() as usize / slab::STEP % SLABS;
        &self.header().is_slab[number]
    }

    /// Counts a block that is in use from now on.
    pub(crate) fn on_allocate(self) {
        let used = &self.header().used;
        used.set(used.get() + 1);
    }

    /// Counts a block that is freed; whether none is in use any more.
    pub(crate) fn on_free(self) -> bool {
        let used = &self.header().used;
        used.set(used.get() - 1);
        used.get() == 0
    }

    /// How many blocks are in use.
    pub(crate) fn used(self) -> usize {
        self.header().used.get()
    }

    /// How many places are slabs.
    pub(crate) fn slabs(self) -> usize {
        let places = self.header().is_slab.iter();
        places.filter(|it| it.load(Ordering::Relaxed)).count()
    }

    /// The next one of its list.
    pub(crate) fn next(self) -> Option<Self> {
        self.header().next.get()
    }

    /// Whether no block is in use.
    pub(crate) fn is_idle(self) -> bool {
        self.header().used.get() == 0
    }

    /// Links the segment as the first of a list.
    pub(crate) fn link(self, list: &Cell<Option<Self>>) {
        let second = list.replace(Some(self));
        self.header().next.set(second);
        self.header().prev.set(None);
        if let Some(second) = second {
            second.header().prev.set(Some(self));
        }
    }

    /// Takes the segment out of its list.
    pub(crate) fn unlink(self, list: &Cell<Option<Self>>) {
        let (next, prev) = (self.header().next.get(), self.header().prev.get());
        if let Some(next) = next {
            next.header().prev.set(prev);
        }
        match prev {
            Some(prev) => prev.header().next.set(next),
            None => list.set(next),
        }
    }

    /// Whether it is the only one of its list.
    pub(crate) fn is_alone(self) -> bool {
        self.header().next.get().is_none() && self.header().prev.get().is_none()
    }
}
