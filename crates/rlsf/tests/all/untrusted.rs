//! `GlobalTlsf` that is handed pointers which may be none.

use crate::verbs::{holds, layout, write};
use core::alloc::Layout;
use core::ptr::NonNull;
use rlsf::{CAlloc, GlobalTlsf, GlobalTlsfOptions, Misuse};

/// Blocks as C has them.
struct TwoGranules;

impl GlobalTlsfOptions for TwoGranules {
    const LEAST_ALIGN: usize = 2 * rlsf::GRANULARITY;
}

type Heap = GlobalTlsf<TwoGranules>;

fn take(heap: &Heap, size: usize) -> NonNull<u8> {
    CAlloc::allocate(heap, layout(size, 1)).unwrap()
}

fn free(heap: &Heap, block: NonNull<u8>) -> Result<(), Misuse> {
    // SAFETY: the tests use no block that they have freed.
    unsafe { heap.deallocate_checked(block) }
}

fn at(block: NonNull<u8>, offset: isize) -> NonNull<u8> {
    NonNull::new(block.as_ptr().wrapping_offset(offset)).unwrap()
}

#[test]
fn every_block_of_random_work_is_approved() {
    let heap = Heap::new();
    let mut rng = fastrand::Rng::with_seed(4);
    let mut live: Vec<(NonNull<u8>, usize, u8)> = Vec::new();
    for step in 0..20_000_u32 {
        let bits = rng.u32(1..14);
        let size = rng.usize(0..1 << bits);
        let first = step.to_le_bytes()[0];
        if live.len() < 50 || rng.bool() && live.len() < 200 {
            let align = 1 << rng.u32(0..9);
            let block = CAlloc::allocate(&heap, layout(size, align)).unwrap();
            write(block, size, first);
            live.push((block, size, first));
            continue;
        }
        let (block, old, old_first) = live.swap_remove(rng.usize(..live.len()));
        assert!(holds(block, old, old_first));
        assert!(heap.usable_size_checked(block).unwrap() >= old);
        if rng.bool() {
            free(&heap, block).unwrap();
            continue;
        }
        // SAFETY: a live block.
        let block = unsafe { heap.reallocate_checked(block, layout(size, 1)) };
        let block = block.unwrap().unwrap();
        assert!(holds(block, old.min(size), old_first));
        write(block, size, first);
        live.push((block, size, first));
    }
    assert_eq!(heap.validate(), Ok(()));
}

/// Resizes a block, by the call that looks at the pointer or by the one that does not.
fn resize(heap: &Heap, block: NonNull<u8>, layout: Layout, looks: bool) -> NonNull<u8> {
    let resized = if looks {
        // SAFETY: the callers' blocks are live.
        unsafe { heap.reallocate_checked(block, layout) }.unwrap()
    } else {
        // SAFETY: as above.
        unsafe { CAlloc::reallocate(heap, block, layout) }
    };
    resized.unwrap()
}

#[test]
fn a_block_stays_where_it_is_if_it_can() {
    for looks in [false, true] {
        let heap = Heap::new();
        let block = take(&heap, 1000);
        let resize = |size| resize(&heap, block, layout(size, 1), looks);
        assert_eq!(resize(3000), block, "what follows is free");
        assert_eq!(resize(100), block);
        let wall = take(&heap, 10);
        assert_eq!(at(block, 112), wall);
        assert_ne!(resize(3000), block, "what follows is used");
        assert_eq!(heap.validate(), Ok(()));
    }
}

#[test]
fn a_block_that_was_freed_unchecked_is_free() {
    let heap = Heap::new();
    let (block, _wall) = (take(&heap, 100), take(&heap, 100));
    // SAFETY: a live block.
    unsafe { CAlloc::deallocate(&heap, block) };
    assert_eq!(heap.usable_size_checked(block), Err(Misuse::Free));
    assert_eq!(heap.validate(), Ok(()));
}

#[test]
fn a_resized_block_has_the_alignment_that_is_asked_for() {
    let heap = Heap::new();
    for looks in [false, true] {
        for align in [16, 64, 512, 4096] {
            let blocks = [take(&heap, 1000), take(&heap, 8), take(&heap, 1000)];
            for block in blocks {
                write(block, 8, 9);
                let resized = resize(&heap, block, layout(900, align), looks);
                assert_eq!(resized.as_ptr() as usize % align, 0);
                assert!(holds(resized, 8, 9));
                assert!(heap.usable_size_checked(resized).unwrap() >= 900);
            }
        }
    }
    assert_eq!(heap.validate(), Ok(()));
}

#[test]
fn a_block_is_freed_once_whatever_its_neighbours_are() {
    for free_before in [false, true] {
        for free_after in [false, true] {
            let heap = Heap::new();
            let [before, block, after] = [100; 3].map(|size| take(&heap, size));
            let _wall = take(&heap, 100);
            if free_before {
                free(&heap, before).unwrap();
            }
            if free_after {
                free(&heap, after).unwrap();
            }
            assert_eq!(free(&heap, block), Ok(()));
            assert_eq!(free(&heap, block), Err(Misuse::Free));
            assert_eq!(heap.usable_size_checked(block), Err(Misuse::Free));
            assert_eq!(heap.validate(), Ok(()));
        }
    }
}

#[test]
fn a_pointer_that_is_no_blocks_is_told_apart() {
    let (heap, other) = (Heap::new(), Heap::new());
    let block = take(&heap, 1000);
    write(block, 1000, 0);
    let elsewhere = NonNull::from(&mut [0_u128; 4]).cast();
    let refused = [
        (elsewhere, Misuse::Foreign),
        (take(&other, 10), Misuse::Foreign),
        (at(block, -4096), Misuse::Foreign),
        (at(block, 1 << 21), Misuse::Foreign),
        (at(block, 8), Misuse::Misaligned),
        (at(block, 1), Misuse::Misaligned),
    ];
    for (ptr, misuse) in refused {
        assert_eq!(free(&heap, ptr), Err(misuse));
        // SAFETY: there is no block.
        let resized = unsafe { heap.reallocate_checked(ptr, layout(10, 1)) };
        assert_eq!(resized, Err(misuse));
    }
    assert_eq!(free(&heap, block), Ok(()));
    assert_eq!(free(&Heap::new(), block), Err(Misuse::Foreign));
}

#[test]
#[allow(clippy::cast_ptr_alignment)] // a block is aligned
fn an_overwritten_header_is_found() {
    let heap = Heap::new();
    let (block, next) = (take(&heap, 100), take(&heap, 100));
    let header = block.as_ptr().cast::<usize>().wrapping_sub(1);
    // SAFETY: the word before a block.
    let before = unsafe { header.read() };
    for broken in [0, usize::MAX / 0xff * 0x41, before | 4, before | 8, 9] {
        // SAFETY: as above.
        unsafe { header.write(broken) };
        assert_eq!(free(&heap, block), Err(Misuse::Header), "{broken:x}");
    }
    // In a hardened heap the free block before leaves this where it has swallowed a header.
    let swallowed = if cfg!(feature = "hardened") {
        Misuse::Free
    } else {
        Misuse::Header
    };
    // SAFETY: as above.
    unsafe { header.write(6) };
    assert_eq!(free(&heap, block), Err(swallowed));
    // SAFETY: as above.
    unsafe { header.write(before) };
    assert_eq!((free(&heap, block), free(&heap, next)), (Ok(()), Ok(())));
}

/// Before the first block stands the region's record, behind the last one the pool's end.
#[test]
#[allow(clippy::cast_ptr_alignment)] // a block is aligned
fn what_the_heap_keeps_around_its_blocks_is_no_block() {
    let heap = Heap::new();
    let first = take(&heap, 100);
    for offset in [-16, -32] {
        assert_eq!(free(&heap, at(first, offset)), Err(Misuse::Foreign));
    }
    // Above a header's size there may be a checksum.
    let above = if cfg!(target_pointer_width = "64") {
        17
    } else {
        2
    };
    let mut end = first;
    loop {
        // SAFETY: the word before a block, or before the end.
        let header = unsafe { end.as_ptr().cast::<usize>().wrapping_sub(1).read() };
        match header & !7 & usize::MAX >> above {
            0 => break,
            size => end = at(end, isize::try_from(size).unwrap()),
        }
    }
    assert_eq!(free(&heap, end), Err(Misuse::Foreign));
    assert_eq!(free(&heap, at(end, 16)), Err(Misuse::Foreign));
    assert_eq!(free(&heap, first), Ok(()));
}
