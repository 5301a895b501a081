//! Loads: a buffer that grows a page a step, and random actions, with and without a look at the blocks.

use crate::{alloc, dealloc, realloc};
use core::arch::wasm32::memory_size;

/// A block.
#[derive(Clone, Copy)]
struct Slot {
    ptr: *mut u8,
    size: usize,
}

const EMPTY: Slot = Slot {
    ptr: core::ptr::null_mut(),
    size: 0,
};

/// A buffer that grows by a page in each of 120 steps: a new one is allocated, then the old one freed. Returns
/// the pages of the memory at the end; 0 if it ran out.
#[no_mangle]
pub extern "C" fn ratchet() -> usize {
    const PAGE: usize = 65536;
    let mut old = EMPTY;
    for step in 1..=120 {
        let size = step * PAGE;
        // SAFETY: a layout.
        let ptr = unsafe { alloc(size, 8) };
        if ptr.is_null() {
            return 0;
        }
        // SAFETY: the block's last byte.
        unsafe { ptr.wrapping_add(size - 1).write(1) };
        if old.size > 0 {
            // SAFETY: the block is in use.
            unsafe { dealloc(old.ptr, old.size, 8) };
        }
        old = Slot { ptr, size };
    }
    memory_size::<0>()
}

/// The most blocks that live at the same time.
const SLOTS: usize = 300;

/// G. Marsaglia's xorshift of 32 bits.
pub(crate) struct Random(pub(crate) u32);

impl Random {
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0 as usize % end
    }
}

/// `count` random actions with sizes up to `largest`: half of them free or resize a block, half allocate one.
/// Returns the number of those that were refused.
#[no_mangle]
pub extern "C" fn actions(count: u32, largest: usize, seed: u32) -> u32 {
    let mut random = Random(seed | 1);
    let mut slots = [EMPTY; SLOTS];
    let (mut live, mut refused) = (0, 0);
    for _ in 0..count {
        let action = random.below(4);
        if live < SLOTS && (action < 2 || live == 0) {
            let size = 1 + random.below(largest);
            // SAFETY: a layout.
            let ptr = unsafe { alloc(size, 8) };
            if ptr.is_null() {
                refused += 1;
            } else {
                slots[live] = Slot { ptr, size };
                live += 1;
            }
            continue;
        }
        let at = random.below(live);
        let Slot { ptr, size } = slots[at];
        if action.is_multiple_of(2) {
            // SAFETY: the block is in use.
            unsafe { dealloc(ptr, size, 8) };
            live -= 1;
            slots[at] = slots[live];
            continue;
        }
        let new = 1 + random.below(largest);
        // SAFETY: the block is in use.
        let moved = unsafe { realloc(ptr, size, 8, new) };
        if moved.is_null() {
            refused += 1;
        } else {
            slots[at] = Slot {
                ptr: moved,
                size: new,
            };
        }
    }
    for slot in &slots[..live] {
        // SAFETY: the block is in use.
        unsafe { dealloc(slot.ptr, slot.size, 8) };
    }
    refused
}

/// Random actions on blocks that are written all over. Returns how many were misaligned or refused, or were
/// changed when they were looked at again.
#[no_mangle]
pub extern "C" fn check(seed: u32) -> u32 {
    let mut random = Random(seed | 1);
    let mut slots = [EMPTY; SLOTS];
    let mut faults = 0;
    for _ in 0..20_000 {
        let at = random.below(SLOTS);
        let Slot { ptr, size } = slots[at];
        #[allow(clippy::cast_possible_truncation)] // any byte that differs from block to block
        let written = at as u8;
        if size == 0 {
            let size = 1 + random.below(2000);
            // SAFETY: a layout.
            let ptr = unsafe { alloc(size, 8) };
            if ptr.is_null() || !(ptr as usize).is_multiple_of(8) {
                return faults + 1;
            }
            // SAFETY: the block is in use, and has so many bytes.
            unsafe { ptr.write_bytes(written, size) };
            slots[at] = Slot { ptr, size };
            continue;
        }
        // SAFETY: the block is in use, and was written.
        let bytes = unsafe { core::slice::from_raw_parts(ptr, size) };
        faults += u32::from(bytes.iter().any(|&byte| byte != written));
        // SAFETY: the block is in use.
        unsafe { dealloc(ptr, size, 8) };
        slots[at] = EMPTY;
    }
    faults
}
