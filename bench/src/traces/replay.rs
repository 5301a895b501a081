//! The loop that replays a trace, compiled for each heap.

use core::alloc::Layout;
use core::hint::black_box;
use core::ptr;

use crate::heap::Heap;

/// One operation of a trace, on the block of a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    /// The slot is empty, and gets a block.
    Allocate { slot: u32, size: u32, align: u32 },
    /// Its block goes.
    Free { slot: u32 },
    /// Its block gets another size.
    Resize { slot: u32, size: u32 },
}

/// Where a live block is kept, or nothing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slot {
    payload: *mut u8,
    size: u32,
    align: u32,
}

impl Slot {
    /// Nothing.
    pub(crate) const EMPTY: Self = Self {
        payload: ptr::null_mut(),
        size: 0,
        align: 1,
    };

    /// The layout of the block that is kept.
    fn layout(&self) -> Layout {
        // SAFETY: size and alignment come from a trace, which knows no others.
        unsafe { Layout::from_size_align_unchecked(self.size as usize, self.align as usize) }
    }
}

/// Replays actions on a heap of the type `H`, and returns how many were done: all of them, or those
/// before the first request that was not met.
///
/// # Safety
/// `heap` points to an `H`, the blocks in `slots` are live blocks of it, and the actions keep the
/// rules of a [`Script`](super::script::Script).
pub(crate) unsafe fn run<H: Heap>(heap: *mut (), slots: &mut [Slot], actions: &[Action]) -> usize {
    // SAFETY: the caller's promise.
    let heap = unsafe { &mut *heap.cast::<H>() };
    for (done, action) in actions.iter().enumerate() {
        // SAFETY: the caller's promise.
        let met = unsafe { apply(heap, slots, action) };
        if !met {
            return done;
        }
    }
    actions.len()
}

/// # Safety
/// As [`run`].
#[inline]
unsafe fn apply<H: Heap>(heap: &mut H, slots: &mut [Slot], action: &Action) -> bool {
    match *action {
        Action::Allocate { slot, size, align } => {
            let slot = &mut slots[slot as usize];
            (slot.size, slot.align) = (size, align);
            // SAFETY: a script has no empty layout.
            slot.payload = unsafe { heap.allocate(slot.layout()) };
            touch(slot.payload)
        }
        Action::Free { slot } => {
            let slot = &slots[slot as usize];
            // SAFETY: a script frees live blocks only.
            unsafe { heap.deallocate(slot.payload, slot.layout()) };
            true
        }
        Action::Resize { slot, size } => {
            let slot = &mut slots[slot as usize];
            // SAFETY: a script resizes live blocks only, and to one byte at least.
            let payload = unsafe { heap.reallocate(slot.payload, slot.layout(), size as usize) };
            (slot.payload, slot.size) = (payload, size);
            touch(payload)
        }
    }
}

/// Writes a block's first byte, as its user would; false if there is none.
#[inline]
fn touch(payload: *mut u8) -> bool {
    let payload = black_box(payload);
    if payload.is_null() {
        return false;
    }
    // SAFETY: a block that was just returned has a first byte.
    unsafe { payload.write(1) };
    true
}
