//! Memory taken in advance and given back, and what is told of it.

use crate::alone::is_instrumented;
use crate::process::{faults, in_child, leave, limit, resident};
use core::alloc::{GlobalAlloc, Layout};
use core::time::Duration;
use rlsf::{Misuse, ReserveError};
use rlsf_threads::ThreadedTlsf;
use std::thread;

const MIB: usize = 1 << 20;
const HEAP: ThreadedTlsf = ThreadedTlsf::new();

/// Allocates, resizes, writes and frees blocks of all kinds, some 8 MiB live at the most.
fn work() {
    let mut rng = fastrand::Rng::with_seed(3);
    let mut live: [Option<(*mut u8, Layout)>; 64] = [None; 64];
    for _ in 0..20_000 {
        let place = rng.usize(..live.len());
        let bits = rng.u32(3..17);
        let size = rng.usize(1..1 << bits);
        live[place] = match live[place].take() {
            None => {
                let layout = Layout::from_size_align(size, 1 << rng.u32(..8)).unwrap();
                // SAFETY: more than nothing.
                let block = unsafe { HEAP.alloc(layout) };
                // SAFETY: a new block of this many bytes.
                unsafe { block.write_bytes(7, size) };
                Some((block, layout))
            }
            Some((block, old)) if rng.bool() => {
                // SAFETY: a live block.
                let block = unsafe { HEAP.realloc(block, old, size) };
                Some((block, Layout::from_size_align(size, old.align()).unwrap()))
            }
            Some((block, old)) => {
                // SAFETY: a live block.
                unsafe { HEAP.dealloc(block, old) };
                None
            }
        };
    }
    for (block, layout) in live.into_iter().flatten() {
        // SAFETY: a live block.
        unsafe { HEAP.dealloc(block, layout) };
    }
}

#[test]
fn no_page_fault_happens_within_a_reserve() {
    let code = in_child(|| {
        let faulting = || {
            HEAP.trim();
            HEAP.reserve(16 * MIB).unwrap();
            let before = faults();
            work();
            faults() - before
        };
        // The first time also touches the program's own pages; and the kernel may take one of
        // those away at any time, but not every time.
        let counts = [(); 4].map(|()| faulting());
        assert!(counts[1..].contains(&0), "{counts:?}");
    });
    assert_eq!(code, 0);
}

/// Whether at most few faults came at first and then none, of what a tool that watches does not add some to.
fn are_rare(faults: [i64; 4]) -> bool {
    is_instrumented() || (faults.contains(&0) && faults[0] < 50)
}

/// What one thread has used and freed, it and others use again.
#[test]
fn a_reserve_is_there_after_it_was_used() {
    fn fill() {
        let blocks: Vec<Vec<u8>> = (0..1000).map(|n| vec![1; 20 * n]).collect();
        assert_eq!(blocks.iter().map(Vec::len).sum::<usize>(), 9_990_000);
    }
    let code = in_child(|| {
        // Touches what else the program and its threads have.
        for _ in 0..2 {
            fill();
            thread::spawn(fill).join().unwrap();
        }
        HEAP.trim();
        HEAP.reserve(40 * MIB).unwrap();
        let counts = [(); 4].map(|()| {
            let before = faults();
            fill();
            faults() - before
        });
        assert!(are_rare(counts), "{counts:?}");
        let in_thread = || {
            let before = faults();
            fill();
            faults() - before
        };
        let counts = [(); 4].map(|()| thread::spawn(in_thread).join().unwrap());
        assert!(are_rare(counts), "{counts:?}");
    });
    assert_eq!(code, 0);
}

/// The kernel ends a process in its strictest mode at any system call but `read`, `write`
/// and `exit`.
fn strictly(work: impl FnOnce()) {
    // SAFETY: it limits what this process may do.
    let strict = unsafe { libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_STRICT) };
    if strict != 0 {
        println!("skipped: the kernel has no strict mode");
        return;
    }
    work();
    leave(0);
}

#[test]
fn no_system_call_happens_within_a_reserve() {
    let code = in_child(|| {
        HEAP.reserve(16 * MIB).unwrap();
        strictly(work);
    });
    assert_eq!(code, 0);
}

#[test]
fn without_a_reserve_the_system_is_asked() {
    let code = in_child(|| {
        // More than other tests have left.
        let large = Layout::from_size_align(1 << 30, 1).unwrap();
        strictly(|| {
            // SAFETY: more than nothing.
            core::hint::black_box(unsafe { HEAP.alloc(large) });
        });
    });
    assert_eq!(code, -libc::SIGKILL);
}

#[test]
fn a_reserve_larger_than_the_address_space_is_refused() {
    assert!(HEAP.reserve(usize::MAX >> 1).is_err());
}

#[test]
fn what_is_freed_goes_back_to_the_system_at_a_trim() {
    let code = in_child(|| {
        let before = resident();
        let threads: Vec<_> = (0..4)
            .map(|_| {
                thread::spawn(|| {
                    let blocks: Vec<Vec<u8>> = (0..30_000).map(|n| vec![1; n % 2000]).collect();
                    blocks.iter().map(Vec::len).sum::<usize>()
                })
            })
            .collect();
        for thread in threads {
            assert!(thread.join().unwrap() > 20 * MIB);
        }
        drop(core::hint::black_box(vec![1_u8; 30 * MIB]));
        HEAP.trim();
        let after = resident();
        assert!(
            is_instrumented() || after < before + 2 * MIB,
            "{before} {after}"
        );
    });
    assert_eq!(code, 0);
}

#[test]
fn statistics_count_what_is_in_use() {
    let code = in_child(|| {
        // What other tests' threads have freed for this one is seen before.
        HEAP.trim();
        let before = HEAP.statistics();
        let small = vec![0_u8; 100];
        let middle = vec![0_u8; 5000];
        let large = vec![0_u8; MIB];
        let after = HEAP.statistics();
        assert_eq!(after.live_blocks - before.live_blocks, 3);
        let bytes = after.live_bytes - before.live_bytes;
        let asked = small.len() + middle.len() + large.len();
        // Of a middle block, an eighth at most is waste.
        assert!(
            bytes >= asked && bytes < asked + 100 + middle.len() / 8,
            "{bytes}"
        );
        assert!(after.peak_bytes >= after.live_bytes);
        assert!(after.source_bytes >= after.segment_bytes + MIB);
        drop((small, middle, large));
        let end = HEAP.statistics();
        assert_eq!(end.live_blocks, before.live_blocks);
        assert_eq!(end.live_bytes, before.live_bytes);
    });
    assert_eq!(code, 0);
}

#[test]
fn pointers_that_are_none_are_told_from_blocks() {
    for size in [1, 16, 100, 1024, 2032, 5000, 300 << 10] {
        let layout = Layout::from_size_align(size, 1).unwrap();
        let block = HEAP.allocate_checked(layout).unwrap();
        assert!(HEAP.usable_size_checked(block).unwrap() >= size);
        let free = |block| {
            // SAFETY: nobody uses it, if it is a block.
            unsafe { HEAP.deallocate_checked(block) }
        };
        // SAFETY: within the block.
        let odd = unsafe { block.add(1) };
        assert_eq!(free(odd), Err(Misuse::Misaligned));
        assert_eq!(free(block), Ok(()));
        assert_eq!(free(block), Err(Misuse::Free), "{size}");
    }
    let elsewhere = core::ptr::NonNull::from(&mut [0_u64; 4]).cast();
    assert_eq!(HEAP.usable_size_checked(elsewhere), Err(Misuse::Foreign));
}

/// A large block that is all written, of bytes that no other test asks for.
fn large() -> Vec<u8> {
    core::hint::black_box(vec![1; 32 * MIB])
}

/// Longer than it takes until a large block may go back to the system.
const LONG_ENOUGH: Duration = Duration::from_millis(600);

#[test]
fn a_large_block_goes_back_to_the_system_when_it_is_freed_but_not_as_often_as_it_is_freed() {
    let code = in_child(|| {
        HEAP.trim();
        let before = resident();
        let is_gone = || is_instrumented() || resident() < before + 8 * MIB;
        let mut went = 0;
        drop(large());
        while went < 100 && is_gone() {
            drop(large());
            went += 1;
        }
        assert!(is_instrumented() || went < 100, "it went each time");
        thread::sleep(LONG_ENOUGH);
        drop(large());
        assert!(is_gone());
    });
    assert_eq!(code, 0);
}

#[test]
fn the_place_that_a_large_block_has_left_goes_back_to_the_system() {
    let code = in_child(|| {
        HEAP.trim();
        drop(large());
        thread::sleep(LONG_ENOUGH);
        // One of them at the most has so much room behind it.
        let mut blocks = [large(), large()];
        let before = resident();
        assert!(blocks.iter_mut().any(|block| {
            let place = block.as_ptr();
            block.reserve_exact(256 * MIB);
            block.as_ptr() != place
        }));
        let after = resident();
        assert!(
            is_instrumented() || after < before + 8 * MIB,
            "{before} {after}"
        );
        assert!(blocks.iter().flatten().all(|&byte| byte == 1));
    });
    assert_eq!(code, 0);
}

#[test]
fn large_blocks_stay_in_memory_while_there_is_a_reserve() {
    let code = in_child(|| {
        HEAP.reserve(64 * MIB).unwrap();
        let before = resident();
        drop(large());
        thread::sleep(LONG_ENOUGH);
        drop(large());
        let after = resident();
        assert!(after + 8 * MIB > before, "{before} {after}");
    });
    assert_eq!(code, 0);
}

/// The address space of this process in bytes.
fn mapped() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: u64 = text.split(' ').next().unwrap().parse().unwrap();
    pages * 4096
}

#[test]
fn a_reserve_that_the_system_has_no_pages_for_leaves_no_trace() {
    if is_instrumented() {
        return;
    }
    let code = in_child(|| {
        for bytes in [1, 4 * MIB, 9 * MIB, 20 * MIB, 60 * MIB] {
            HEAP.trim();
            let (before, had) = (HEAP.statistics(), mapped());
            let mut failures = 0;
            loop {
                limit(had + failures * MIB as u64);
                let result = HEAP.reserve(bytes);
                limit(u64::MAX);
                if result.is_ok() {
                    break;
                }
                failures += 1;
                let after = HEAP.statistics();
                assert_eq!(
                    after.source_bytes, before.source_bytes,
                    "{bytes}, {failures}"
                );
                assert_eq!(
                    after.segment_bytes, before.segment_bytes,
                    "{bytes}, {failures}"
                );
            }
        }
        HEAP.trim();
        let before = HEAP.statistics();
        limit(mapped());
        // More than other tests have left.
        let result = HEAP.reserve(1 << 34);
        limit(u64::MAX);
        assert_eq!(result, Err(ReserveError::NoPages));
        assert_eq!(HEAP.statistics().source_bytes, before.source_bytes);
    });
    assert_eq!(code, 0);
}

#[test]
fn after_a_reserve_that_failed_large_blocks_go_back_to_the_system() {
    let code = in_child(|| {
        HEAP.trim();
        drop(large());
        assert!(HEAP.reserve(usize::MAX >> 1).is_err());
        thread::sleep(LONG_ENOUGH);
        let block = large();
        let before = resident();
        drop(block);
        assert!(is_instrumented() || resident() + 24 * MIB < before);
    });
    assert_eq!(code, 0);
}

#[test]
fn statistics_count_what_realloc_makes_of_a_block() {
    let code = in_child(|| {
        HEAP.trim();
        for size in [100, 1500, 5000, 100_000, MIB, 3 * MIB] {
            let layout = |size| Layout::from_size_align(size, 1).unwrap();
            let before = HEAP.statistics();
            let is = |blocks, bytes: usize| {
                let now = HEAP.statistics();
                assert_eq!(now.live_blocks, before.live_blocks + blocks, "{size}");
                let more = now.live_bytes - before.live_bytes;
                assert!(
                    (bytes..=bytes + bytes / 8 + 16).contains(&more),
                    "{size}: {more}"
                );
                assert!(now.peak_bytes >= now.live_bytes);
            };
            // SAFETY: more than nothing.
            let mut block = unsafe { HEAP.alloc(layout(size)) };
            is(1, size);
            let mut now = size;
            for next in [2 * size, 10 * size, size + 1, size / 2, 3 * size] {
                // SAFETY: a live block.
                block = unsafe { HEAP.realloc(block, layout(now), next) };
                is(1, next);
                now = next;
            }
            assert!(HEAP.statistics().peak_bytes >= before.live_bytes + 10 * size);
            // SAFETY: a live block.
            unsafe { HEAP.dealloc(block, layout(now)) };
            is(0, 0);
        }
    });
    assert_eq!(code, 0);
}
