//! The calls that users of the published crate write, and every signature.

use crate::verbs::layout;
use core::alloc::Layout;
use core::mem::MaybeUninit;
use core::num::NonZeroUsize;
use core::ops::Range;
use core::ptr::NonNull;
use rlsf::int::BinInteger;
use rlsf::{BlockInfo, Tlsf, GRANULARITY};
use rlsf_testkit::Arena;

#[test]
#[allow(clippy::multiple_unsafe_ops_per_block, clippy::large_stack_arrays)] // as published
fn the_core_example_of_the_published_readme_runs() {
    let mut pool = [MaybeUninit::uninit(); 65536];

    let mut tlsf: Tlsf<'_, u16, u16, 12, 16> = Tlsf::new();
    tlsf.insert_free_block(&mut pool);

    // SAFETY: the blocks are live until they are freed.
    unsafe {
        let mut ptr1 = tlsf.allocate(Layout::new::<u64>()).unwrap().cast::<u64>();
        let mut ptr2 = tlsf.allocate(Layout::new::<u64>()).unwrap().cast::<u64>();
        *ptr1.as_mut() = 42;
        *ptr2.as_mut() = 56;
        assert_eq!(*ptr1.as_ref(), 42);
        assert_eq!(*ptr2.as_ref(), 56);
        tlsf.deallocate(ptr1.cast(), Layout::new::<u64>().align());
        tlsf.deallocate(ptr2.cast(), Layout::new::<u64>().align());
    }
    assert_eq!(tlsf.validate(), Ok(()));
}

/// The example's `#[global_allocator]` is the one of this whole program.
#[test]
fn the_global_example_of_the_published_readme_runs() {
    let mut m = std::collections::HashMap::new();
    m.insert(1, 2);
    m.insert(5, 3);
    assert_eq!(m[&5], 3);
    drop(m);
}

#[test]
fn a_static_array_serves_as_a_pool() {
    static mut POOL: [MaybeUninit<u8>; 1024] = [MaybeUninit::uninit(); 1024];
    let mut heap: Tlsf<'_, u8, u8, 8, 8> = Tlsf::new();
    let start = (&raw mut POOL).cast::<u8>();
    let pool = NonNull::slice_from_raw_parts(NonNull::new(start).unwrap(), 1024);
    // SAFETY: nothing else touches the array.
    let used: NonZeroUsize = unsafe { heap.insert_free_block_ptr(pool) }.unwrap();
    assert!(used.get() > 1000 && used.get() <= 1024);
    let place = heap.allocate(Layout::new::<[u32; 100]>()).unwrap();
    assert!(place.as_ptr() >= start && place.as_ptr() < start.wrapping_add(1024));
}

#[test]
fn a_pool_grows_behind_a_cursor() {
    let arena = Arena::new(4096, 0);
    let mut heap: Tlsf<'_, u16, u16, 12, 16> = Tlsf::new();
    // SAFETY: the arena outlives the heap.
    let mut cursor = unsafe { heap.insert_free_block_ptr(arena.region(0, 1000)) }
        .unwrap()
        .get();
    for end in (1500..=4096).step_by(500) {
        // SAFETY: the next bytes of the same arena.
        cursor += unsafe { heap.append_free_block_ptr(arena.region(cursor, end - cursor)) };
        assert!(cursor + GRANULARITY > end);
    }
    assert!(heap.allocate(layout(3500, 1)).is_some());
}

#[test]
fn a_walk_shows_the_blocks_of_a_pool() {
    let arena = Arena::new(4096, 0);
    let mut heap: Tlsf<'_, u16, u16, 12, 16> = Tlsf::new();
    // SAFETY: the arena outlives the heap.
    unsafe { heap.insert_free_block_ptr(arena.whole()) }.unwrap();
    let place = heap.allocate(layout(100, 1)).unwrap();
    // SAFETY: the region was given to the heap.
    let blocks: Vec<BlockInfo<'_>> = unsafe { heap.iter_blocks(arena.whole()) }.collect();
    let used: Vec<&BlockInfo<'_>> = blocks.iter().filter(|block| block.is_occupied()).collect();
    assert_eq!((blocks.len(), used.len()), (2, 1));
    assert!(used[0].max_payload_size() >= 100 && used[0].size() > used[0].max_payload_size());
    let bytes = used[0].as_ptr();
    assert_eq!(bytes.len(), used[0].size());
    let start = bytes.cast::<u8>().as_ptr() as usize;
    assert!((start..start + bytes.len()).contains(&(place.as_ptr() as usize)));
}

/// The value that comes back borrows neither the heap nor the pool.
#[test]
fn what_inserting_a_slice_returns_can_be_kept_and_sent() {
    fn is_send_and_sync(_: &(impl Send + Sync)) {}
    let mut pool = [MaybeUninit::uninit(); 1024];
    let mut heap: Tlsf<'_, u8, u8, 8, 8> = Tlsf::new();
    let kept = heap.insert_free_block(&mut pool);
    is_send_and_sync(&kept);
    assert!(heap.allocate(layout(10, 1)).is_some());
}

#[test]
fn a_heap_is_made_in_a_constant_and_shared_in_a_static() {
    const EMPTY: Tlsf<'static, u8, u8, 8, 8> = Tlsf::new();
    static HEAP: std::sync::Mutex<Tlsf<'static, u32, u32, 20, 32>> =
        std::sync::Mutex::new(Tlsf::new());
    assert_eq!(EMPTY.largest_allocatable(), 0);
    assert_eq!(HEAP.lock().unwrap().allocate(layout(1, 1)), None);
}

fn has_the_traits<T: Send + Sync + Default + core::fmt::Debug>() -> T {
    T::default()
}

fn is_plain<T: Clone + Copy + core::fmt::Debug + Send>() {}

#[test]
fn a_heap_has_the_traits_that_users_rely_on() {
    let heap = has_the_traits::<Tlsf<'static, u8, u8, 8, 8>>();
    assert!(format!("{heap:?}").starts_with("Tlsf"));
    has_the_traits::<Tlsf<'static, i8, i128, 1, 128>>();

    is_plain::<BlockInfo<'static>>();
}

type Heap = Tlsf<'static, u16, u16, 12, 16>;

fn walk(heap: &Heap, pool: NonNull<[u8]>) -> impl Iterator<Item = BlockInfo<'_>> + Send {
    // SAFETY: the region is only compared with the heap's pools.
    unsafe { heap.iter_blocks(pool) }
}

#[test]
#[allow(clippy::type_complexity)]
fn every_signature_of_the_heap_is_the_published_one() {
    let _: usize = GRANULARITY;
    let _: fn() -> Heap = Heap::new;
    let _: unsafe fn(&mut Heap, NonNull<[u8]>) -> Option<NonZeroUsize> =
        Heap::insert_free_block_ptr;
    let _: unsafe fn(&mut Heap, NonNull<[u8]>) -> usize = Heap::append_free_block_ptr;
    let _: fn(&mut Heap, Layout) -> Option<NonNull<u8>> = Heap::allocate;
    let _: unsafe fn(&mut Heap, NonNull<u8>, usize) = Heap::deallocate;
    let _: unsafe fn(&mut Heap, NonNull<u8>) = Heap::deallocate_unknown_align;
    let _: unsafe fn(&mut Heap, NonNull<u8>, Layout) -> Option<NonNull<u8>> = Heap::reallocate;
    let usable: unsafe fn(NonNull<u8>) -> usize = Heap::allocation_usable_size;
    let _: fn(&BlockInfo<'static>) -> usize = BlockInfo::size;
    let _: fn(&BlockInfo<'static>) -> usize = BlockInfo::max_payload_size;
    let _: fn(&BlockInfo<'static>) -> NonNull<[u8]> = BlockInfo::as_ptr;
    let _: fn(&BlockInfo<'static>) -> bool = BlockInfo::is_occupied;

    let arena = Arena::new(1000, 0);
    let mut heap = Heap::new();
    assert_eq!(walk(&heap, arena.whole()).count(), 0);
    // SAFETY: the arena outlives the heap.
    unsafe { heap.insert_free_block_ptr(arena.whole()) }.unwrap();
    let place = heap.allocate(layout(30, 1)).unwrap();
    // SAFETY: a live block.
    assert!((30..60).contains(&unsafe { usable(place) }));
}

#[test]
fn every_signature_of_the_bitmaps_is_the_published_one() {
    fn check<T: BinInteger>() -> (T, u32) {
        let _: fn(Range<u32>) -> T = T::ones;
        let _: fn(Range<u32>) -> T = T::ones_truncated;
        let _: fn(&T) -> u32 = T::trailing_zeros;
        let _: fn(&T) -> u32 = T::leading_zeros;
        let _: fn(&T) -> u32 = T::count_ones;
        let _: fn(&T, u32) -> u32 = T::bit_scan_forward;
        let _: fn(&T, Range<u32>) -> u32 = T::extract_u32;
        let _: fn(&T, u32) -> bool = T::get_bit;
        let _: fn(&mut T, u32) = T::set_bit;
        let _: fn(&mut T, u32) = T::clear_bit;
        let _: fn(T, u32) -> Option<T> = T::checked_ceil_fix;
        (T::ZERO, T::BITS)
    }
    assert_eq!((check::<i8>(), check::<u8>()), ((0, 8), (0, 8)));
    assert_eq!((check::<i16>(), check::<u16>()), ((0, 16), (0, 16)));
    assert_eq!((check::<i32>(), check::<u32>()), ((0, 32), (0, 32)));
    assert_eq!((check::<i64>(), check::<u64>()), ((0, 64), (0, 64)));
    assert_eq!((check::<i128>(), check::<u128>()), ((0, 128), (0, 128)));
    assert_eq!(check::<isize>(), (0, usize::BITS));
    assert_eq!(check::<usize>(), (0, usize::BITS));
}
