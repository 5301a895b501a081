//! Heaps whose thread has ended, for threads that begin.

use crate::heap::{Heap, HeapRef};
use crate::stack::Stack;
use core::ptr::NonNull;

/// How many freed blocks of an orphan are looked at when a segment is wanted.
const LOOK_AT: usize = 64;

static ORPHANS: Stack<Heap> = Stack::new();

/// Leaves a heap to another thread.
pub(crate) fn push(heap: HeapRef) {
    // SAFETY: heaps are heaps for ever, and it was this thread's.
    unsafe { ORPHANS.push(heap.as_non_null()) };
}

/// Takes a heap that has no thread.
pub(crate) fn pop() -> Option<HeapRef> {
    let heap = ORPHANS.pop()?;
    // SAFETY: a heap.
    unsafe { HeapRef::from_ptr(heap.as_ptr()) }
}

/// Takes a segment without blocks from a heap that has no thread.
pub(crate) fn reclaim_segment() -> Option<NonNull<u8>> {
    let heap = pop()?;
    heap.look_at_inboxes(LOOK_AT);
    let segment = heap.take_idle_segment();
    push(heap);
    segment
}
