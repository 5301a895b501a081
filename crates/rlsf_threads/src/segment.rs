//! Segments: 4 MiB of one heap.

use crate::heap::{Blocks, HeapRef};
use crate::places::{self, HEADERS, LINE, PLACES};
use core::cell::Cell;
use core::mem::size_of;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicUsize, Ordering};
use rlsf::{Misuse, Stride};

/// The distance of segments, and their alignment.
pub(crate) const STEP: usize = places::SEGMENT;

/// The bytes of a segment: the last word is a header of the supply's.
pub(crate) const BYTES: usize = STEP - size_of::<usize>();

/// The alignment of every block, two granules, as C's `malloc` has to give.
pub(crate) const STRIDE: Stride = Stride::new(16);

/// Where the pool lies in a segment, and its bytes. Segments are multiples of far more than the stride.
const POOL: (usize, usize) = match STRIDE.pool(HEADERS, BYTES - HEADERS) {
    Some((lead, len)) => (HEADERS + lead, len),
    None => panic!("a segment has room for a pool"),
};

/// The words of a set of places.
const WORDS: usize = PLACES / usize::BITS as usize;

/// What other threads read, in a cache line that seldom changes.
#[derive(Debug)]
#[repr(C, align(64))]
struct Shared {
    heap: HeapRef,
    /// Which places are slabs. Others read what is theirs to know: a block's own slab does not
    /// change while the block is in use.
    slabs: [AtomicUsize; WORDS],
}

/// What only the heap's own thread uses.
#[derive(Debug)]
#[repr(C, align(64))]
struct Own {
    /// Blocks of the `Tlsf` in use.
    used: Cell<usize>,
    next: Cell<Option<SegmentRef>>,
    prev: Cell<Option<SegmentRef>>,
}

/// A segment's header.
#[derive(Debug)]
#[repr(C)]
struct Segment {
    shared: Shared,
    own: Own,
}

const _: () = assert!(size_of::<Segment>() == 2 * LINE);

/// A segment.
///
/// **S1**: the address of a header in memory of [`BYTES`] bytes at a multiple of [`STEP`], which
/// the heap has taken from the supply. But for `shared`, only the heap's own thread uses it.
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
        let shared = Shared {
            heap,
            slabs: [const { AtomicUsize::new(0) }; WORDS],
        };
        let own = Own {
            used: Cell::new(0),
            next: Cell::new(None),
            prev: Cell::new(None),
        };
        // SAFETY: the caller's promise.
        unsafe { segment.write(Segment { shared, own }) };
        Self(segment)
    }

    /// The segment that a block lies in.
    ///
    /// # Safety
    ///
    /// It does lie in one.
    #[inline(always)]
    pub(crate) unsafe fn around(block: NonNull<u8>) -> Self {
        Self(places::segment_of(block).cast())
    }

    #[inline(always)]
    fn shared(&self) -> &Shared {
        // SAFETY: S1.
        unsafe { &(*self.0.as_ptr()).shared }
    }

    fn own(&self) -> &Own {
        // SAFETY: S1.
        unsafe { &(*self.0.as_ptr()).own }
    }

    /// The segment's memory.
    pub(crate) fn memory(self) -> NonNull<u8> {
        self.0.cast()
    }

    /// The part of the memory for a pool.
    pub(crate) fn pool(self) -> NonNull<[u8]> {
        let (place, len) = POOL;
        NonNull::slice_from_raw_parts(places::forth(self.memory(), place), len)
    }

    /// The bytes that the block in use at `ptr`, of any thread's, may use, as far as its header can tell.
    pub(crate) fn examine_shared(self, ptr: NonNull<u8>) -> Result<usize, Misuse> {
        // SAFETY: the segment's only pool, which stays as long as a block in it is in use.
        unsafe { Blocks::examine_shared(ptr, STRIDE.bytes(), self.pool()) }
    }

    /// The heap that the segment belongs to.
    #[inline(always)]
    pub(crate) fn heap(self) -> HeapRef {
        self.shared().heap
    }

    /// Whether a block lies in a slab.
    #[inline(always)]
    pub(crate) fn is_slab(self, block: NonNull<u8>) -> bool {
        let (word, bit) = self.place(block);
        word.load(Ordering::Relaxed) & bit != 0
    }

    /// Notes whether a slab begins at a block. Only the heap's own thread calls.
    pub(crate) fn set_slab(self, block: NonNull<u8>, is_slab: bool) {
        let (word, bit) = self.place(block);
        let others = word.load(Ordering::Relaxed) & !bit;
        word.store(others | if is_slab { bit } else { 0 }, Ordering::Relaxed);
    }

    /// The word and the bit of a block's place.
    #[inline(always)]
    fn place(&self, block: NonNull<u8>) -> (&AtomicUsize, usize) {
        const BITS: usize = usize::BITS as usize;
        let number = places::number_of(block);
        (&self.shared().slabs[number / BITS], 1 << (number % BITS))
    }

    /// Counts a block that is in use from now on.
    pub(crate) fn on_allocate(self) {
        let used = &self.own().used;
        used.set(used.get() + 1);
    }

    /// Counts a block that is freed; whether none is in use any more.
    pub(crate) fn on_free(self) -> bool {
        let used = &self.own().used;
        used.set(used.get() - 1);
        used.get() == 0
    }

    /// How many blocks are in use.
    pub(crate) fn used(self) -> usize {
        self.own().used.get()
    }

    /// How many places are slabs.
    pub(crate) fn slabs(self) -> usize {
        let words = self.shared().slabs.iter();
        let counts = words.map(|word| word.load(Ordering::Relaxed).count_ones() as usize);
        counts.sum()
    }

    /// The next one of its list.
    pub(crate) fn next(self) -> Option<Self> {
        self.own().next.get()
    }

    /// Whether no block is in use.
    pub(crate) fn is_idle(self) -> bool {
        self.own().used.get() == 0
    }

    /// Links the segment as the first of a list.
    pub(crate) fn link(self, list: &Cell<Option<Self>>) {
        let second = list.replace(Some(self));
        self.own().next.set(second);
        self.own().prev.set(None);
        if let Some(second) = second {
            second.own().prev.set(Some(self));
        }
    }

    /// Takes the segment out of its list.
    pub(crate) fn unlink(self, list: &Cell<Option<Self>>) {
        let (next, prev) = (self.own().next.get(), self.own().prev.get());
        if let Some(next) = next {
            next.own().prev.set(prev);
        }
        match prev {
            Some(prev) => prev.own().next.set(next),
            None => list.set(next),
        }
    }
}
