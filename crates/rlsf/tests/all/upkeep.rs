//! `GlobalTlsf`: reserves, memory given back, and zeros without touching pages.

use crate::child::{in_child, is_instrumented, leave, End};
use crate::verbs::{holds, layout, write};
use core::alloc::{GlobalAlloc, Layout};
use core::ptr::NonNull;
use rlsf::{GlobalTlsf, ReserveError};
use std::fs;

const MIB: usize = 1 << 20;

fn take(heap: &GlobalTlsf, layout: Layout) -> NonNull<u8> {
    // SAFETY: the tests ask for more than nothing.
    NonNull::new(unsafe { heap.alloc(layout) }).unwrap()
}

fn free(heap: &GlobalTlsf, block: NonNull<u8>, layout: Layout) {
    // SAFETY: the tests' blocks are live.
    unsafe { heap.dealloc(block.as_ptr(), layout) };
}

/// The bytes of this process that are in memory, code apart: counted page by page, where `statm`
/// may be behind by some pages for each processor.
fn resident() -> usize {
    let text = fs::read_to_string("/proc/self/smaps_rollup").unwrap();
    let line = text
        .lines()
        .find(|line| line.starts_with("Anonymous:"))
        .unwrap();
    let kib: usize = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kib << 10
}

/// The page faults of this process so far.
fn faults() -> i64 {
    // SAFETY: all zeros are a value of the type.
    let mut usage: libc::rusage = unsafe { core::mem::zeroed() };
    // SAFETY: writes the figures.
    unsafe { libc::getrusage(libc::RUSAGE_SELF, &raw mut usage) };
    #[allow(clippy::useless_conversion)] // 32 bits on some targets
    let faults = i64::from(usage.ru_minflt) + i64::from(usage.ru_majflt);
    faults
}

/// Allocates, resizes, writes and frees blocks of all sizes, `bytes` live at the most.
fn work(heap: &GlobalTlsf, bytes: usize) {
    let mut rng = fastrand::Rng::with_seed(3);
    let mut live = [None; 64];
    for _ in 0..20_000 {
        let place = rng.usize(..live.len());
        let bits = rng.u32(3..(bytes / live.len()).trailing_zeros());
        let size = rng.usize(1..1 << bits);
        live[place] = match live[place].take() {
            None => {
                let layout = layout(size, 1 << rng.u32(..8));
                let block = take(heap, layout);
                // SAFETY: the block has this many bytes.
                unsafe { block.as_ptr().write_bytes(7, size) };
                Some((block, layout))
            }
            Some((block, old)) if rng.bool() => {
                // SAFETY: a live block.
                let block = unsafe { heap.realloc(block.as_ptr(), old, size) };
                Some((NonNull::new(block).unwrap(), layout(size, old.align())))
            }
            Some((block, old)) => {
                free(heap, block, old);
                None
            }
        };
    }
    for (block, layout) in live.into_iter().flatten() {
        free(heap, block, layout);
    }
}

/// What a reserve serves, from a new heap.
fn work_within_a_reserve<T>(act: impl FnOnce(&dyn Fn()) -> T) -> T {
    let heap = GlobalTlsf::new();
    work(&heap, MIB);
    heap.reserve(32 * MIB).unwrap();
    act(&|| {
        work(&heap, 8 * MIB);
        let large = layout(16 * MIB, 4096);
        // SAFETY: more than nothing.
        let block = NonNull::new(unsafe { heap.alloc_zeroed(large) }).unwrap();
        free(&heap, block, large);
    })
}

#[test]
fn no_page_fault_happens_within_a_reserve() {
    if is_instrumented() {
        return;
    }
    let end = in_child(|| {
        let faulting = |work: &dyn Fn()| {
            let before = faults();
            work();
            faults() - before
        };
        // The first heap also touches the program's own pages; and the kernel may take one of
        // those away at any time, but not every time.
        let counts = [(); 4].map(|()| work_within_a_reserve(faulting));
        assert!(counts[1..].contains(&0), "{counts:?}");
    });
    assert_eq!(end, End::Code(0));
}

/// The kernel ends a process in its strictest mode at any system call but `read`, `write`
/// and `exit`.
#[test]
fn no_system_call_happens_within_a_reserve() {
    if is_instrumented() {
        return;
    }
    let strictly = |work: &dyn Fn()| {
        // SAFETY: it limits what this process may do.
        let strict = unsafe { libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_STRICT) };
        if strict != 0 {
            println!("skipped: the kernel has no strict mode");
            return;
        }
        work();
        leave(0);
    };
    assert_eq!(
        in_child(move || work_within_a_reserve(strictly)),
        End::Code(0)
    );
    // Without a reserve the same ends the process.
    let end = in_child(move || strictly(&|| work(&GlobalTlsf::new(), MIB)));
    assert_eq!(end, End::Signal(libc::SIGKILL));
}

#[test]
fn a_reserve_holds_a_block_of_its_size() {
    let heap = GlobalTlsf::<()>::new();
    for bytes in [0, 1, 4096, 3 * MIB, 20 * MIB + 1] {
        assert_eq!(heap.reserve(bytes), Ok(()));
        let mut largest = 0;
        heap.for_each_block(&mut |block| {
            if !block.is_occupied() {
                largest = largest.max(block.max_payload_size());
            }
        });
        assert!(largest >= bytes);
        assert_eq!(heap.validate(), Ok(()));
    }
}

#[test]
fn a_reserve_that_is_there_takes_nothing_more() {
    let heap = GlobalTlsf::<()>::new();
    assert_eq!(heap.largest_allocatable(), 0);
    heap.reserve(3 * MIB).unwrap();
    let (bytes, largest) = (heap.source_bytes(), heap.largest_allocatable());
    assert!(largest >= 3 * MIB && largest < bytes);
    for bytes in [1, MIB, 3 * MIB, largest] {
        heap.reserve(bytes).unwrap();
    }
    assert_eq!(heap.source_bytes(), bytes);
    // One that is all taken is there no more.
    take(&heap, layout(largest, 1));
    assert_eq!(heap.largest_allocatable(), 0);
    heap.reserve(1).unwrap();
    assert!(heap.source_bytes() > bytes);
}

/// Each time it takes a quarter more, so that few times are enough.
#[test]
fn a_heap_that_grows_asks_the_system_ever_more_seldom() {
    let heap = GlobalTlsf::<()>::new();
    let mut times = 0;
    for _ in 0..400 {
        let before = heap.bytes_taken();
        take(&heap, layout(MIB, 8));
        times += usize::from(heap.bytes_taken() > before);
    }
    assert!((10..40).contains(&times), "{times} times");
    assert!(heap.source_bytes() < 400 * MIB * 3 / 2);
}

#[test]
fn an_impossible_reserve_is_an_error_and_changes_nothing() {
    let heap = GlobalTlsf::new();
    let block = take(&heap, layout(100, 1));
    for bytes in [usize::MAX, isize::MAX as usize, isize::MAX as usize - 5000] {
        assert_eq!(heap.reserve(bytes), Err(ReserveError::NoPages));
    }
    assert!(ReserveError::NoPages.to_string().contains("address space"));
    free(&heap, block, layout(100, 1));
    assert_eq!(heap.validate(), Ok(()));
}

#[test]
fn locked_memory_stays_or_the_error_says_why() {
    if is_instrumented() {
        return;
    }
    let end = in_child(|| {
        let none = libc::rlimit {
            rlim_cur: 0,
            rlim_max: 0,
        };
        let heap = GlobalTlsf::new();
        let locked = heap.reserve_locked(MIB);
        assert!(matches!(
            locked,
            Ok(()) | Err(ReserveError::NotResident { .. })
        ));
        // SAFETY: a limit of this process, and the right to pass it given up.
        let limited = unsafe { libc::setrlimit(libc::RLIMIT_MEMLOCK, &raw const none) };
        // SAFETY: as above.
        let is_nobody = unsafe { libc::setuid(65534) };
        if (limited, is_nobody) == (0, 0) {
            let error = heap.reserve_locked(40 * MIB).unwrap_err();
            assert!(error.to_string().contains("RLIMIT_MEMLOCK"), "{error}");
        }
        let block = take(&heap, layout(MIB, 1));
        write(block, MIB, 3);
        assert!(holds(block, MIB, 3));
    });
    assert_eq!(end, End::Code(0));
}

/// The bytes of this process that the kernel keeps in memory.
fn locked() -> usize {
    let text = fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find(|line| line.starts_with("VmLck:"));
    let kib: usize = line
        .unwrap()
        .split_whitespace()
        .nth(1)
        .unwrap()
        .parse()
        .unwrap();
    kib << 10
}

/// The lock, the bitmaps and the heads of the lists lie in pages of their own.
#[test]
fn what_is_locked_is_the_memory_and_the_heap_itself() {
    if is_instrumented() {
        return;
    }
    let end = in_child(|| {
        let heap = GlobalTlsf::<()>::new();
        let before = locked();
        if heap.reserve_locked(MIB).is_err() {
            println!("skipped: no memory may be locked");
            return;
        }
        let more = locked() - before - heap.source_bytes();
        assert!(
            (4096..256 << 10).contains(&more),
            "{more} bytes beside the blocks'"
        );
    });
    assert_eq!(end, End::Code(0));
}

/// Fills a heap with blocks of all sizes up to about `bytes`, all written to.
fn fill(heap: &GlobalTlsf, bytes: usize, live: &mut Vec<(NonNull<u8>, Layout)>) {
    let mut rng = fastrand::Rng::with_seed(5);
    let mut sum = 0;
    while sum < bytes {
        let bits = rng.u32(4..22);
        let layout = layout(rng.usize(1..1 << bits), 8);
        let block = take(heap, layout);
        // SAFETY: the block has this many bytes.
        unsafe { block.as_ptr().write_bytes(1, layout.size()) };
        sum += layout.size();
        live.push((block, layout));
    }
}

#[test]
fn after_everything_is_freed_trim_gives_all_memory_back() {
    const BYTES: usize = 200 * MIB;
    fn empty(heap: &GlobalTlsf, live: &mut Vec<(NonNull<u8>, Layout)>) -> usize {
        while let Some((block, layout)) = live.pop() {
            free(heap, block, layout);
        }
        heap.trim()
    }
    let end = in_child(|| {
        let heap = GlobalTlsf::new();
        let mut live = Vec::with_capacity(100_000);
        live.resize(100_000, (NonNull::dangling(), layout(1, 1)));
        live.clear();
        // What the calls themselves need is to be there: AddressSanitizer puts the variables of
        // each call elsewhere in some MiB of its own, until it has touched all of them.
        let other = GlobalTlsf::new();
        for _ in 0..12 {
            let before = resident();
            fill(&other, BYTES, &mut live);
            empty(&other, &mut live);
            if resident() < before + MIB / 16 {
                break;
            }
        }
        let text = format!("{} {}", resident(), resident());
        let start = resident();
        for _ in 0..2 {
            fill(&heap, BYTES, &mut live);
            assert!(resident() > start + 190 * MIB);
            assert!(empty(&heap, &mut live) > 190 * MIB);
            let rest = resident().saturating_sub(start);
            assert!(rest < MIB, "{rest} bytes stay ({text})");
        }
        assert_eq!(heap.validate(), Ok(()));
    });
    assert_eq!(end, End::Code(0));
}

/// A few blocks all over the heap keep their pages, and no others.
#[test]
fn trim_gives_back_the_pages_between_blocks_that_stay() {
    let end = in_child(|| {
        let heap = GlobalTlsf::new();
        let mut live = Vec::with_capacity(100_000);
        let start = resident();
        fill(&heap, 200 * MIB, &mut live);
        let mut kept = Vec::new();
        for (index, (block, layout)) in live.into_iter().enumerate() {
            if index % 64 == 0 && layout.size() < 10_000 {
                write(block, layout.size(), 9);
                kept.push((block, layout));
            } else {
                free(&heap, block, layout);
            }
        }
        heap.trim();
        assert!(resident() < start + 8 * MIB);
        for (block, layout) in kept {
            assert!(holds(block, layout.size(), 9));
            free(&heap, block, layout);
        }
        assert_eq!(heap.validate(), Ok(()));
        let mut again = Vec::with_capacity(100_000);
        fill(&heap, 100 * MIB, &mut again);
        assert_eq!(heap.validate(), Ok(()));
    });
    assert_eq!(end, End::Code(0));
}

#[test]
fn a_trim_in_steps_gives_back_as_much_as_one_at_once() {
    const BUDGET: usize = 256 << 10;
    if is_instrumented() {
        return;
    }
    let end = in_child(|| {
        let heap = GlobalTlsf::new();
        let mut live = Vec::with_capacity(100_000);
        live.resize(100_000, (NonNull::dangling(), layout(1, 1)));
        live.clear();
        let start = resident();
        fill(&heap, 200 * MIB, &mut live);
        let full = resident();
        let kept = live.split_off(live.len() - 1);
        for (block, layout) in live {
            free(&heap, block, layout);
        }
        let before = heap.bytes_given_back();
        let (mut steps, mut bytes) = (1, 0);
        loop {
            let step = heap.trim_step(BUDGET);
            assert!(step.bytes <= BUDGET);
            bytes += step.bytes;
            if step.is_complete {
                break;
            }
            steps += 1;
            if steps == 100 {
                let given = full.saturating_sub(resident());
                assert!(given.abs_diff(99 * BUDGET) < 2 * MIB, "{given}");
            }
        }
        assert!(steps >= 200 * MIB / BUDGET, "{steps}");
        assert_eq!(heap.bytes_given_back() - before, bytes);
        let rest = resident().saturating_sub(start);
        let kept_bytes: usize = kept.iter().map(|(_, layout)| layout.size()).sum();
        assert!(rest < kept_bytes + MIB, "{rest} bytes stay");
        assert_eq!(heap.validate(), Ok(()));
    });
    assert_eq!(end, End::Code(0));
}

#[test]
fn a_large_zeroed_block_touches_no_page() {
    let end = in_child(|| {
        let heap = GlobalTlsf::new();
        let large = layout(200 * MIB, 64);
        let start = resident();
        // Fresh, and then used before.
        for _ in 0..2 {
            // SAFETY: more than nothing.
            let block = NonNull::new(unsafe { heap.alloc_zeroed(large) }).unwrap();
            let grown = resident().saturating_sub(start);
            assert!(is_instrumented() || grown < MIB, "{grown} bytes");
            // SAFETY: the block has this many bytes, and all are zero.
            let bytes = unsafe { core::slice::from_raw_parts(block.as_ptr(), large.size()) };
            assert!(bytes.iter().all(|&byte| byte == 0));
            // SAFETY: the block has this many bytes.
            unsafe { block.as_ptr().write_bytes(1, large.size()) };
            free(&heap, block, large);
        }
    });
    assert_eq!(end, End::Code(0));
}

/// Around the size from which the kernel does it, at every kind of address.
#[test]
fn zeroed_blocks_of_every_size_are_zero_in_used_memory() {
    let heap = GlobalTlsf::new();
    for size in [1, 4095, 300_000, 524_287, 524_288, 524_289, 3 * MIB + 5] {
        for align in [1, 32, 4096] {
            let layout = layout(size, align);
            let before = take(&heap, Layout::new::<[u8; 100]>());
            let block = take(&heap, layout);
            write(block, size, 1);
            free(&heap, block, layout);
            // SAFETY: more than nothing.
            let block = NonNull::new(unsafe { heap.alloc_zeroed(layout) }).unwrap();
            // SAFETY: the block has this many bytes.
            let bytes = unsafe { core::slice::from_raw_parts(block.as_ptr(), size) };
            assert!(bytes.iter().all(|&byte| byte == 0), "{layout:?}");
            free(&heap, block, layout);
            free(&heap, before, Layout::new::<[u8; 100]>());
        }
    }
    assert_eq!(heap.validate(), Ok(()));
}

#[test]
fn dropped_instances_give_their_pages_back() {
    let end = in_child(|| {
        let start = resident();
        for _ in 0..30 {
            let heap = GlobalTlsf::<()>::new();
            let block = take(&heap, layout(20 * MIB, 1));
            // SAFETY: the block has this many bytes.
            unsafe { block.as_ptr().write_bytes(1, 20 * MIB) };
            // A heap that is in use can be moved.
            let moved = Box::new(heap);
            free(&moved, block, layout(20 * MIB, 1));
        }
        assert!(resident() < start + 2 * MIB);
    });
    assert_eq!(end, End::Code(0));
}
