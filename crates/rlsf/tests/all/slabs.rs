//! `SlabTlsf`: small blocks without a header.

#![allow(clippy::incompatible_msrv)] // only the crate itself supports old compilers

use core::alloc::{GlobalAlloc, Layout};
use core::mem::{size_of, MaybeUninit};
use core::ptr::NonNull;
use rlsf::{Locked, NoLock, SlabTlsf, Violation};

type Heap<'pool, const SLAB: usize> = SlabTlsf<'pool, u16, u16, 12, 16, SLAB>;

fn memory(len: usize) -> Vec<MaybeUninit<u8>> {
    vec![MaybeUninit::uninit(); len]
}

fn heap_over<const SLAB: usize>(memory: &mut [MaybeUninit<u8>]) -> Heap<'_, SLAB> {
    let mut heap = Heap::new();
    let _ = heap.insert_free_block(memory);
    heap
}

/// The halves of a word of a block or a slab's header.
#[allow(clippy::cast_ptr_alignment)] // blocks are multiples of four bytes
fn short(address: *mut u8) -> *mut u16 {
    address.cast()
}

fn layout(size: usize, align: usize) -> Layout {
    Layout::from_size_align(size, align).unwrap()
}

fn used_blocks<const SLAB: usize>(heap: &Heap<'_, SLAB>) -> usize {
    let used = heap.heap().blocks().filter(rlsf::BlockInfo::is_occupied);
    used.count()
}

/// A block with the bytes that it was filled with.
struct Live {
    place: NonNull<u8>,
    layout: Layout,
    fill: u8,
}

impl Live {
    fn write(&self) {
        let (place, bytes) = (self.place.as_ptr(), self.layout.size());
        // SAFETY: a live block of that size.
        unsafe { place.write_bytes(self.fill, bytes) };
    }

    fn holds(&self, len: usize) -> bool {
        // SAFETY: the block has been written.
        let bytes = unsafe { core::slice::from_raw_parts(self.place.as_ptr(), len) };
        bytes.iter().all(|&byte| byte == self.fill)
    }
}

/// A heap and what is live in it.
struct Scene<'pool, const SLAB: usize> {
    heap: Heap<'pool, SLAB>,
    live: Vec<Live>,
    failed: usize,
}

impl<const SLAB: usize> Scene<'_, SLAB> {
    fn allocate(&mut self, layout: Layout, fill: u8) {
        let Some(place) = self.heap.allocate(layout) else {
            self.failed += 1;
            return;
        };
        assert_eq!(place.as_ptr() as usize % layout.align(), 0);
        self.live.push(Live {
            place,
            layout,
            fill,
        });
        self.live.last().unwrap().write();
    }

    fn deallocate(&mut self, index: usize) {
        let block = self.live.swap_remove(index);
        assert!(block.holds(block.layout.size()));
        // SAFETY: a live block.
        unsafe { self.heap.deallocate(block.place, block.layout) };
    }

    fn reallocate(&mut self, index: usize, size: usize, align: usize) {
        let block = &mut self.live[index];
        let new = layout(size, block.layout.align().min(align));
        // SAFETY: a live block; the alignment is no stronger.
        let moved = unsafe { self.heap.reallocate(block.place, block.layout, new) };
        let Some(place) = moved else {
            self.failed += 1;
            assert!(block.holds(block.layout.size()));
            return;
        };
        let kept = size.min(block.layout.size());
        (block.place, block.layout) = (place, new);
        assert!(block.holds(kept) && place.as_ptr() as usize % new.align() == 0);
        block.write();
    }
}

/// Random operations on a heap that is often full, with contents and invariants checked.
fn random_operations<const SLAB: usize>(pool: usize, largest: usize, seed: u64) {
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut memory = memory(pool);
    let heap = heap_over::<SLAB>(&mut memory);
    let (live, failed) = (Vec::new(), 0);
    let mut scene = Scene { heap, live, failed };
    for step in 0..4000 {
        let align = 1 << rng.u32(0..8);
        let largest = if rng.bool() { 70 } else { largest };
        let size = rng.usize(0..=largest);
        match (rng.u32(0..10), scene.live.len()) {
            (0..=4, _) | (_, 0) => scene.allocate(layout(size, align), rng.u8(..)),
            (5..=7, live) => scene.deallocate(rng.usize(0..live)),
            (_, live) => scene.reallocate(rng.usize(0..live), size, align),
        }
        if step % 7 == 0 {
            assert_eq!(scene.heap.validate(), Ok(()));
        }
    }
    assert!(scene.failed > 0, "the heap was never full");
    while !scene.live.is_empty() {
        scene.deallocate(0);
    }
    assert_eq!(scene.heap.validate(), Ok(()));
    assert!(used_blocks(&scene.heap) <= 1, "one slab may be kept");
}

#[test]
fn random_operations_keep_contents_and_invariants() {
    for seed in 0..8 {
        random_operations::<256>(6 << 10, 300, seed);
        random_operations::<1024>(20 << 10, 900, seed);
        random_operations::<4096>(40 << 10, 200, seed);
        random_operations::<32768>(100 << 10, 2000, seed);
    }
}

/// How many blocks of a layout a slab holds: as many as its bytes, less its header and the
/// next block's, have room for.
fn blocks_of_a_slab(slab: usize, bytes: usize) -> usize {
    let align = bytes & bytes.wrapping_neg();
    let header = 2 * size_of::<usize>() + 8;
    (slab - size_of::<usize>() - header.next_multiple_of(align)) / bytes
}

#[test]
fn a_slab_is_filled_to_the_last_block() {
    for size in 1..=64_usize {
        let mut memory = memory(64 << 10);
        let mut heap = heap_over::<1024>(&mut memory);
        let expected = blocks_of_a_slab(1024, size.next_multiple_of(4));
        for _ in 0..expected {
            heap.allocate(layout(size, 1)).unwrap();
        }
        assert_eq!(used_blocks(&heap), 1, "{size}");
        heap.allocate(layout(size, 1)).unwrap();
        assert_eq!(used_blocks(&heap), 2, "{size}");
        assert_eq!(heap.validate(), Ok(()));
    }
}

#[test]
fn slabs_lie_side_by_side() {
    let mut memory = memory(64 << 10);
    let mut heap = heap_over::<1024>(&mut memory);
    while heap.allocate(layout(8, 8)).is_some() {}
    let used = heap.heap().blocks().filter(rlsf::BlockInfo::is_occupied);
    assert!(used.count() >= 62, "of 64 that no heap could have");
}

#[test]
fn what_is_freed_is_what_is_allocated_next() {
    let mut memory = memory(8 << 10);
    let mut heap = heap_over::<1024>(&mut memory);
    let of = layout(24, 8);
    let blocks: Vec<_> = (0..9).map(|_| heap.allocate(of).unwrap()).collect();
    for block in [blocks[3], blocks[7], blocks[0]] {
        // SAFETY: a live block.
        unsafe { heap.deallocate(block, of) };
    }
    for block in [blocks[0], blocks[7], blocks[3]] {
        assert_eq!(heap.allocate(of), Some(block));
    }
}

#[test]
fn one_free_slab_is_kept_until_a_large_request_needs_it() {
    let mut memory = memory(6 << 10);
    let mut heap = heap_over::<1024>(&mut memory);
    let all = heap.largest_allocatable();
    let of = layout(40, 8);
    let blocks: Vec<_> = (0..60).map(|_| heap.allocate(of).unwrap()).collect();
    assert_eq!(used_blocks(&heap), 3);
    for block in blocks {
        // SAFETY: a live block.
        unsafe { heap.deallocate(block, of) };
    }
    assert_eq!(used_blocks(&heap), 1);
    assert_eq!(heap.validate(), Ok(()));
    let whole = layout(all, 8);
    let block = heap.allocate(whole).unwrap();
    // SAFETY: a live block.
    unsafe { heap.deallocate(block, whole) };
    assert_eq!(used_blocks(&heap), 0);
}

#[test]
fn where_no_slab_is_left_a_larger_place_serves() {
    let mut memory = memory(2 << 10);
    let mut heap = heap_over::<256>(&mut memory);
    let large = layout(64, 8);
    let kept = heap.allocate(large).unwrap();
    while heap.allocate(layout(65, 8)).is_some() {}
    let before = used_blocks(&heap);
    assert_eq!(heap.largest_allocatable(), 64);
    let small = layout(10, 1);
    let block = heap.allocate(small).unwrap();
    assert_eq!(used_blocks(&heap), before);
    assert_eq!(block.as_ptr() as usize - kept.as_ptr() as usize, 64);
    assert_eq!(heap.allocate(small), None);
    assert_eq!(heap.largest_allocatable(), 0);
    // SAFETY: a live block.
    unsafe { heap.deallocate(block, small) };
    assert_eq!(heap.allocate(small), Some(block));
    assert_eq!(heap.validate(), Ok(()));
}

#[test]
fn a_full_heap_refuses_and_stays_whole() {
    let mut memory = memory(2 << 10);
    let mut heap = heap_over::<512>(&mut memory);
    let small = layout(16, 8);
    let blocks: Vec<_> = core::iter::from_fn(|| heap.allocate(small)).collect();
    let first = blocks[0];
    // SAFETY: a live block.
    let grown = unsafe { heap.reallocate(first, small, layout(5000, 8)) };
    assert_eq!(grown, None);
    assert_eq!(heap.validate(), Ok(()));
    for block in blocks {
        // SAFETY: a live block.
        unsafe { heap.deallocate(block, small) };
    }
    assert_eq!(heap.validate(), Ok(()));
}

#[test]
fn a_small_block_keeps_its_place_as_long_as_it_fits() {
    let mut memory = memory(8 << 10);
    let mut heap = heap_over::<1024>(&mut memory);
    let mut now = layout(48, 16);
    let block = heap.allocate(now).unwrap();
    for new in [layout(3, 16), layout(48, 16), layout(41, 8), layout(0, 1)] {
        // SAFETY: a live block.
        assert_eq!(unsafe { heap.reallocate(block, now, new) }, Some(block));
        now = new;
    }
    // SAFETY: a live block.
    let moved = unsafe { heap.reallocate(block, now, layout(49, 1)) };
    assert!(moved.is_some() && moved != Some(block));
}

#[test]
fn a_block_that_shrinks_to_a_small_one_is_moved_to_a_slab() {
    let mut memory = memory(8 << 10);
    let mut heap = heap_over::<1024>(&mut memory);
    // Strongly aligned, it is the heap's in any size.
    for (old, new) in [
        (layout(65, 8), layout(64, 8)),
        (layout(10, 128), layout(10, 8)),
    ] {
        let block = heap.allocate(old).unwrap();
        // SAFETY: a live block.
        let moved = unsafe { heap.reallocate(block, old, new) }.unwrap();
        assert_ne!(moved, block);
        // SAFETY: a live block.
        unsafe { heap.deallocate(moved, new) };
        assert_eq!(heap.validate(), Ok(()));
    }
}

#[test]
fn pools_are_given_lengthened_and_taken_back() {
    let mut memory = memory(12 << 10);
    let start = memory.as_mut_ptr().cast::<u8>();
    let region = |from: usize, len| {
        let first = start.wrapping_add(from);
        NonNull::new(core::ptr::slice_from_raw_parts_mut(first, len)).unwrap()
    };
    let mut heap: Heap<'_, 256> = Heap::new();
    // SAFETY: the memory outlives the heap, and nobody else uses it.
    let used = unsafe { heap.insert_free_block_ptr(region(0, 4096)) };
    let used = used.unwrap().get();
    assert!((4000..=4096).contains(&used));
    let before = heap.largest_allocatable();
    // SAFETY: the same, and it begins where the pool ends.
    let more = unsafe { heap.append_free_block_ptr(region(used, 4096)) };
    assert!((4000..=4096).contains(&more));
    assert!(heap.largest_allocatable() >= before + 4000);
    let block = heap.allocate(layout(20, 4)).unwrap();
    let pool = region(0, used + more);
    // SAFETY: a pool of this heap.
    let removed = unsafe { heap.remove_pool(pool) };
    assert!(removed.is_err(), "a block is in use");
    // SAFETY: a live block.
    unsafe { heap.deallocate(block, layout(20, 4)) };
    // SAFETY: a pool of this heap, of which the spare slab is given back, too.
    assert_eq!(unsafe { heap.remove_pool(pool) }, Ok(()));
    assert_eq!(heap.largest_allocatable(), 0);
    assert_eq!(heap.validate(), Ok(()));
}

#[test]
fn collections_live_in_a_locked_one() {
    let memory = Box::leak(memory(64 << 10).into_boxed_slice());
    let heap: Locked<NoLock, SlabTlsf<'static, u16, u16, 12, 16, 256>> = Locked::new();
    assert_eq!(heap.largest_allocatable(), 0);
    heap.init(memory).unwrap();
    let mut now = layout(1, 1);
    // SAFETY: the size is not zero.
    let mut block = unsafe { heap.alloc(now) };
    let mut moves = 0;
    for size in (1..400).chain((1..400).rev()) {
        // SAFETY: a live block's bytes.
        unsafe { block.write_bytes(u8::try_from(size % 251).unwrap(), now.size()) };
        // SAFETY: a live block.
        let resized = unsafe { heap.realloc(block, now, size) };
        assert!(!resized.is_null());
        moves += usize::from(resized != block);
        block = resized;
        let kept = now.size().min(size);
        // SAFETY: a live block's bytes.
        let bytes = unsafe { core::slice::from_raw_parts(block, kept) };
        assert!(bytes.iter().all(|&byte| usize::from(byte) == size % 251));
        now = layout(size, 1);
        assert_eq!(heap.validate(), Ok(()));
    }
    // Up from class to class, of 4 bytes each up to 64, and to a larger block, which stays.
    assert!((17..=20).contains(&moves), "{moves} moves");
    // SAFETY: a live block.
    unsafe { heap.dealloc(block, now) };
    assert_eq!(heap.validate(), Ok(()));
}

#[test]
fn a_full_locked_one_moves_a_block_down_but_makes_no_small_one_of_it() {
    let memory = Box::leak(memory(8 << 10).into_boxed_slice());
    let heap: Locked<NoLock, SlabTlsf<'static, u16, u16, 12, 16, 256>> = Locked::new();
    heap.init(memory).unwrap();
    let take = |size, fill| {
        // SAFETY: the size is not zero.
        let block = unsafe { heap.alloc(layout(size, 8)) };
        assert!(!block.is_null());
        // SAFETY: a live block's bytes.
        unsafe { block.write_bytes(fill, size) };
        block
    };
    let all = heap.largest_allocatable();
    let (front, block) = (take(1000, 1), take(600, 2));
    let mut rest = vec![];
    while heap.largest_allocatable() > 64 {
        let size = heap.largest_allocatable();
        rest.push((take(size, 3), size));
    }
    // SAFETY: a live block.
    unsafe { heap.dealloc(front, layout(1000, 8)) };
    // SAFETY: a live block.
    let moved = unsafe { heap.realloc(block, layout(600, 8), 1500) };
    assert_eq!(moved, front);
    while heap.largest_allocatable() > 64 {
        let size = heap.largest_allocatable();
        rest.push((take(size, 3), size));
    }
    // There is no room for a slab, and a block that is in none is no small one.
    // SAFETY: a live block.
    let shrunk = unsafe { heap.realloc(moved, layout(1500, 8), 20) };
    assert!(shrunk.is_null());
    // SAFETY: a live block's bytes.
    let bytes = unsafe { core::slice::from_raw_parts(moved, 600) };
    assert!(bytes.iter().all(|&byte| byte == 2));
    rest.push((moved, 1500));
    for (block, size) in rest {
        // SAFETY: a live block.
        unsafe { heap.dealloc(block, layout(size, 8)) };
        assert_eq!(heap.validate(), Ok(()));
    }
    assert_eq!(heap.largest_allocatable(), all);
}

#[test]
fn a_locked_one_is_given_memory_once_and_has_figures() {
    let heap: Locked<NoLock, SlabTlsf<'static, u16, u16, 12, 16, 256>> = Locked::new();
    let leaked = || Box::leak(memory(16 << 10).into_boxed_slice());
    heap.init(leaked()).unwrap();
    assert!(heap.largest_allocatable() > 16_000);
    assert_eq!(heap.init(leaked()), Err(rlsf::InitError::Twice));
    #[cfg(feature = "stats")]
    {
        assert!(heap.statistics().free_bytes > 16_000);
        assert_eq!(heap.statistics().live_blocks, 0);
    }
}

#[test]
fn damage_to_a_slab_is_a_violation() {
    // The header's figures: the first freed block, the first fresh one, the number in use.
    let figures = 2 * size_of::<usize>();
    for (offset, value) in [
        (0, 1),
        (0, 4000),
        (2, 0),
        (2, 5000),
        (4, 0),
        (4, 3),
        (4, 99),
        (6, 0),
        (6, 99),
    ] {
        let mut memory = memory(16 << 10);
        let mut heap = heap_over::<4096>(&mut memory);
        let of = layout(24, 8);
        let blocks: Vec<_> = (0..5).map(|_| heap.allocate(of).unwrap()).collect();
        // SAFETY: a live block.
        unsafe { heap.deallocate(blocks[1], of) };
        assert_eq!(heap.validate(), Ok(()));
        let into = blocks[0].as_ptr() as usize % 4096;
        let header = blocks[0]
            .as_ptr()
            .wrapping_sub(into)
            .wrapping_add(figures + offset);
        // SAFETY: two bytes of the slab's header.
        unsafe { short(header).write(value) };
        let found = heap.validate();
        assert!(
            matches!(found, Err(Violation::Slab { .. })),
            "{offset} {value} {found:?}"
        );
    }
}

#[test]
fn damage_to_the_slab_that_is_kept_without_a_block_is_a_violation() {
    let mut memory = memory(16 << 10);
    let mut heap = heap_over::<4096>(&mut memory);
    let of = layout(24, 8);
    let block = heap.allocate(of).unwrap();
    // SAFETY: a live block.
    unsafe { heap.deallocate(block, of) };
    assert_eq!((used_blocks(&heap), heap.validate()), (1, Ok(())));
    let into = block.as_ptr() as usize % 4096;
    let fresh = 2 * size_of::<usize>() + 2;
    let place = block.as_ptr().wrapping_sub(into).wrapping_add(fresh);
    // SAFETY: two bytes of the slab's header.
    unsafe { short(place).write(5000) };
    assert!(matches!(heap.validate(), Err(Violation::Slab { .. })));
}

/// A heap with two full slabs and an open one, and the addresses of the three.
fn with_three_slabs(memory: &mut [MaybeUninit<u8>]) -> (Heap<'_, 256>, Vec<*mut u8>) {
    let mut heap = heap_over::<256>(memory);
    let of = layout(24, 8);
    let in_two = 2 * blocks_of_a_slab(256, 24);
    let blocks = (0..=in_two).map(|_| heap.allocate(of).unwrap().as_ptr());
    let mut slabs: Vec<_> = blocks
        .map(|block| block.wrapping_sub(block as usize % 256))
        .collect();
    slabs.dedup();
    assert_eq!((slabs.len(), used_blocks(&heap)), (3, 3));
    assert_eq!(heap.validate(), Ok(()));
    (heap, slabs)
}

#[test]
fn damage_to_any_slab_of_a_list_is_a_violation() {
    let mut memory = memory(4 << 10);
    let (heap, slabs) = with_three_slabs(&mut memory);
    for slab in slabs {
        let used = short(slab.wrapping_add(2 * size_of::<usize>() + 4));
        // SAFETY: two bytes of the slab's header.
        let right = unsafe { used.replace(99) };
        assert!(matches!(heap.validate(), Err(Violation::Slab { .. })));
        // SAFETY: the same.
        unsafe { used.write(right) };
    }
    assert_eq!(heap.validate(), Ok(()));
}

#[test]
#[allow(clippy::cast_ptr_alignment)] // the second word of a slab
fn a_slab_that_does_not_lead_back_in_its_list_is_a_violation() {
    let mut memory = memory(4 << 10);
    let (heap, slabs) = with_three_slabs(&mut memory);
    for slab in slabs {
        let back = slab.wrapping_add(size_of::<usize>()).cast::<*mut u8>();
        // SAFETY: a word of the slab's header.
        let right = unsafe { back.replace(slab) };
        assert!(matches!(heap.validate(), Err(Violation::Slab { .. })));
        // SAFETY: the same.
        unsafe { back.write(right) };
    }
    assert_eq!(heap.validate(), Ok(()));
}

#[test]
#[allow(clippy::cast_ptr_alignment)] // the first words of a slab
fn a_slab_of_another_heap_in_a_list_is_a_violation() {
    let (mut memory, mut elsewhere) = (memory(4 << 10), memory(4 << 10));
    let (heap, slabs) = with_three_slabs(&mut memory);
    let (other, foreign) = with_three_slabs(&mut elsewhere);
    let next = slabs[2].cast::<*mut u8>();
    let back = foreign[2]
        .wrapping_add(size_of::<usize>())
        .cast::<*mut u8>();
    // SAFETY: a word of a slab's header.
    unsafe { next.write(foreign[2]) };
    // SAFETY: the same.
    unsafe { back.write(slabs[2]) };
    let address = foreign[2] as usize;
    assert_eq!(heap.validate(), Err(Violation::Slab { address }));
    assert_eq!(other.heap().validate(), Ok(()));
}

#[test]
fn a_slab_has_128_words_unless_the_program_says_otherwise() {
    let mut memory = memory(16 << 10);
    let mut heap: SlabTlsf<'_, u16, u16, 12, 16> = SlabTlsf::new();
    let _ = heap.insert_free_block(&mut memory);
    heap.allocate(layout(8, 8)).unwrap();
    let mut used = heap.heap().blocks().filter(rlsf::BlockInfo::is_occupied);
    let slab = used.next().unwrap().size();
    let bytes = 128 * size_of::<usize>();
    assert!((bytes..bytes + 32).contains(&slab), "{slab}");
    assert!(format!("{heap:?}").starts_with("SlabTlsf"));
}

/// The only block of the open slab seems never to have been taken.
#[test]
fn a_listed_slab_without_a_block_in_use_is_a_violation() {
    let mut memory = memory(4 << 10);
    let (heap, slabs) = with_three_slabs(&mut memory);
    let figures = slabs[2].wrapping_add(2 * size_of::<usize>());
    let (fresh, used) = (
        short(figures).wrapping_add(1),
        short(figures).wrapping_add(2),
    );
    // SAFETY: two bytes of the slab's header.
    let after = unsafe { fresh.read() };
    // SAFETY: the same.
    unsafe { fresh.write(after - 24) };
    // SAFETY: the same.
    unsafe { used.write(0) };
    assert!(matches!(heap.validate(), Err(Violation::Slab { .. })));
}

/// A slab of 4 KiB in which the first and the third block were freed, that one last.
fn with_two_freed(memory: &mut [MaybeUninit<u8>]) -> (Heap<'_, 4096>, [NonNull<u8>; 2]) {
    let mut heap = heap_over::<4096>(memory);
    let of = layout(24, 8);
    let blocks: Vec<_> = (0..5).map(|_| heap.allocate(of).unwrap()).collect();
    for block in [blocks[0], blocks[2]] {
        // SAFETY: a live block.
        unsafe { heap.deallocate(block, of) };
    }
    (heap, [blocks[0], blocks[2]])
}

#[test]
fn a_broken_list_of_freed_blocks_is_a_violation() {
    for link in [1_u16, 24, 24 + 48, 4000, 65535] {
        let mut memory = memory(16 << 10);
        let (heap, freed) = with_two_freed(&mut memory);
        // SAFETY: the first two bytes of a freed block.
        unsafe { short(freed[1].as_ptr()).write(link) };
        let right = u16::try_from(freed[0].as_ptr() as usize % 4096).unwrap();
        assert_eq!(heap.validate().is_ok(), link == right, "{link}");
    }
}

#[test]
fn a_link_that_leads_out_of_its_slab_is_not_followed() {
    for slabs in 1..16_u16 {
        let mut memory = vec![MaybeUninit::new(0); 16 << 10];
        let (heap, freed) = with_two_freed(&mut memory);
        // SAFETY: the first two bytes of a freed block, which have the right offset.
        let right = unsafe { short(freed[1].as_ptr()).read() };
        // SAFETY: the same.
        unsafe { short(freed[1].as_ptr()).write(right + slabs * 4096) };
        let found = heap.validate();
        assert!(matches!(found, Err(Violation::Slab { .. })), "{slabs}");
    }
}

#[cfg(any(debug_assertions, feature = "hardened"))]
mod checks {
    use super::{heap_over, layout, memory, short, Heap};
    use core::ptr::NonNull;

    /// Frees the middle one of three blocks, and then what lies so many bytes on.
    fn free_and_then(by: isize, wrong: fn(&mut Heap<'_, 1024>, NonNull<u8>)) {
        let mut memory = memory(8 << 10);
        let mut heap = heap_over::<1024>(&mut memory);
        let of = layout(24, 8);
        let blocks: Vec<_> = (0..3).map(|_| heap.allocate(of).unwrap()).collect();
        // SAFETY: a live block.
        unsafe { heap.deallocate(blocks[1], of) };
        let place = NonNull::new(blocks[1].as_ptr().wrapping_offset(by)).unwrap();
        wrong(&mut heap, place);
    }

    fn free_again(heap: &mut Heap<'_, 1024>, place: NonNull<u8>) {
        // SAFETY: none: it has to be refused.
        unsafe { heap.deallocate(place, layout(24, 8)) };
    }

    #[test]
    #[should_panic(expected = "rlsf: the block is free already")]
    fn freeing_twice_is_reported() {
        free_and_then(0, free_again);
    }

    #[test]
    #[should_panic(expected = "or the pointer is not a payload's")]
    fn freeing_an_interior_address_is_reported() {
        free_and_then(-8, free_again);
    }

    #[test]
    #[should_panic(expected = "or the pointer is not a payload's")]
    fn freeing_what_was_never_allocated_is_reported() {
        free_and_then(48, free_again);
    }

    #[test]
    #[should_panic(expected = "or the pointer is not a payload's")]
    fn resizing_an_interior_address_is_reported() {
        free_and_then(-4, |heap, place| {
            // SAFETY: none: it has to be refused.
            let _ = unsafe { heap.reallocate(place, layout(24, 8), layout(9, 8)) };
        });
    }

    #[test]
    fn a_block_that_holds_a_freed_ones_mark_can_be_freed() {
        let mut memory = memory(8 << 10);
        let mut heap = heap_over::<1024>(&mut memory);
        let of = layout(24, 8);
        let (one, two) = (heap.allocate(of).unwrap(), heap.allocate(of).unwrap());
        // SAFETY: a live block.
        unsafe { heap.deallocate(one, of) };
        // SAFETY: the heap's, whose mark is only looked at.
        let mark = unsafe { short(one.as_ptr().wrapping_add(2)).read() };
        let by = u16::try_from((one.as_ptr() as usize ^ two.as_ptr() as usize) % 1024).unwrap();
        // SAFETY: a live block.
        unsafe { short(two.as_ptr().wrapping_add(2)).write(mark ^ by) };
        // SAFETY: a live block.
        unsafe { heap.deallocate(two, of) };
        assert_eq!(heap.validate(), Ok(()));
    }
}
