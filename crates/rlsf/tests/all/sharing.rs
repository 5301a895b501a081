//! `GlobalTlsf`: threads, `fork`, priorities, the C-like face, and the hook.

use crate::child::{start, wait_for, End};
use crate::verbs::{holds, layout, write};
use core::alloc::{GlobalAlloc, Layout};
use core::panic::{AssertUnwindSafe, Location};
use core::ptr::NonNull;
use core::sync::atomic::{AtomicBool, AtomicI32, AtomicUsize, Ordering};
use core::time::Duration;
use rlsf::{CAlloc, GlobalTlsf, OutOfMemory};
use std::panic::{catch_unwind, set_hook, take_hook};
use std::thread;
use std::time::Instant;

/// Blocks of all sizes, resized and freed, their contents checked.
fn work(heap: &GlobalTlsf, seed: u64, steps: usize) {
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut live: Vec<(NonNull<u8>, Layout, u8)> = Vec::new();
    for _ in 0..steps {
        let (bits, align) = (rng.u32(1..16), 1 << rng.u32(..8));
        let new = layout(rng.usize(1..1 << bits), align);
        if live.len() < 20 || rng.bool() && live.len() < 60 {
            let first = rng.u8(..);
            let block = CAlloc::allocate(heap, new).unwrap();
            write(block, new.size(), first);
            live.push((block, new, first));
            continue;
        }
        let (block, old, first) = live.swap_remove(rng.usize(..live.len()));
        assert!(holds(block, old.size(), first));
        if rng.bool() {
            // SAFETY: a live block.
            unsafe { heap.dealloc(block.as_ptr(), old) };
            continue;
        }
        // SAFETY: a live block.
        let block = unsafe { CAlloc::reallocate(heap, block, new) }.unwrap();
        assert_eq!(block.as_ptr() as usize % align, 0);
        assert!(holds(block, old.size().min(new.size()), first));
        write(block, new.size(), first);
        live.push((block, new, first));
    }
    for (block, layout, first) in live {
        assert!(holds(block, layout.size(), first));
        // SAFETY: a live block.
        unsafe { CAlloc::deallocate(heap, block) };
    }
}

#[test]
fn eight_threads_keep_their_contents_apart_while_one_trims() {
    static HEAP: GlobalTlsf = GlobalTlsf::new();
    static DONE: AtomicUsize = AtomicUsize::new(0);
    thread::scope(|scope| {
        for seed in 0..8 {
            scope.spawn(move || {
                work(&HEAP, seed, 6000);
                DONE.fetch_add(1, Ordering::Relaxed);
            });
        }
        while DONE.load(Ordering::Relaxed) < 8 {
            HEAP.trim();
            assert_eq!(HEAP.validate(), Ok(()));
            thread::sleep(Duration::from_millis(1));
        }
    });
    HEAP.for_each_block(&mut |block| assert!(!block.is_occupied()));
}

/// The changes of threads of this process so far because a thread waited for something.
fn waits() -> i64 {
    // SAFETY: all zeros are a value of the type.
    let mut usage: libc::rusage = unsafe { core::mem::zeroed() };
    // SAFETY: writes the figures.
    unsafe { libc::getrusage(libc::RUSAGE_SELF, &raw mut usage) };
    #[allow(clippy::useless_conversion)] // 32 bits on some targets
    let waits = i64::from(usage.ru_nvcsw);
    waits
}

/// Were the lock always handed to who sleeps, nearly every operation would wait once.
#[test]
fn more_threads_than_processors_seldom_wait_for_each_other() {
    const THREADS: i64 = 8;
    const STEPS: i64 = 200_000;
    static HEAP: GlobalTlsf = GlobalTlsf::new();
    let end = wait_for(start(|| {
        let before = waits();
        thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    for _ in 0..STEPS {
                        let block = CAlloc::allocate(&HEAP, layout(100, 8)).unwrap();
                        // SAFETY: a live block.
                        unsafe { CAlloc::deallocate(&HEAP, block) };
                    }
                });
            }
        });
        let waits = waits() - before;
        assert!(waits < THREADS * STEPS / 20, "{waits} waits");
    }));
    assert_eq!(end, End::Code(0));
}

/// Has a second thread use the heap at the same time.
///
/// The threads of `std` take locks of `std`, which know nothing of `fork`.
fn work_in_two_threads(heap: &'static GlobalTlsf) {
    extern "C" fn run(heap: *mut libc::c_void) -> *mut libc::c_void {
        // SAFETY: the heap that is handed over below.
        work(unsafe { &*heap.cast::<GlobalTlsf>() }, 1, 100);
        core::ptr::null_mut()
    }
    let mut thread = 0;
    let heap_for_it: *const GlobalTlsf = heap;
    let heap_for_it = heap_for_it as *mut libc::c_void;
    // SAFETY: the heap lives as long as the program.
    let made =
        unsafe { libc::pthread_create(&raw mut thread, core::ptr::null(), run, heap_for_it) };
    assert_eq!(made, 0);
    work(heap, 3, 100);
    // SAFETY: the thread has just been made, and its answer is of no use.
    let joined = unsafe { libc::pthread_join(thread, core::ptr::null_mut()) };
    assert_eq!(joined, 0);
}

#[test]
fn a_child_of_fork_can_allocate_whatever_other_threads_do() {
    static HEAP: GlobalTlsf = GlobalTlsf::new();
    static STOP: AtomicBool = AtomicBool::new(false);
    thread::scope(|scope| {
        for seed in 0..4 {
            scope.spawn(move || {
                while !STOP.load(Ordering::Relaxed) {
                    work(&HEAP, seed, 200);
                }
            });
        }
        let ends: Vec<End> = (0..100)
            .map(|seed| {
                wait_for(start(AssertUnwindSafe(|| {
                    assert_eq!(HEAP.validate(), Ok(()));
                    work(&HEAP, seed, 100);
                    assert_eq!(HEAP.validate(), Ok(()));
                    work_in_two_threads(&HEAP);
                    assert_eq!(HEAP.validate(), Ok(()));
                })))
            })
            .collect();
        STOP.store(true, Ordering::Relaxed);
        assert!(ends.iter().all(|end| *end == End::Code(0)), "{ends:?}");
    });
    work(&HEAP, 9, 1000);
    assert_eq!(HEAP.validate(), Ok(()));
}

/// A visitor holds one heap and uses another, while a third thread forks.
#[test]
fn fork_waits_for_a_visitor_that_uses_another_heap() {
    static FIRST: GlobalTlsf = GlobalTlsf::new();
    static SECOND: GlobalTlsf = GlobalTlsf::new();
    static STOP: AtomicBool = AtomicBool::new(false);
    let visit = |held: &'static GlobalTlsf, used: &'static GlobalTlsf| {
        while !STOP.load(Ordering::Relaxed) {
            held.for_each_block(&mut |_| work(used, 1, 30));
            thread::yield_now();
        }
    };
    work(&SECOND, 1, 30);
    let block = CAlloc::allocate(&FIRST, layout(8, 8)).unwrap();
    thread::scope(|scope| {
        scope.spawn(move || visit(&FIRST, &SECOND));
        for _ in 0..50 {
            assert_eq!(wait_for(start(|| work(&SECOND, 2, 10))), End::Code(0));
        }
        STOP.store(true, Ordering::Relaxed);
    });
    // SAFETY: a live block.
    unsafe { CAlloc::deallocate(&FIRST, block) };
}

/// Has this thread run on the first processor at a fixed priority; whether it may.
fn run_at(priority: i32) -> bool {
    // SAFETY: all zeros are an empty set.
    let mut set: libc::cpu_set_t = unsafe { core::mem::zeroed() };
    // SAFETY: within the set.
    unsafe { libc::CPU_SET(0, &mut set) };
    // SAFETY: it reads the set.
    let pinned = unsafe { libc::sched_setaffinity(0, size_of_val(&set), &raw const set) };
    let parameter = libc::sched_param {
        sched_priority: priority,
    };
    // SAFETY: it reads the parameter.
    let fixed = unsafe { libc::sched_setscheduler(0, libc::SCHED_FIFO, &raw const parameter) };
    pinned == 0 && fixed == 0
}

fn wait_until(flag: &AtomicBool) {
    while !flag.load(Ordering::Relaxed) {
        core::hint::spin_loop();
    }
}

/// Takes all the time of a processor until the flag is set; whether that happens before
/// patience ends.
fn sees(flag: &AtomicBool) -> bool {
    let patience = Instant::now() + Duration::from_secs(5);
    while !flag.load(Ordering::Relaxed) && Instant::now() < patience {
        core::hint::spin_loop();
    }
    flag.load(Ordering::Relaxed)
}

/// One processor: a thread of low priority holds the heap, one of middle priority takes
/// all the time, one of high priority wants the heap.
#[test]
fn the_holder_of_the_lock_inherits_the_priority_of_who_waits() {
    static HEAP: GlobalTlsf = GlobalTlsf::new();
    static HELD: AtomicBool = AtomicBool::new(false);
    static BUSY: AtomicBool = AtomicBool::new(false);
    static SERVED: AtomicBool = AtomicBool::new(false);
    // SAFETY: it asks for a number.
    let processors = unsafe { libc::sysconf(libc::_SC_NPROCESSORS_ONLN) };
    if processors < 2 || !thread::spawn(|| run_at(5)).join().unwrap() {
        println!("skipped: no second processor, or no right to fixed priorities");
        return;
    }
    let block = CAlloc::allocate(&HEAP, layout(10, 1)).unwrap();
    let low = thread::spawn(|| {
        run_at(10);
        let mut first = true;
        HEAP.for_each_block(&mut |_| {
            if core::mem::take(&mut first) {
                HELD.store(true, Ordering::Relaxed);
                wait_until(&BUSY);
            }
        });
    });
    wait_until(&HELD);
    let middle = thread::spawn(|| {
        run_at(20);
        BUSY.store(true, Ordering::Relaxed);
        sees(&SERVED)
    });
    wait_until(&BUSY);
    let high = thread::spawn(|| {
        run_at(30);
        work(&HEAP, 1, 10);
        SERVED.store(true, Ordering::Relaxed);
    });
    assert!(
        middle.join().unwrap(),
        "the low thread got no time to finish"
    );
    low.join().unwrap();
    high.join().unwrap();
    // SAFETY: a live block.
    unsafe { CAlloc::deallocate(&HEAP, block) };
}

#[test]
#[should_panic(expected = "a heap was used while its blocks were being visited")]
fn a_visitor_that_uses_the_heap_which_it_visits_is_told() {
    let heap = GlobalTlsf::<()>::new();
    CAlloc::allocate(&heap, layout(8, 8)).unwrap();
    heap.for_each_block(&mut |_| {
        CAlloc::allocate(&heap, layout(8, 8));
    });
}

/// The number of this thread's last error, which C's `free` must not change.
fn last_error() -> *mut i32 {
    // SAFETY: it has no arguments.
    unsafe { libc::__errno_location() }
}

/// The kernel refuses the lock to who holds it, and the hook sees what that leaves behind.
///
/// Not in a child of `fork`: what other threads do with the hook at that time would last there.
#[test]
fn a_call_that_waits_for_the_heap_leaves_the_last_error_as_it_is() {
    const KEPT: i32 = 97;
    static LEFT: AtomicI32 = AtomicI32::new(0);
    let watched = thread::current().id();
    let others = take_hook();
    set_hook(Box::new(move |panic| {
        // SAFETY: every thread has its own.
        let left = unsafe { last_error().read() };
        if thread::current().id() == watched {
            LEFT.store(left, Ordering::Relaxed);
        } else {
            others(panic);
        }
    }));
    let heap = GlobalTlsf::<()>::new();
    CAlloc::allocate(&heap, layout(8, 8)).unwrap();
    // SAFETY: as above.
    unsafe { last_error().write(KEPT) };
    let refused = catch_unwind(AssertUnwindSafe(|| {
        heap.for_each_block(&mut |_| {
            CAlloc::allocate(&heap, layout(8, 8));
        });
    }));
    assert!(refused.is_err());
    assert_eq!(LEFT.load(Ordering::Relaxed), KEPT);
}

#[test]
fn resizing_as_c_does_stays_in_place_where_it_can() {
    let heap = GlobalTlsf::<()>::new();
    for size in [100, 100_000, 3 << 20] {
        let block = CAlloc::allocate(&heap, layout(size, 64)).unwrap();
        // SAFETY: a live block.
        let usable = unsafe { GlobalTlsf::<()>::allocation_usable_size(block) };
        assert!(usable >= size);
        write(block, size, 1);
        // SAFETY: a live block, at every step.
        for new in [usable, size / 2, size, 2 * size].map(|size| layout(size, 8)) {
            // SAFETY: a live block.
            let same = unsafe { CAlloc::reallocate(&heap, block, new) };
            assert_eq!(same, Some(block));
        }
        assert!(holds(block, size / 2, 1));
        // SAFETY: a live block.
        unsafe { CAlloc::deallocate(&heap, block) };
    }
    assert_eq!(heap.validate(), Ok(()));
}

#[test]
fn resizing_as_c_does_may_change_the_alignment() {
    let heap = GlobalTlsf::<()>::new();
    let mut block = CAlloc::allocate(&heap, layout(5000, 1)).unwrap();
    write(block, 5000, 6);
    for align in [1, 4096, 8, 1 << 16, 64, 1 << 20, 1] {
        for size in [5000, 9000, 100_000] {
            // SAFETY: a live block.
            block = unsafe { CAlloc::reallocate(&heap, block, layout(size, align)) }.unwrap();
            assert_eq!(block.as_ptr() as usize % align, 0);
            assert!(holds(block, 5000, 6));
            // Something in the way of the next step.
            CAlloc::allocate(&heap, layout(8, 8)).unwrap();
        }
    }
    let too_large = layout(isize::MAX as usize & !7, 1);
    // SAFETY: a live block.
    assert_eq!(unsafe { CAlloc::reallocate(&heap, block, too_large) }, None);
    assert!(holds(block, 5000, 6));
    assert_eq!(heap.validate(), Ok(()));
}

#[test]
fn the_hook_learns_what_was_asked_for_and_where() {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    static WITH_PLACE: AtomicUsize = AtomicUsize::new(0);
    static HEAP: GlobalTlsf = GlobalTlsf::new();
    fn hook(event: &OutOfMemory) {
        assert_eq!(event.layout.size(), isize::MAX as usize - 100);
        assert_eq!(event.statistics.is_some(), cfg!(feature = "stats"));
        let place = event.location.map(Location::file);
        assert!(place.map_or(true, |file| file == file!()));
        WITH_PLACE.fetch_add(usize::from(place.is_some()), Ordering::Relaxed);
        CALLS.fetch_add(1, Ordering::Relaxed);
        // The lock is free.
        assert_eq!(HEAP.validate(), Ok(()));
        assert!(event.to_string().contains("out of memory"));
    }
    let all = layout(isize::MAX as usize - 100, 1);
    HEAP.set_out_of_memory_hook(Some(hook));
    // SAFETY: more than nothing.
    assert!(unsafe { HEAP.alloc(all) }.is_null());
    // SAFETY: more than nothing.
    assert!(unsafe { HEAP.alloc_zeroed(all) }.is_null());
    assert_eq!(CAlloc::allocate(&HEAP, all), None);
    let block = CAlloc::allocate(&HEAP, layout(9, 1)).unwrap();
    // SAFETY: a live block.
    assert!(unsafe { CAlloc::reallocate(&HEAP, block, all) }.is_none());
    // SAFETY: a live block.
    assert!(unsafe { HEAP.realloc(block.as_ptr(), layout(9, 1), all.size()) }.is_null());
    let counts = (
        CALLS.load(Ordering::Relaxed),
        WITH_PLACE.load(Ordering::Relaxed),
    );
    assert_eq!(counts, (5, 2));
    HEAP.set_out_of_memory_hook(None);
    assert_eq!(CAlloc::allocate(&HEAP, all), None);
    assert_eq!(CALLS.load(Ordering::Relaxed), 5);
}
