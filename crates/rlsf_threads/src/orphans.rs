//! Heaps whose thread has ended, for threads that begin.
//!
//! A stack whose top is a pointer with a counter in its upper bits, so that a heap that was
//! taken and has come back is not mistaken for one that stayed.

use crate::heap::{Heap, HeapRef};
use core::ptr::null_mut;
use core::sync::atomic::{AtomicPtr, Ordering};

/// How many freed blocks of an orphan are looked at when a segment is wanted.
const LOOK_AT: usize = 64;

/// The bits of a pointer.
const POINTER_BITS: u32 = 48;

static TOP: AtomicPtr<Heap> = AtomicPtr::new(null_mut());

/// The pointer, and the counter in place.
fn parts(top: *mut Heap) -> (*mut Heap, usize) {
    let counter = top as usize >> POINTER_BITS << POINTER_BITS;
    (top.wrapping_byte_sub(counter), counter)
}

/// Leaves a heap to another thread.
pub(crate) fn push(heap: HeapRef) {
    let mut top = TOP.load(Ordering::Relaxed);
    loop {
        let (first, counter) = parts(top);
        heap.next_orphan().store(first, Ordering::Relaxed);
        let next = heap.as_ptr().wrapping_byte_add(counter);
        match TOP.compare_exchange_weak(top, next, Ordering::AcqRel, Ordering::Relaxed) {
            Ok(_) => return,
            Err(other) => top = other,
        }
    }
}

/// Takes a heap that has no thread.
pub(crate) fn pop() -> Option<HeapRef> {
    let mut top = TOP.load(Ordering::Acquire);
    loop {
        let (first, counter) = parts(top);
        // SAFETY: heaps are heaps for ever.
        let heap = unsafe { HeapRef::from_ptr(first) }?;
        let second = heap.next_orphan().load(Ordering::Relaxed);
        let counter = counter.wrapping_add(1 << POINTER_BITS);
        let next = second.wrapping_byte_add(counter);
        match TOP.compare_exchange_weak(top, next, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => return Some(heap),
            Err(other) => top = other,
        }
    }
}

/// Takes a segment without blocks from a heap that has no thread.
pub(crate) fn reclaim_segment() -> Option<core::ptr::NonNull<u8>> {
    let heap = pop()?;
    heap.look_at_inboxes(LOOK_AT);
    let segment = heap.take_idle_segment();
    push(heap);
    segment
}
