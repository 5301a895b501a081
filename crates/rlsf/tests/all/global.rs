//! `GlobalTlsf`: this program's own allocator, and instances beside it.

use crate::verbs::{holds, layout, write};
use core::alloc::{GlobalAlloc, Layout};
use core::mem::size_of;
use core::ptr::NonNull;
use rlsf::{CAlloc, GlobalTlsf, GlobalTlsfOptions, SmallGlobalTlsf};
use std::collections::HashMap;
use std::sync::mpsc::{channel, Sender};
use std::thread;

/// What a C program's heap has to do.
struct TwoGranules;

impl GlobalTlsfOptions for TwoGranules {
    const LEAST_ALIGN: usize = 16;
}

/// Allocates from an instance; the block must be there.
fn take<O: GlobalTlsfOptions>(heap: &GlobalTlsf<O>, layout: Layout) -> NonNull<u8> {
    // SAFETY: the tests ask for more than nothing.
    NonNull::new(unsafe { heap.alloc(layout) }).unwrap()
}

/// Frees a live block of an instance, as every test's blocks are.
fn free<O: GlobalTlsfOptions>(heap: &GlobalTlsf<O>, block: NonNull<u8>, layout: Layout) {
    // SAFETY: see above.
    unsafe { heap.dealloc(block.as_ptr(), layout) };
}

/// Strings, maps and vectors (with their sums) of a thread, grown and dropped in
/// random order.
fn work(seed: u64) -> usize {
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut words: HashMap<usize, String> = HashMap::new();
    let mut rows: Vec<(usize, Vec<usize>)> = Vec::new();
    for step in 0..4000 {
        match rng.u8(..4) {
            0 => drop(words.insert(rng.usize(..300), "x".repeat(rng.usize(..200)))),
            1 => rows.push((step, vec![step])),
            2 => drop(words.remove(&rng.usize(..300))),
            _ if rows.len() > 20 => drop(rows.swap_remove(rng.usize(..20))),
            _ => rows.iter_mut().for_each(|(sum, row)| {
                *sum += step;
                row.push(step);
            }),
        }
    }
    assert!(words
        .values()
        .all(|word| word.bytes().all(|byte| byte == b'x')));
    assert!(rows
        .iter()
        .all(|(sum, row)| *sum == row.iter().sum::<usize>()));
    words.len() + rows.len()
}

#[test]
fn threads_share_the_heap_of_the_whole_program() {
    let threads: Vec<_> = (0..8)
        .map(|seed| thread::spawn(move || work(seed)))
        .collect();
    let kept: usize = threads
        .into_iter()
        .map(|thread| thread.join().unwrap())
        .sum();
    assert!(kept > 0);
    assert_eq!(crate::HEAP.validate(), Ok(()));
    let mut used = 0;
    crate::HEAP.for_each_block(&mut |block| used += usize::from(block.is_occupied()));
    assert!(used > 0, "the program itself allocates from it");
}

/// A block on its way to another thread, with the first byte of its pattern.
struct Parcel(NonNull<u8>, Layout, u8);

// SAFETY: a block belongs to whoever holds it.
unsafe impl Send for Parcel {}

fn make_parcels(heap: &GlobalTlsf, seed: u64, sender: &Sender<Parcel>) {
    let mut rng = fastrand::Rng::with_seed(seed);
    for _ in 0..3000 {
        let layout = layout(rng.usize(1..500), 1 << rng.u32(..7));
        let parcel = Parcel(take(heap, layout), layout, rng.u8(..));
        write(parcel.0, layout.size(), parcel.2);
        sender.send(parcel).unwrap();
    }
}

#[test]
fn threads_free_what_other_threads_allocated() {
    static HEAP: GlobalTlsf = GlobalTlsf::new();
    let (sender, receiver) = channel();
    for seed in 0..4 {
        let sender = sender.clone();
        thread::spawn(move || make_parcels(&HEAP, seed, &sender));
    }
    drop(sender);
    let mut arrived = 0;
    for Parcel(block, layout, first) in receiver {
        assert!(holds(block, layout.size(), first));
        free(&HEAP, block, layout);
        arrived += 1;
    }
    assert_eq!(arrived, 4 * 3000);
    assert_eq!(HEAP.validate(), Ok(()));
    HEAP.for_each_block(&mut |block| assert!(!block.is_occupied()));
}

fn large_blocks_come_and_go<O: GlobalTlsfOptions>(heap: &GlobalTlsf<O>) {
    let large = layout(64 << 20, 4096);
    for first in 0..3 {
        let block = take(heap, large);
        assert_eq!(block.as_ptr() as usize % 4096, 0);
        for page in (0..large.size()).step_by(4096) {
            // SAFETY: within the block.
            unsafe { block.as_ptr().wrapping_add(page).write(first) };
        }
        let small = take(heap, layout(10, 1));
        free(heap, block, large);
        free(heap, small, layout(10, 1));
        assert_eq!(heap.validate(), Ok(()));
    }
}

fn zeroed_memory_is_zero_also_when_it_is_used_again<O: GlobalTlsfOptions>(heap: &GlobalTlsf<O>) {
    for size in [1, 8, 100, 5000, 200_000] {
        let layout = layout(size, 8);
        let block = take(heap, layout);
        write(block, size, 1);
        free(heap, block, layout);
        // SAFETY: more than nothing.
        let again = NonNull::new(unsafe { heap.alloc_zeroed(layout) }).unwrap();
        // SAFETY: the block has this many bytes, all written to.
        let bytes = unsafe { core::slice::from_raw_parts(again.as_ptr(), size) };
        assert!(bytes.iter().all(|&byte| byte == 0));
        free(heap, again, layout);
    }
}

fn resizing_keeps_the_contents<O: GlobalTlsfOptions>(heap: &GlobalTlsf<O>) {
    for align in [1, 64, 4096] {
        let mut old = layout(10, align);
        let mut block = take(heap, old);
        write(block, old.size(), 5);
        for size in [11, 100, 1000, 70_000, 3 << 20, 9 << 20, 50_000, 20, 1] {
            // SAFETY: a live block with this layout.
            block = NonNull::new(unsafe { heap.realloc(block.as_ptr(), old, size) }).unwrap();
            assert_eq!(block.as_ptr() as usize % align, 0);
            assert!(holds(block, size.min(old.size()), 5));
            write(block, size, 5);
            // Something in the way of the next step.
            take(heap, layout(100, 1));
            old = layout(size, align);
        }
        free(heap, block, old);
        assert_eq!(heap.validate(), Ok(()));
    }
}

fn every_alignment_is_kept<O: GlobalTlsfOptions>(heap: &GlobalTlsf<O>) {
    for (shift, size) in (0..22).flat_map(|shift| [1, 30, 5000].map(|size| (shift, size))) {
        let layout = layout(size, 1 << shift);
        let blocks = [0; 3].map(|_| take(heap, layout));
        assert!(blocks
            .iter()
            .all(|block| block.as_ptr() as usize % (1 << shift) == 0));
        for block in blocks {
            write(block, size, 9);
        }
        assert!(blocks.iter().all(|&block| holds(block, size, 9)));
        for block in blocks {
            free(heap, block, layout);
        }
    }
    assert_eq!(heap.validate(), Ok(()));
}

fn out_of_memory_is_null_and_changes_nothing<O: GlobalTlsfOptions>(heap: &GlobalTlsf<O>) {
    let old = layout(100, 1);
    let block = take(heap, old);
    write(block, 100, 4);
    let most = isize::MAX as usize;
    for size in [most, most - 7, most - 4096] {
        // SAFETY: more than nothing.
        let new = unsafe { heap.alloc(layout(size, 1)) };
        // SAFETY: a live block.
        let larger = unsafe { heap.realloc(block.as_ptr(), old, size) };
        assert!(new.is_null() && larger.is_null(), "{size:#x}");
    }
    #[cfg(target_pointer_width = "64")]
    for layout in [
        layout(1 << 46, 1),
        layout(most - (most >> 6), 1),
        layout(most - (most >> 17), 1),
        layout(1, 1 << 62),
    ] {
        // SAFETY: more than nothing.
        assert!(unsafe { heap.alloc(layout) }.is_null());
    }
    assert!(holds(block, 100, 4));
    free(heap, block, old);
    assert_eq!(heap.validate(), Ok(()));
}

macro_rules! for_both_options {
    ($($function:ident),* $(,)?) => {$(
        mod $function {
            #[test]
            fn with_everything() {
                super::$function(&super::GlobalTlsf::<()>::new());
            }

            #[test]
            fn with_less_code() {
                super::$function(&super::SmallGlobalTlsf::new());
            }

            #[test]
            fn with_every_block_at_two_granules() {
                super::$function(&super::GlobalTlsf::<super::TwoGranules>::new());
            }
        }
    )*};
}

for_both_options!(
    large_blocks_come_and_go,
    zeroed_memory_is_zero_also_when_it_is_used_again,
    resizing_keeps_the_contents,
    every_alignment_is_kept,
    out_of_memory_is_null_and_changes_nothing,
    the_figures_add_up,
    only_requests_that_nothing_serves_count_as_failed,
);

/// What new pages serve has not failed.
fn only_requests_that_nothing_serves_count_as_failed<O: GlobalTlsfOptions>(heap: &GlobalTlsf<O>) {
    let small = layout(100, 1);
    let block = take(heap, small);
    // SAFETY: a live block with this layout.
    let larger = unsafe { heap.realloc(block.as_ptr(), small, 30 << 20) };
    assert!(!larger.is_null());
    take(heap, layout(1, 1 << 22));
    let expect = |failed| {
        assert_eq!(heap.validate(), Ok(()));
        #[cfg(feature = "stats")]
        assert_eq!(heap.statistics().failed_requests, failed);
        let _: usize = failed;
    };
    expect(0);
    // SAFETY: more than nothing.
    assert!(unsafe { heap.alloc(layout(isize::MAX as usize, 1)) }.is_null());
    expect(1);
    // SAFETY: a live block with this layout.
    let larger = unsafe { heap.realloc(larger, layout(30 << 20, 1), isize::MAX as usize) };
    assert!(larger.is_null());
    expect(2);
}

/// The walk and the statistics tell the same.
fn the_figures_add_up<O: GlobalTlsfOptions>(heap: &GlobalTlsf<O>) {
    let layouts: Vec<Layout> = (1..500).map(|n| layout(n * 37, 1 << (n % 9))).collect();
    let blocks: Vec<NonNull<u8>> = layouts.iter().map(|&layout| take(heap, layout)).collect();
    let asked: usize = layouts.iter().map(Layout::size).sum();
    let count = || {
        let (mut used, mut live, mut unused) = (0, 0, 0);
        heap.for_each_block(&mut |block| {
            if block.is_occupied() {
                (used, live) = (used + block.size(), live + 1);
            } else {
                unused += block.size();
            }
        });
        #[cfg(feature = "stats")]
        {
            let figures = heap.statistics();
            assert_eq!(
                (figures.used_bytes, figures.live_blocks, figures.free_bytes),
                (used, live, unused)
            );
        }
        (used, live, unused)
    };
    let (used, live, unused) = count();
    assert!(used > asked && used < asked + 500 * 40);
    assert_eq!(live, 499);
    for (&block, &layout) in blocks.iter().zip(&layouts) {
        free(heap, block, layout);
    }
    assert_eq!(count(), (0, 0, used + unused));
}

/// Whatever is allocated, resized and freed, and however the heap grows.
#[test]
fn every_block_lies_at_the_least_alignment() {
    let heap = GlobalTlsf::<TwoGranules>::new();
    let mut rng = fastrand::Rng::with_seed(3);
    let mut live: Vec<NonNull<u8>> = Vec::new();
    let mut peak = 0;
    for _ in 0..20_000 {
        let (bits, align) = (rng.u32(1..18), 1 << rng.u32(..8));
        let wanted = layout(rng.usize(..1 << bits), align);
        let block = match rng.u8(..4) {
            0 if !live.is_empty() => {
                let old = live.swap_remove(rng.usize(..live.len()));
                // SAFETY: a live block.
                unsafe { CAlloc::reallocate(&heap, old, wanted) }
            }
            1 if !live.is_empty() => {
                let old = live.swap_remove(rng.usize(..live.len()));
                // SAFETY: a live block.
                unsafe { CAlloc::deallocate(&heap, old) };
                continue;
            }
            _ => CAlloc::allocate(&heap, wanted),
        };
        let block = block.unwrap();
        assert_eq!(block.as_ptr() as usize % wanted.align().max(16), 0);
        // SAFETY: a live block.
        let usable = unsafe { GlobalTlsf::<TwoGranules>::allocation_usable_size(block) };
        assert!(usable >= wanted.size() && usable % 16 == 16 - size_of::<usize>());
        live.push(block);
        peak = peak.max(live.len());
    }
    assert!(peak > 1000);
    assert_eq!(heap.validate(), Ok(()));
    heap.for_each_block(&mut |block| assert_eq!(block.size() % 16, 0));
}

#[test]
fn an_instance_is_default_debug_send_and_sync() {
    fn check<T: Default + core::fmt::Debug + Send + Sync>() -> String {
        format!("{:?}", T::default())
    }
    assert!(check::<GlobalTlsf>().starts_with("GlobalTlsf"));
    assert!(check::<SmallGlobalTlsf>().starts_with("GlobalTlsf"));
}

#[test]
#[cfg(feature = "stats")]
fn statistics_count_blocks_that_grow_and_shrink_as_requests() {
    let heap: GlobalTlsf = GlobalTlsf::new();
    heap.reserve(64 << 20).unwrap();
    for (size, larger) in [(100, 1000), (10_000, 100_000), (1 << 20, 5 << 20)] {
        let layout = |size| Layout::from_size_align(size, 8).unwrap();
        let before = heap.statistics();
        // SAFETY: more than nothing.
        let block = unsafe { heap.alloc(layout(size)) };
        // SAFETY: a live block.
        let block = unsafe { heap.realloc(block, layout(size), larger) };
        let grown = heap.statistics();
        assert!(grown.used_bytes >= before.used_bytes + larger);
        assert!(grown.peak_used_bytes >= grown.used_bytes);
        assert_eq!(grown.live_blocks, before.live_blocks + 1);
        assert!(grown.largest_request >= larger, "{larger}");
        assert!(grown.largest_request < larger + 16, "{larger}");
        // SAFETY: a live block.
        let block = unsafe { heap.realloc(block, layout(larger), size) };
        let shrunk = heap.statistics();
        assert!(shrunk.used_bytes < before.used_bytes + size + size / 8 + 64);
        assert_eq!(shrunk.peak_used_bytes, grown.peak_used_bytes);
        // SAFETY: a live block.
        unsafe { heap.dealloc(block, layout(size)) };
        assert_eq!(heap.statistics().used_bytes, before.used_bytes);
        assert_eq!(heap.statistics().live_blocks, before.live_blocks);
    }
}
