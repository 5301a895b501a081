//! The operations of the timed mixes and the loop that runs them, compiled for each heap.

use core::alloc::Layout;
use core::hint::black_box;
use core::ptr;

use crate::heap::Heap;

/// One step of a timed mix: the block of a slot goes and another one comes, or it is given another
/// size.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Exchange {
    pub(crate) slot: u32,
    pub(crate) size: u32,
    pub(crate) align: u16,
    pub(crate) resize: bool,
}

/// Where a live block is kept, or nothing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slot {
    payload: *mut u8,
    size: u32,
    align: u16,
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
        // SAFETY: size and alignment come from a layout that a mix drew.
        unsafe { Layout::from_size_align_unchecked(self.size as usize, usize::from(self.align)) }
    }
}

/// Runs `exchanges` on a heap of the type `H` and returns how many requests it did not meet.
///
/// # Safety
/// `heap` points to an `H`, and the blocks in `slots` are live blocks of it.
pub(crate) unsafe fn run<H: Heap>(
    heap: *mut (),
    slots: &mut [Slot],
    exchanges: &[Exchange],
) -> usize {
    // SAFETY: the caller's promise.
    let heap = unsafe { &mut *heap.cast::<H>() };
    let mut failures = 0;
    for exchange in exchanges {
        let slot = &mut slots[exchange.slot as usize];
        // SAFETY: the caller's promise.
        let met = unsafe { apply(heap, slot, exchange) };
        failures += usize::from(!met);
    }
    failures
}

/// # Safety
/// The block in `slot` is a live block of `heap`.
#[inline]
unsafe fn apply<H: Heap>(heap: &mut H, slot: &mut Slot, exchange: &Exchange) -> bool {
    if exchange.resize && !slot.payload.is_null() {
        // SAFETY: the caller's promise.
        unsafe { resize(heap, slot, exchange.size) }
    } else {
        // SAFETY: the caller's promise.
        unsafe { replace(heap, slot, exchange) }
    }
}

/// # Safety
/// The block in `slot` is a live block of `heap`.
#[inline]
unsafe fn replace<H: Heap>(heap: &mut H, slot: &mut Slot, exchange: &Exchange) -> bool {
    if !slot.payload.is_null() {
        // SAFETY: the caller's promise.
        unsafe { heap.deallocate(slot.payload, slot.layout()) };
    }
    *slot = Slot {
        payload: ptr::null_mut(),
        size: exchange.size,
        align: exchange.align,
    };
    // SAFETY: a mix draws no empty layout.
    let payload = unsafe { heap.allocate(slot.layout()) };
    slot.payload = payload;
    touch(payload)
}

/// # Safety
/// The block in `slot` is a live block of `heap`.
#[inline]
unsafe fn resize<H: Heap>(heap: &mut H, slot: &mut Slot, size: u32) -> bool {
    // SAFETY: the caller's promise; a mix draws no empty layout.
    let payload = unsafe { heap.reallocate(slot.payload, slot.layout(), size as usize) };
    if !payload.is_null() {
        (slot.payload, slot.size) = (payload, size);
    }
    touch(payload)
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
