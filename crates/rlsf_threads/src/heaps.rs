//! All heaps of the process: a list to which heaps are added and never taken from.

use crate::heap::{Heap, HeapRef};
use core::ptr::null_mut;
use core::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};

static FIRST: AtomicPtr<Heap> = AtomicPtr::new(null_mut());

static NUMBER: AtomicUsize = AtomicUsize::new(0);

/// Adds a new heap.
pub(crate) fn add(heap: HeapRef) {
    NUMBER.fetch_add(1, Ordering::Relaxed);
    let mut first = FIRST.load(Ordering::Relaxed);
    loop {
        heap.next_of_all().store(first, Ordering::Relaxed);
        match FIRST.compare_exchange_weak(
            first,
            heap.as_ptr(),
            Ordering::Release,
            Ordering::Relaxed,
        ) {
            Ok(_) => return,
            Err(other) => first = other,
        }
    }
}

/// How many there are.
pub(crate) fn number() -> usize {
    NUMBER.load(Ordering::Relaxed)
}

/// All heaps, the newest first.
pub(crate) fn all() -> impl Iterator<Item = HeapRef> {
    // SAFETY: heaps are heaps for ever.
    let first = unsafe { HeapRef::from_ptr(FIRST.load(Ordering::Acquire)) };
    core::iter::successors(first, |heap| {
        let next = heap.next_of_all().load(Ordering::Relaxed);
        // SAFETY: as above.
        unsafe { HeapRef::from_ptr(next) }
    })
}
