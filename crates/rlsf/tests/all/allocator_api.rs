//! `allocator_api2`'s `Allocator` for `&Locked`.

#![allow(clippy::incompatible_msrv)] // only the crate itself supports old compilers

use allocator_api2::alloc::Allocator;
use allocator_api2::boxed::Box as HeapBox;
use allocator_api2::vec::Vec as HeapVec;
use core::alloc::Layout;
use core::mem::MaybeUninit;
use core::ptr::NonNull;
use rlsf::{Locked, NoLock, Tlsf};

type Heap = Locked<NoLock, Tlsf<'static, u16, u16, 12, 16>>;

fn heap_of(len: usize) -> Heap {
    let heap = Heap::new();
    let memory = Box::leak(vec![MaybeUninit::uninit(); len].into_boxed_slice());
    heap.init(memory).unwrap();
    heap
}

fn layout(size: usize, align: usize) -> Layout {
    Layout::from_size_align(size, align).unwrap()
}

/// The bytes of a block.
fn read(block: NonNull<[u8]>) -> Vec<u8> {
    // SAFETY: every caller has written the bytes of its live block.
    unsafe { block.as_ref() }.to_vec()
}

#[test]
fn a_vector_and_a_box_live_in_a_heap_of_the_programs_choice() {
    let heap = heap_of(8192);
    let before = heap.largest_allocatable();
    let mut vector = HeapVec::new_in(&heap);
    vector.extend(0..500_u32);
    let boxed = HeapBox::new_in([7_u8; 100], &heap);
    assert!(heap.largest_allocatable() < before - 2000);
    assert!(vector.iter().copied().eq(0..500));
    assert_eq!(boxed[99], 7);
    vector.truncate(3);
    vector.shrink_to_fit();
    assert_eq!(heap.validate(), Ok(()));
    drop((vector, boxed));
    assert_eq!(heap.largest_allocatable(), before);
}

#[test]
fn a_full_heap_is_an_error_for_allocate_and_grow() {
    let heap = heap_of(512);
    let allocator = &heap;
    assert!(allocator.allocate(layout(600, 8)).is_err());
    let block = allocator.allocate(layout(100, 8)).unwrap();
    // SAFETY: the block is in use, and has this layout.
    let grown = unsafe { allocator.grow(block.cast(), layout(100, 8), layout(600, 8)) };
    assert!(grown.is_err());
    assert_eq!(heap.validate(), Ok(()));
}

#[test]
fn grow_zeroed_keeps_the_old_bytes_and_clears_the_new_ones() {
    let heap = heap_of(4096);
    let allocator = &heap;
    let dirty = allocator.allocate(layout(2000, 8)).unwrap();
    // SAFETY: a block of that size.
    unsafe { dirty.cast::<u8>().as_ptr().write_bytes(0xff, 2000) };
    // SAFETY: the block is in use, and has this layout.
    unsafe { allocator.deallocate(dirty.cast(), layout(2000, 8)) };
    let block = allocator.allocate(layout(10, 1)).unwrap();
    // SAFETY: a block of that size.
    unsafe { block.cast::<u8>().as_ptr().write_bytes(5, 10) };
    // SAFETY: the block is in use, and has this layout.
    let block = unsafe { allocator.grow_zeroed(block.cast(), layout(10, 1), layout(900, 1)) };
    let bytes = read(block.unwrap());
    assert_eq!(bytes.len(), 900);
    assert!(bytes[..10].iter().all(|&byte| byte == 5));
    assert!(bytes[10..].iter().all(|&byte| byte == 0));
    // And nothing behind them.
    assert_eq!(heap.validate(), Ok(()));
}

#[test]
fn growing_and_shrinking_may_change_the_alignment() {
    let heap = heap_of(8192);
    let allocator = &heap;
    let block = allocator.allocate(layout(100, 1)).unwrap();
    // SAFETY: a block of that size.
    unsafe { block.cast::<u8>().as_ptr().write_bytes(5, 100) };
    // SAFETY: the block is in use, and has this layout.
    let block = unsafe { allocator.grow(block.cast(), layout(100, 1), layout(300, 512)) }.unwrap();
    assert_eq!(block.cast::<u8>().as_ptr() as usize % 512, 0);
    // SAFETY: the block is in use, and has this layout.
    let block = unsafe { allocator.shrink(block.cast(), layout(300, 512), layout(50, 1024)) };
    let block = block.unwrap();
    assert_eq!(block.cast::<u8>().as_ptr() as usize % 1024, 0);
    assert_eq!(read(block), [5; 50]);
    // SAFETY: the block is in use, and has this layout.
    let block = unsafe { allocator.shrink(block.cast(), layout(50, 1024), layout(20, 4)) };
    assert_eq!(read(block.unwrap()), [5; 20]);
    assert_eq!(heap.validate(), Ok(()));
}
