//! `Locked` and `Region`: a heap behind the program's lock.

#![allow(clippy::incompatible_msrv)] // only the crate itself supports old compilers

use core::alloc::{GlobalAlloc, Layout};
use core::mem::MaybeUninit;
use core::ptr;
use rlsf::{InitError, Lock, Locked, NoLock, Region, Tlsf};
use std::sync::Mutex;

type Small = Tlsf<'static, u16, u16, 12, 16>;

/// The system's mutex as a lock.
struct Std(Mutex<()>);

// SAFETY: a mutex excludes.
unsafe impl Lock for Std {
    const NEW: Self = Self(Mutex::new(()));

    fn with<R>(&self, section: impl FnOnce() -> R) -> R {
        let _guard = self.0.lock().unwrap();
        section()
    }
}

/// Memory that is never given back.
fn leaked(len: usize) -> &'static mut [MaybeUninit<u8>] {
    Box::leak(vec![MaybeUninit::uninit(); len].into_boxed_slice())
}

fn heap_of(len: usize) -> Locked<NoLock, Small> {
    let heap = Locked::new();
    heap.init(leaked(len)).unwrap();
    heap
}

fn bytes(size: usize) -> Layout {
    Layout::from_size_align(size, 8).unwrap()
}

/// Allocates, and fills with `fill`.
fn filled<L: Lock>(heap: &Locked<L, Small>, layout: Layout, fill: u8) -> *mut u8 {
    // SAFETY: the size is not zero.
    let place = unsafe { heap.alloc(layout) };
    assert!(!place.is_null());
    // SAFETY: a block of that size.
    unsafe { place.write_bytes(fill, layout.size()) };
    place
}

/// Whether `len` bytes at `place` are `fill`.
fn holds(place: *const u8, len: usize, fill: u8) -> bool {
    // SAFETY: every caller asks for a live block's bytes, which it has written.
    unsafe { core::slice::from_raw_parts(place, len) }
        .iter()
        .all(|&byte| byte == fill)
}

#[test]
fn without_memory_every_allocation_fails() {
    let heap: Locked<NoLock, Small> = Locked::new();
    // SAFETY: the size is not zero.
    assert!(unsafe { heap.alloc(bytes(1)) }.is_null());
    assert_eq!(heap.largest_allocatable(), 0);
    assert_eq!(heap.validate(), Ok(()));
}

#[test]
fn a_second_init_is_refused_and_changes_nothing() {
    let heap = heap_of(1024);
    let before = heap.largest_allocatable();
    assert_eq!(heap.init(leaked(4096)), Err(InitError::Twice));
    assert_eq!(heap.largest_allocatable(), before);
}

#[test]
fn an_empty_or_tiny_region_is_refused_and_a_better_one_taken_afterwards() {
    let heap: Locked<NoLock, Small> = Locked::new();
    assert_eq!(heap.init(&mut []), Err(InitError::TooSmall));
    assert_eq!(heap.init(leaked(16)), Err(InitError::TooSmall));
    assert_eq!(heap.add_pool(leaked(16)), Err(InitError::TooSmall));
    // SAFETY: no memory at all.
    let null = unsafe { heap.init_ptr(ptr::null_mut(), 100) };
    assert_eq!(null, Err(InitError::Null));
    assert!(heap.init(leaked(256)).unwrap() <= 256);
    assert_eq!(heap.validate(), Ok(()));
}

#[test]
fn errors_are_sentences() {
    for error in [InitError::Twice, InitError::TooSmall, InitError::Null] {
        assert!(error.to_string().split(' ').count() >= 4, "{error}");
    }
}

#[test]
fn a_second_pool_serves_what_the_first_cannot() {
    let heap = heap_of(1024);
    // SAFETY: the size is not zero.
    assert!(unsafe { heap.alloc(bytes(2000)) }.is_null());
    let used = heap.add_pool(leaked(4096)).unwrap();
    assert!(used > 4000, "{used}");
    let place = filled(&heap, bytes(2000), 1);
    // SAFETY: the block is in use.
    unsafe { heap.dealloc(place, bytes(2000)) };
    assert_eq!(heap.validate(), Ok(()));
}

#[test]
fn a_block_with_free_memory_behind_it_grows_and_shrinks_where_it_is() {
    let heap = heap_of(4096);
    let place = filled(&heap, bytes(100), 7);
    // SAFETY: the block is in use, and has this layout.
    let grown = unsafe { heap.realloc(place, bytes(100), 2000) };
    // SAFETY: the block is in use, and has this layout.
    let shrunk = unsafe { heap.realloc(grown, bytes(2000), 50) };
    assert_eq!((grown, shrunk), (place, place));
    assert!(holds(place, 50, 7));
    assert_eq!(heap.validate(), Ok(()));
}

#[test]
fn a_block_without_room_behind_it_is_copied_to_a_new_one() {
    let heap = heap_of(8192);
    let place = filled(&heap, bytes(500), 7);
    let behind = filled(&heap, bytes(10), 8);
    // SAFETY: the block is in use, and has this layout.
    let moved = unsafe { heap.realloc(place, bytes(500), 900) };
    assert!(moved > behind);
    assert!(holds(moved, 500, 7) && holds(behind, 10, 8));
    // SAFETY: the size is not zero.
    let again = unsafe { heap.alloc(bytes(500)) };
    assert_eq!(again, place, "the old one is free");
    assert_eq!(heap.validate(), Ok(()));
}

/// A heap `[ free ][ block ][ rest: used ]`; the block has 600 bytes, the free one 1000.
fn crowded() -> (Locked<NoLock, Small>, *mut u8, *mut u8) {
    let heap = heap_of(4096);
    let front = filled(&heap, bytes(1000), 1);
    let block = filled(&heap, bytes(600), 2);
    filled(&heap, bytes(heap.largest_allocatable()), 3);
    // SAFETY: the block is in use.
    unsafe { heap.dealloc(front, bytes(1000)) };
    (heap, front, block)
}

#[test]
fn where_no_other_block_is_left_the_contents_move_down() {
    let (heap, front, block) = crowded();
    // SAFETY: the block is in use, and has this layout.
    let moved = unsafe { heap.realloc(block, bytes(600), 1500) };
    assert_eq!(moved, front);
    assert!(holds(moved, 600, 2));
    assert_eq!(heap.validate(), Ok(()));
    #[cfg(feature = "stats")]
    assert_eq!(heap.statistics().failed_requests, 0);
}

#[test]
fn a_reallocation_that_fails_leaves_the_block_and_is_counted_once() {
    let (heap, _, block) = crowded();
    // SAFETY: the block is in use, and has this layout.
    assert!(unsafe { heap.realloc(block, bytes(600), 2500) }.is_null());
    assert!(holds(block, 600, 2));
    assert_eq!(heap.validate(), Ok(()));
    #[cfg(feature = "stats")]
    assert_eq!(heap.statistics().failed_requests, 1);
}

#[test]
fn the_hook_is_told_of_what_failed_and_of_nothing_else() {
    use core::sync::atomic::{AtomicUsize, Ordering};
    static TOLD: AtomicUsize = AtomicUsize::new(0);
    fn hook(event: &rlsf::OutOfMemory) {
        assert_eq!(event.statistics.is_some(), cfg!(feature = "stats"));
        TOLD.fetch_add(event.layout.size(), Ordering::Relaxed);
    }
    let (heap, _, block) = crowded();
    heap.set_out_of_memory_hook(Some(hook));
    // SAFETY: the block is in use, and has this layout.
    let moved = unsafe { heap.realloc(block, bytes(600), 1500) };
    assert!(!moved.is_null());
    assert_eq!(TOLD.load(Ordering::Relaxed), 0, "it moved down");
    // SAFETY: the block is in use, and has this layout.
    assert!(unsafe { heap.realloc(moved, bytes(1500), 2600) }.is_null());
    assert_eq!(TOLD.load(Ordering::Relaxed), 2600);
    // SAFETY: the size is not zero.
    assert!(unsafe { heap.alloc(bytes(3000)) }.is_null());
    assert_eq!(TOLD.load(Ordering::Relaxed), 5600);
    heap.set_out_of_memory_hook(None);
    // SAFETY: the size is not zero.
    assert!(unsafe { heap.alloc(bytes(3000)) }.is_null());
    assert_eq!(TOLD.load(Ordering::Relaxed), 5600);
}

#[test]
fn the_heap_itself_can_be_looked_at_under_the_lock() {
    let heap = heap_of(4096);
    filled(&heap, bytes(100), 1);
    // SAFETY: nothing is allocated meanwhile.
    let blocks = unsafe { heap.with_heap(|heap| heap.blocks().count()) };
    assert_eq!(blocks, 2);
}

#[test]
fn a_region_is_taken_once_and_begins_at_a_granule() {
    static REGION: Region<Std, 100> = Region::new();
    let memory = REGION.take().unwrap();
    assert_eq!(memory.len(), 100);
    assert_eq!(memory.as_ptr() as usize % rlsf::GRANULARITY, 0);
    assert!(REGION.take().is_none());
}

#[test]
fn a_region_that_several_threads_want_is_given_to_one() {
    static REGION: Region<Std, 100> = Region::new();
    let threads: Vec<_> = (0..8)
        .map(|_| std::thread::spawn(|| REGION.take().is_some()))
        .collect();
    let winners = threads.into_iter().filter_map(|it| it.join().ok());
    assert_eq!(winners.filter(|&won| won).count(), 1);
}

/// Allocates, resizes and frees in four threads; every block keeps its contents.
fn share<L: Lock + Sync>(heap: &Locked<L, Small>) {
    heap.init(leaked(60_000)).unwrap();
    std::thread::scope(|scope| {
        for fill in 1..5 {
            scope.spawn(move || churn(heap, fill));
        }
    });
    assert_eq!(heap.validate(), Ok(()));
    #[cfg(feature = "stats")]
    assert_eq!(heap.statistics().used_bytes, 0);
}

fn churn<L: Lock>(heap: &Locked<L, Small>, fill: u8) {
    let mut random = fastrand::Rng::with_seed(fill.into());
    for _ in 0..2_000 {
        let (size, larger) = (random.usize(1..500), random.usize(1..1000));
        let place = filled(heap, bytes(size), fill);
        // SAFETY: the block is in use, and has this layout.
        let place = unsafe { heap.realloc(place, bytes(size), larger) };
        assert!(holds(place, size.min(larger), fill));
        // SAFETY: the block is in use, and has this layout.
        unsafe { heap.dealloc(place, bytes(larger)) };
    }
}

#[test]
fn threads_share_a_heap_behind_a_lock_of_the_programs_own() {
    static HEAP: Locked<Std, Small> = Locked::new();
    share(&HEAP);
}

#[cfg(feature = "lock_api")]
mod spin {
    use super::*;
    use core::sync::atomic::{AtomicBool, Ordering};

    struct Spin(AtomicBool);

    // SAFETY: one thread at a time turns the flag from false to true.
    unsafe impl lock_api::RawMutex for Spin {
        #[allow(clippy::declare_interior_mutable_const)] // each use is a lock of its own
        const INIT: Self = Self(AtomicBool::new(false));
        type GuardMarker = lock_api::GuardSend;

        fn lock(&self) {
            while !self.try_lock() {
                std::thread::yield_now();
            }
        }

        fn try_lock(&self) -> bool {
            !self.0.swap(true, Ordering::Acquire)
        }

        unsafe fn unlock(&self) {
            self.0.store(false, Ordering::Release);
        }
    }

    #[test]
    fn threads_share_a_heap_behind_a_raw_mutex() {
        static HEAP: Locked<Spin, Small> = Locked::new();
        share(&HEAP);
    }

    #[test]
    fn a_panic_under_the_lock_releases_it() {
        let heap: Locked<Spin, Small> = Locked::new();
        let section = core::panic::AssertUnwindSafe(|| {
            // SAFETY: the section does nothing with the heap.
            unsafe { heap.with_heap(|_| panic!("on purpose")) }
        });
        assert!(std::panic::catch_unwind(section).is_err());
        assert_eq!(heap.largest_allocatable(), 0);
    }
}

#[cfg(feature = "critical-section")]
mod critical {
    use super::*;
    use rlsf::CriticalSection;

    #[test]
    fn threads_share_a_heap_behind_the_critical_section() {
        static HEAP: Locked<CriticalSection, Small> = Locked::new();
        share(&HEAP);
    }

    #[test]
    fn a_program_may_allocate_within_its_own_critical_section() {
        static HEAP: Locked<CriticalSection, Small> = Locked::new();
        HEAP.init(leaked(1024)).unwrap();
        let place = critical_section::with(|_| filled(&HEAP, bytes(10), 1) as usize);
        assert_ne!(place, 0);
    }
}

#[test]
fn a_region_tells_how_many_bytes_it_has() {
    let region: Region<NoLock, 100> = Region::new();
    let told = format!("{region:?}");
    assert!(told.starts_with("Region") && told.contains("100"), "{told}");
}

#[test]
#[cfg(not(any(feature = "asan", feature = "valgrind")))] // they report what damages it
#[allow(clippy::cast_ptr_alignment)] // a block is aligned
fn a_damaged_heap_behind_a_lock_is_not_valid() {
    let (plain, slabs): (_, Locked<Std, rlsf::SlabTlsf<'static, u16, u16, 12, 16>>) =
        (heap_of(4096), Locked::new());
    slabs.init(leaked(4096)).unwrap();
    assert!(format!("{plain:?}").starts_with("Locked"));
    let check = |block: *mut u8, validate: &dyn Fn() -> bool| {
        let header = block.cast::<usize>().wrapping_sub(1);
        assert!(validate());
        // SAFETY: the word before a live block.
        let right = unsafe { header.replace(7) };
        assert!(!validate());
        // SAFETY: the same.
        unsafe { header.write(right) };
        assert!(validate());
    };
    // SAFETY: more than nothing.
    let block = unsafe { plain.alloc(bytes(100)) };
    check(block, &|| plain.validate().is_ok());
    // SAFETY: as above.
    let block = unsafe { slabs.alloc(bytes(100)) };
    check(block, &|| slabs.validate().is_ok());
}
