//! What blocks hold before they are written to, and after they were freed.

use crate::verbs::{free, heap_over, layout, shrink, take, OVERHEAD, WORD};
use core::ptr::NonNull;
use rlsf::Tlsf;
use rlsf_testkit::Arena;

type Heap<'pool> = Tlsf<'pool, usize, usize, 12, 16>;

fn holds(block: NonNull<u8>, range: core::ops::Range<usize>, byte: u8) -> bool {
    // SAFETY: bytes of the arena.
    range
        .into_iter()
        .all(|offset| unsafe { block.as_ptr().wrapping_add(offset).read() } == byte)
}

fn write(block: NonNull<u8>, byte: u8, len: usize) {
    // SAFETY: a live block.
    unsafe { block.as_ptr().write_bytes(byte, len) };
}

#[test]
fn a_new_block_is_filled_whatever_its_alignment() {
    let arena = Arena::new(4096 + OVERHEAD, 0);
    let mut heap: Heap<'_> = heap_over(&arena);
    for size in 1..200 {
        for align in [1, 64] {
            let block = heap.allocate(layout(size, align)).unwrap();
            assert!(holds(block, 0..size, 0xaa), "{size} {align}");
            write(block, 1, size);
            free(&mut heap, block);
        }
    }
}

#[test]
fn a_freed_block_is_filled_between_its_links_and_its_tag() {
    let arena = Arena::new(4096 + OVERHEAD, 0);
    let mut heap: Heap<'_> = heap_over(&arena);
    for size in 4 * WORD..200 {
        let [block, wall] = [size, 20].map(|size| take(&mut heap, size));
        write(block, 1, size);
        free(&mut heap, block);
        assert!(holds(block, 2 * WORD..size - WORD, 0xdd), "{size}");
        free(&mut heap, wall);
    }
}

#[test]
fn a_block_that_is_resized_keeps_its_contents() {
    let arena = Arena::new(4096 + OVERHEAD, 0);
    let mut heap: Heap<'_> = heap_over(&arena);
    let [before, block, after, _wall] = [200, 100, 100, 20].map(|size| take(&mut heap, size));
    write(block, 7, 100);
    free(&mut heap, before);
    free(&mut heap, after);
    // Down and up in place, to the place of the block before, and away.
    shrink(&mut heap, block, 60).unwrap();
    let mut block = block;
    for size in [90, 380, 1000] {
        // SAFETY: a live block.
        block = unsafe { heap.reallocate(block, layout(size, 1)) }.unwrap();
        assert!(holds(block, 0..60, 7), "{size}");
    }
}
