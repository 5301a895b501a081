//! The stress of the published crate's benchmark: pairs of a free and an allocation, for ten ranges of
//! sizes and alignments of 4 to 32 bytes, in 70 KiB where the board has them.

use crate::{counter, Random, RAM_KIB};
use core::alloc::Layout;
use core::mem::MaybeUninit;
use core::ptr::NonNull;

/// The arena's bytes.
pub const ARENA: usize = if RAM_KIB > 128 {
    70 * 1024
} else if RAM_KIB > 32 {
    36 * 1024
} else {
    7 * 1024
};

/// The most blocks that live at the same time.
const MOST_BLOCKS: usize = if RAM_KIB > 32 { 256 } else { 64 };

/// The sizes are `least..least + width`.
const RANGES: [(usize, usize); 10] = [
    (1, 8),
    (1, 16),
    (1, 64),
    (1, 256),
    (16, 16),
    (16, 64),
    (16, 128),
    (64, 64),
    (64, 128),
    (128, 128),
];

/// The pairs that are measured for each range.
const PAIRS: usize = 2000;

/// A heap that is measured.
pub trait Heap {
    /// A heap in `arena`.
    fn new(arena: &'static mut [MaybeUninit<u8>]) -> Self;

    /// Allocates.
    fn allocate(&mut self, layout: Layout) -> Option<NonNull<u8>>;

    /// Frees.
    ///
    /// # Safety
    ///
    /// `block` is in use, and has this layout.
    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout);
}

/// The instructions of the pairs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Figures {
    /// Of all pairs together.
    pub sum: u64,
    /// The number of pairs.
    pub pairs: u32,
    /// Of the allocations at no more than 8 bytes, and their number.
    pub plain: (u64, u32),
    /// Of the allocations at 16 and 32 bytes, and their number.
    pub aligned: (u64, u32),
    /// Of the longest allocation.
    pub longest_allocation: u32,
    /// Of the longest free.
    pub longest_free: u32,
    /// The requests that were refused.
    pub refused: u32,
}

/// A live block.
#[derive(Clone, Copy)]
struct Slot(Option<NonNull<u8>>, Layout);

/// Measures a heap; `arena` is given to one heap after the other.
///
/// # Safety
///
/// The `ARENA` bytes at `arena` are nobody else's.
pub unsafe fn run<H: Heap>(arena: *mut u8) -> Figures {
    let mut figures = Figures::default();
    for range in RANGES {
        // SAFETY: the caller's promise.
        let memory = unsafe { core::slice::from_raw_parts_mut(arena.cast(), ARENA) };
        stress(&mut H::new(memory), range, &mut figures);
    }
    figures
}

fn layout(random: &mut Random, (least, width): (usize, usize)) -> Layout {
    let size = least + random.below(width);
    let align = 4 << random.below(4);
    Layout::from_size_align(size, align).expect("a power of two")
}

fn stress<H: Heap>(heap: &mut H, range: (usize, usize), figures: &mut Figures) {
    let mut random = Random::new(0x1234_5689);
    let count = MOST_BLOCKS.min(ARENA / (range.0 + range.1 + 8) / 2);
    let mut slots = [Slot(None, Layout::new::<()>()); MOST_BLOCKS];
    let slots = &mut slots[..count];
    for slot in slots.iter_mut() {
        let layout = layout(&mut random, range);
        *slot = Slot(allocate(heap, layout), layout);
    }
    let overhead = overhead();
    for pair in 0..PAIRS {
        let slot = &mut slots[pair % count];
        let next = layout(&mut random, range);
        let free = measure(|| free(heap, *slot)) - overhead;
        let mut block = None;
        let allocation = measure(|| block = allocate(heap, next)) - overhead;
        *slot = Slot(block, next);
        figures.sum += u64::from(free + allocation);
        figures.pairs += 1;
        let kind = if next.align() > 8 {
            &mut figures.aligned
        } else {
            &mut figures.plain
        };
        *kind = (kind.0 + u64::from(allocation), kind.1 + 1);
        figures.refused += u32::from(block.is_none());
        figures.longest_allocation = figures.longest_allocation.max(allocation);
        figures.longest_free = figures.longest_free.max(free);
    }
}

/// The instructions of `operation` and of the measuring.
#[inline]
pub(crate) fn measure(operation: impl FnOnce()) -> u32 {
    let before = counter::now();
    operation();
    counter::since(before, counter::now())
}

/// The instructions of measuring nothing.
pub(crate) fn overhead() -> u32 {
    measure(|| ())
}

#[inline(never)]
fn allocate<H: Heap>(heap: &mut H, layout: Layout) -> Option<NonNull<u8>> {
    heap.allocate(layout)
}

#[inline(never)]
fn free<H: Heap>(heap: &mut H, slot: Slot) {
    if let Slot(Some(block), layout) = slot {
        // SAFETY: the slot's block is in use, and has this layout.
        unsafe { heap.deallocate(block, layout) };
    }
}
