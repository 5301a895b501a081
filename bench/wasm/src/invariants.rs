//! Every invariant of our heap, after each of many actions: what no other machine's tests see, as headers,
//! links and the list of pools lie otherwise in WebAssembly.

use crate::load::Random;
use crate::{alloc, dealloc, realloc, HEAP};
use core::alloc::Layout;
use core::arch::wasm32::memory_grow;
use core::mem::MaybeUninit;
use core::ptr::NonNull;
use rlsf::Tlsf;

/// The most blocks that live at the same time.
const SLOTS: usize = 60;

/// A block in use that was filled.
#[derive(Clone, Copy)]
struct Slot {
    ptr: *mut u8,
    size: usize,
    align: usize,
    fill: u8,
}

const EMPTY: Slot = Slot {
    ptr: core::ptr::null_mut(),
    size: 0,
    align: 1,
    fill: 0,
};

impl Slot {
    /// Fills the block; whether it is one, and lies as it was asked to.
    fn fill(&self) -> bool {
        if self.ptr.is_null() || !(self.ptr as usize).is_multiple_of(self.align) {
            return false;
        }
        // SAFETY: the block is in use, and has so many bytes.
        unsafe { self.ptr.write_bytes(self.fill, self.size) };
        true
    }

    fn is_whole(&self, size: usize) -> bool {
        // SAFETY: the block is in use, and was filled.
        let bytes = unsafe { core::slice::from_raw_parts(self.ptr, size) };
        bytes.iter().all(|&byte| byte == self.fill)
    }
}

/// Random actions with alignments up to 4096, while somebody else grows the memory now and then. Returns the
/// number of the first action after which something is wrong; 0 if nothing ever is.
#[no_mangle]
pub extern "C" fn invariants(count: u32, seed: u32) -> u32 {
    let mut random = Random(seed | 1);
    let mut slots = [EMPTY; SLOTS];
    for action in 1..=count {
        if action % 500 == 0 {
            memory_grow::<0>(1);
        }
        let at = random.below(SLOTS);
        if !act(&mut slots[at], &mut random, at) || HEAP.validate().is_err() {
            return action;
        }
    }
    for slot in slots.iter().filter(|slot| slot.size != 0) {
        // SAFETY: the block is in use.
        unsafe { dealloc(slot.ptr, slot.size, slot.align) };
    }
    let mut used = 0;
    HEAP.for_each_block(&mut |block| used += u32::from(block.is_occupied()));
    if used == 0 {
        0
    } else {
        count + 1
    }
}

/// Allocates, frees or resizes a block; whether all is well with it.
fn act(slot: &mut Slot, random: &mut Random, at: usize) -> bool {
    if slot.size == 0 {
        let (size, align) = (1 + random.below(3000), 1 << random.below(13));
        #[allow(clippy::cast_possible_truncation)] // any byte that differs from block to block
        let fill = at as u8 | 1;
        // SAFETY: a layout.
        let ptr = unsafe { alloc(size, align) };
        *slot = Slot {
            ptr,
            size,
            align,
            fill,
        };
        return slot.fill();
    }
    if !slot.is_whole(slot.size) {
        return false;
    }
    if random.below(3) != 0 {
        // SAFETY: the block is in use.
        unsafe { dealloc(slot.ptr, slot.size, slot.align) };
        *slot = EMPTY;
        return true;
    }
    let size = 1 + random.below(4000);
    // SAFETY: the block is in use.
    slot.ptr = unsafe { realloc(slot.ptr, slot.size, slot.align, size) };
    let kept = slot.size.min(size);
    slot.size = size;
    !slot.ptr.is_null() && slot.is_whole(kept) && slot.fill()
}

/// Pools that come, grow and go in any order: a list that leads one way here. Returns the number of the first
/// step after which something is wrong; 0 if nothing ever is.
#[no_mangle]
pub extern "C" fn pools() -> u32 {
    let mut memory = [MaybeUninit::<u64>::uninit(); 1200];
    let mut parts = memory.chunks_mut(400);
    let (Some(one), Some(two), Some(three)) = (parts.next(), parts.next(), parts.next()) else {
        return 1;
    };
    let mut heap: Tlsf<'_, u16, u16, 12, 16> = Tlsf::new();
    let regions = [one, two, three]
        .map(|part| NonNull::slice_from_raw_parts(NonNull::from(part).cast::<u8>(), 3200));
    let mut ends = [0; 3];
    for ((step, region), end) in (2..).zip(regions).zip(&mut ends) {
        // Half of it, so that the pool can grow into the rest.
        let half = NonNull::slice_from_raw_parts(region.cast::<u8>(), 1600);
        // SAFETY: nobody else uses it.
        let inserted = unsafe { heap.insert_free_block_ptr(half) };
        *end = inserted.map_or(0, usize::from);
        if *end == 0 || heap.validate().is_err() {
            return step;
        }
    }
    // The one in the middle of the list, the first and the last.
    for (step, at) in (5..).zip([1, 2, 0]) {
        let Some(end) = NonNull::new(regions[at].as_ptr().cast::<u8>().wrapping_add(ends[at]))
        else {
            return step;
        };
        let rest = NonNull::slice_from_raw_parts(end, 3200 - ends[at]);
        // SAFETY: it begins where that pool ends, and nobody else uses it.
        unsafe { heap.append_free_block_ptr(rest) };
        if heap.validate().is_err() || heap.pools().count() != 3 {
            return step;
        }
    }
    let Some(block) = heap.allocate(Layout::new::<[u64; 50]>()) else {
        return 8;
    };
    // SAFETY: the block is in use.
    unsafe { heap.deallocate(block, 8) };
    for (step, at) in (9..).zip([1, 2, 0]) {
        // SAFETY: the pool was given as a part of this region.
        let removed = unsafe { heap.remove_pool(regions[at]) };
        if removed.is_err() || heap.validate().is_err() {
            return step;
        }
    }
    let left = heap.pools().count();
    u32::from(left != 0)
}
