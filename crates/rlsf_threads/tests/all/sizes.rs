//! Every size and alignment.

#![allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // any byte will do

use crate::alone::{alone, validate};
use crate::block::Block;
use crate::process::limit;
use core::alloc::{GlobalAlloc, Layout};
use rlsf_threads::ThreadedTlsf;

const HEAP: ThreadedTlsf = ThreadedTlsf::new();
const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;

/// Where something changes, and what is beside it.
fn boundaries() -> impl Iterator<Item = usize> {
    let powers = (0..24).map(|bits| 1 << bits);
    let eighths = (6..10).flat_map(|bits| (1..8).map(move |it| (8 + it) << (bits - 3)));
    let largest = [
        16 * KIB - 8,
        256 * KIB,
        300 * KIB,
        4 * MIB - 8,
        4 * MIB - 512,
    ];
    let all = powers.chain(eighths).chain(largest);
    all.flat_map(|size: usize| [size.saturating_sub(1), size, size + 1])
}

#[test]
fn every_size_is_served_and_holds_its_bytes() {
    let all = (0..5000)
        .chain(boundaries())
        .chain((5000..300 * KIB).step_by(977));
    let mut live = Vec::new();
    for size in all {
        live.push(Block::of(size, 1, size as u8));
        if live.len() == 40 {
            live.clear();
        }
    }
}

#[test]
fn every_alignment_is_kept() {
    for bits in 0..=23 {
        let sizes = [0, 1, 24, 1000, 1025, 20_000, 256 * KIB, 300 * KIB];
        let blocks = sizes.map(|size| Block::of(size, 1 << bits, bits as u8));
        for (mut block, size) in blocks.into_iter().zip(sizes.into_iter().rev()) {
            block.resize(size.max(1));
        }
    }
}

#[test]
fn zeroed_blocks_are_zero_in_used_memory() {
    for size in boundaries().filter(|size| *size <= 5 * MIB && *size > 0) {
        let layout = Layout::from_size_align(size, 8).unwrap();
        drop(Block::of(size, 8, 0xff));
        // SAFETY: more than nothing.
        let block = unsafe { HEAP.alloc_zeroed(layout) };
        // SAFETY: a block of so many bytes, all of them written.
        let bytes = unsafe { core::slice::from_raw_parts(block, size) };
        assert!(bytes.iter().all(|byte| *byte == 0), "{size}");
        // SAFETY: a live block.
        unsafe { HEAP.dealloc(block, layout) };
    }
}

#[test]
fn contents_stay_from_each_kind_to_each() {
    let sizes = [
        1,
        16,
        1024,
        1025,
        2032,
        2033,
        5000,
        100 * KIB,
        256 * KIB,
        256 * KIB + 1,
        MIB,
        9 * MIB,
    ];
    for from in sizes {
        for to in sizes {
            for align in [1, 64, 4096] {
                let mut block = Block::of(from, align, (from ^ to) as u8);
                block.resize(to);
                block.resize(from);
            }
        }
    }
}

#[test]
fn impossible_requests_are_null_and_change_nothing() {
    alone(|| {
        let mut live = Block::of(5000, 8, 1);
        for align in [1, 4096, 8 * MIB] {
            let most = isize::MAX as usize - (align - 1);
            let layout = Layout::from_size_align(most, align).unwrap();
            // SAFETY: more than nothing.
            assert!(unsafe { HEAP.alloc(layout) }.is_null());
            // SAFETY: as above.
            assert!(unsafe { HEAP.alloc_zeroed(layout) }.is_null());
        }
        let layout = Layout::new::<[u8; 100]>();
        // SAFETY: more than nothing.
        let block = unsafe { HEAP.alloc(layout) };
        // SAFETY: a live block.
        assert!(unsafe { HEAP.realloc(block, layout, isize::MAX as usize) }.is_null());
        // SAFETY: it still is one.
        unsafe { HEAP.dealloc(block, layout) };
        live.resize(MIB);
        drop(live);
        // SAFETY: alone, and no other thread.
        unsafe { validate() };
    });
}

/// Takes blocks of a size until there are no more, and frees them all.
#[allow(clippy::cast_ptr_alignment)] // the layout's
fn exhaust(size: usize) -> usize {
    let layout = Layout::from_size_align(size, 8).unwrap();
    let mut last: *mut *mut u8 = core::ptr::null_mut();
    let mut number = 0;
    loop {
        // SAFETY: more than nothing.
        let block = unsafe { HEAP.alloc(layout) }.cast::<*mut u8>();
        if block.is_null() {
            break;
        }
        // SAFETY: it has room for a pointer.
        unsafe { block.write(last.cast()) };
        last = block;
        number += 1;
    }
    while !last.is_null() {
        let block = last;
        // SAFETY: written above.
        last = unsafe { block.read() }.cast();
        // SAFETY: a live block.
        unsafe { HEAP.dealloc(block.cast(), layout) };
    }
    number
}

#[test]
fn a_process_that_may_have_no_more_memory_goes_on() {
    if crate::alone::is_instrumented() {
        return;
    }
    alone(|| {
        limit(300 << 20);
        for size in [64, 1000, 5000, 100 * KIB, MIB, 64, 100 * KIB] {
            let number = exhaust(size);
            assert!(number * size > 100 * MIB, "{number} blocks of {size} bytes");
            // SAFETY: alone, and no other thread.
            unsafe { validate() };
        }
    });
}
