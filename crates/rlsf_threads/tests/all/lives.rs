//! Threads that begin and end.

use crate::alone::{alone, is_instrumented, repetitions, resident, validate};
use crate::block::Block;
use core::cell::RefCell;
use core::sync::atomic::{AtomicUsize, Ordering};
use core::time::Duration;
use std::collections::HashSet;
use std::sync::Barrier;
use std::thread;
use std::time::Instant;

const MIB: usize = 1 << 20;
const PAGE: usize = 4 << 10;

/// Has a few threads begin and end, so many times.
fn churn(rounds: usize, seconds: u64) -> usize {
    let end = Instant::now() + Duration::from_secs(seconds);
    let round = |round| {
        let threads: Vec<_> = (0..4)
            .map(|index| {
                thread::spawn(move || {
                    let mut rng = fastrand::Rng::with_seed(round * 4 + index);
                    let mut blocks: Vec<_> = (0..10).map(|_| Block::new(&mut rng)).collect();
                    blocks.pop()
                })
            })
            .collect();
        for thread in threads {
            // Freed here, by another thread than its own.
            drop(thread.join().unwrap());
        }
    };
    let rounds = 0..rounds as u64;
    rounds
        .take_while(|_| Instant::now() < end)
        .map(round)
        .count()
}

#[test]
fn short_threads_leave_no_memory_behind() {
    alone(|| {
        churn(200, 60);
        let before = resident();
        let rounds = churn(repetitions(25_000), 8);
        let grown = resident().saturating_sub(before);
        assert!(
            is_instrumented() || grown < 4 * MIB,
            "{grown} bytes by {rounds} rounds"
        );
        // SAFETY: alone, and the threads have ended.
        unsafe { validate() };
    });
}

/// How long a processor has run the calling thread.
fn processor_time() -> Duration {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: a place for the time.
    let done = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    assert_eq!(done, 0);
    let part = |number: i64| number.try_into().unwrap();
    Duration::from_secs(part(time.tv_sec)) + Duration::from_nanos(part(time.tv_nsec))
}

#[test]
fn a_thread_that_ends_gives_nearly_all_its_memory_back() {
    const THREADS: usize = 8;
    // A thread that ends at once leaves its memory as it is, for the next one.
    let work = || {
        while processor_time() < Duration::from_millis(100) {
            core::hint::spin_loop();
        }
    };
    alone(|| {
        let barrier = Barrier::new(THREADS);
        let before = resident();
        thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    let blocks: Vec<Vec<u8>> = (0..2000).map(|n| vec![1; n]).collect();
                    // So that none gets another one's heap.
                    barrier.wait();
                    work();
                    drop(blocks);
                });
            }
        });
        let grown = resident().saturating_sub(before);
        assert!(is_instrumented() || grown < 6 * MIB, "{grown} bytes");
    });
}

#[test]
fn a_size_that_is_used_once_takes_one_page() {
    const SIZES: usize = 40;
    let of_each_size = || {
        let linear = (1..=8).map(|eight| 8 * eight);
        let eighths = (6..10).flat_map(|bits| (9..=16).map(move |part| part << (bits - 3)));
        let mut blocks: [Option<Block>; SIZES] = [const { None }; SIZES];
        let before = resident();
        for (block, size) in blocks.iter_mut().zip(linear.chain(eighths)) {
            *block = Some(Block::of(size, 8, 1));
        }
        assert!(blocks.iter().all(Option::is_some));
        (resident() - before) / PAGE
    };
    alone(|| {
        // So that the program's own pages are there.
        of_each_size();
        let pages = thread::spawn(of_each_size).join().unwrap();
        // The others are those of the segment, the headers, the stack and what tells the pages.
        assert!(is_instrumented() || pages < SIZES + 20, "{pages}");
    });
}

/// Fills a slab with blocks of a size and the first page of another one, frees one of these blocks, and
/// looks that it is used again before the next page.
fn use_again_before_another_page(size: usize, of_first: bool, free: fn(Block)) {
    let new = || Block::of(size, 8, 1);
    let slab = |block: &Block| block.address() / (16 << 10);
    let mut first = vec![new()];
    let mut second = loop {
        let block = new();
        if slab(&block) != slab(&first[0]) {
            break vec![block];
        }
        first.push(block);
    };
    let behind_last = |second: &[Block]| second.last().unwrap().address() - size;
    while behind_last(&second) / PAGE == second[0].address() / PAGE {
        second.push(new());
    }
    let next_page = behind_last(&second);
    let freed = if of_first { &mut first } else { &mut second }.swap_remove(1);
    let address = freed.address();
    free(freed);
    let again = [new(), new()].map(|block| block.address());
    assert_eq!(again, [address, next_page]);
}

#[test]
fn what_was_freed_is_used_before_another_page() {
    alone(|| {
        let elsewhere: fn(Block) = |block| thread::spawn(|| drop(block)).join().unwrap();
        use_again_before_another_page(1024, true, drop);
        use_again_before_another_page(960, true, elsewhere);
        use_again_before_another_page(896, false, elsewhere);
        // SAFETY: alone, and the threads have ended.
        unsafe { validate() };
    });
}

/// Blocks whose addresses are to be told.
fn blocks(number: usize) -> Vec<Block> {
    (0..number).map(|_| Block::of(100, 8, 1)).collect()
}

#[test]
fn what_others_free_of_a_thread_that_has_ended_is_used_again() {
    alone(|| {
        let live = thread::spawn(|| blocks(10_000)).join().unwrap();
        let before: HashSet<usize> = live.iter().map(Block::address).collect();
        drop(live);
        let again = thread::spawn(move || {
            let again = blocks(10_000);
            again
                .iter()
                .filter(|it| before.contains(&it.address()))
                .count()
        });
        let again = again.join().unwrap();
        assert!(again > 9000, "{again} of 10 000");
        // SAFETY: alone, and the threads have ended.
        unsafe { validate() };
    });
}

#[test]
fn what_others_free_of_one_size_serves_another_size() {
    /// The slabs in which blocks lie.
    fn slabs(blocks: &[Block]) -> HashSet<usize> {
        blocks.iter().map(|it| it.address() / (16 << 10)).collect()
    }
    fn of(size: usize) -> Vec<Block> {
        let blocks = (0..800_000 / size).map(|_| Block::of(size, 8, 1));
        blocks.collect()
    }
    alone(|| {
        let (large, small) = (of(900), of(90));
        let freed = &slabs(&large) | &slabs(&small);
        thread::spawn(move || drop((large, small))).join().unwrap();
        let (middling, tiny) = (of(500), of(50));
        let taken = &slabs(&middling) | &slabs(&tiny);
        let again = taken.intersection(&freed).count();
        // Each new slab but the first of a size finds one that has come back.
        assert!(again * 2 > taken.len(), "{again} of {}", taken.len());
    });
}

/// Allocates and frees when its thread ends.
struct Last(Vec<Block>);

static ENDED: AtomicUsize = AtomicUsize::new(0);

impl Last {
    fn new() -> Self {
        Self(vec![Block::of(50, 8, 3), Block::of(5000, 8, 4)])
    }
}

impl Drop for Last {
    fn drop(&mut self) {
        let mut rng = fastrand::Rng::with_seed(self.0.len() as u64);
        self.0.extend((0..20).map(|_| Block::new(&mut rng)));
        self.0.drain(..10).for_each(drop);
        ENDED.fetch_add(1, Ordering::Relaxed);
    }
}

thread_local! {
    static LAST: RefCell<Option<Last>> = const { RefCell::new(None) };
}

#[test]
fn destructors_of_a_thread_allocate_and_free() {
    alone(|| {
        let threads = || {
            let threads = (0..8)
                .map(|_| thread::spawn(|| LAST.with_borrow_mut(|last| *last = Some(Last::new()))));
            let threads: Vec<_> = threads.collect();
            for it in threads {
                it.join().unwrap();
            }
        };
        (0..50).for_each(|_| threads());
        assert_eq!(ENDED.load(Ordering::Relaxed), 400);
        // SAFETY: alone, and the threads have ended.
        unsafe { validate() };
    });
}

/// A key of the system's, whose destructor runs after the heap was handed over: its number is
/// higher than the heap's, whose first allocation comes before.
fn late_key() -> libc::pthread_key_t {
    unsafe extern "C" fn end(last: *mut libc::c_void) {
        // SAFETY: it was made of a box.
        drop(unsafe { Box::from_raw(last.cast::<Last>()) });
    }
    drop(Block::of(1, 1, 1));
    let mut key = 0;
    // SAFETY: writes the key.
    let made = unsafe { libc::pthread_key_create(&raw mut key, Some(end)) };
    assert_eq!(made, 0);
    key
}

#[test]
fn destructors_that_run_after_the_heap_was_handed_over_allocate_and_free() {
    alone(|| {
        let key = late_key();
        let work = move || {
            let last = Box::into_raw(Box::new(Last::new()));
            // SAFETY: a key of this test.
            assert_eq!(unsafe { libc::pthread_setspecific(key, last.cast()) }, 0);
        };
        let rounds = |rounds| {
            for _ in 0..rounds {
                let threads: Vec<_> = (0..4).map(|_| thread::spawn(work)).collect();
                for it in threads {
                    it.join().unwrap();
                }
            }
        };
        rounds(50);
        let before = resident();
        rounds(repetitions(500));
        let grown = resident().saturating_sub(before);
        assert!(is_instrumented() || grown < 4 * MIB, "{grown} bytes");
        assert_eq!(
            ENDED.load(Ordering::Relaxed),
            4 * (50 + repetitions(500)),
            "each destructor has run"
        );
        // SAFETY: alone, and the threads have ended.
        unsafe { validate() };
    });
}

/// Filled before `main`, when the thread has no heap yet.
static EARLY: AtomicUsize = AtomicUsize::new(0);

extern "C" fn early() {
    let block = Box::new(Block::of(700, 16, 5));
    EARLY.store(Box::into_raw(block) as usize, Ordering::Relaxed);
}

#[used]
#[link_section = ".init_array"]
static CONSTRUCTOR: extern "C" fn() = early;

#[test]
fn a_constructor_allocates_before_the_program_begins() {
    let block = EARLY.swap(0, Ordering::Relaxed) as *mut Block;
    assert!(!block.is_null());
    // SAFETY: the constructor made it of a box. What it holds is checked.
    drop(unsafe { Box::from_raw(block) });
}
