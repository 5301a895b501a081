//! Heaps whose thread has ended or rests, for threads that begin or need memory.
//!
//! There are two stacks, so that those who look for memory see one heap after another: they take
//! from one stack and put on the other, and turn to that when the first is empty.

use crate::heap::{Heap, HeapRef};
use crate::stack::Stack;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// How many heaps are looked at when a segment is wanted.
const LOOK_AT: usize = 4;

static ORPHANS: [Stack<Heap>; 2] = [Stack::new(), Stack::new()];

/// The stack that is taken from first. Any value is right at any time.
static FIRST: AtomicUsize = AtomicUsize::new(0);

fn stacks() -> (&'static Stack<Heap>, &'static Stack<Heap>) {
    let [one, other] = &ORPHANS;
    if FIRST.load(Relaxed) == 0 {
        (one, other)
    } else {
        (other, one)
    }
}

/// Leaves a heap to another thread.
pub(crate) fn push(heap: HeapRef) {
    // SAFETY: heaps are heaps for ever, and it was this thread's.
    unsafe { stacks().0.push(heap.as_non_null()) };
}

/// Takes a heap that has no thread.
pub(crate) fn pop() -> Option<HeapRef> {
    let (first, second) = stacks();
    let heap = first.pop().or_else(|| second.pop())?;
    // SAFETY: a heap.
    unsafe { HeapRef::from_ptr(heap.as_ptr()) }
}

/// Looks at a heap that has no thread, each time at another one.
pub(crate) fn look_at_next<R>(look: impl FnOnce(HeapRef) -> R) -> Option<R> {
    look_again(|heap| (look(heap), true))
}

/// The same, but it is the same heap the next time, too, unless `look` has said that it is
/// done, or another thread has come before.
pub(crate) fn look_again<R>(look: impl FnOnce(HeapRef) -> (R, bool)) -> Option<R> {
    let (mut first, mut second) = stacks();
    let mut heap = first.pop();
    if heap.is_none() {
        FIRST.fetch_xor(1, Relaxed);
        (first, second) = (second, first);
        heap = first.pop();
    }
    let heap = heap?;
    // SAFETY: a heap.
    let (result, is_done) = unsafe { HeapRef::from_ptr(heap.as_ptr()) }.map(look)?;
    let stack = if is_done { second } else { first };
    // SAFETY: heaps are heaps for ever, and it was this thread's meanwhile.
    unsafe { stack.push(heap) };
    Some(result)
}

/// Takes a segment without blocks from one of a few heaps that have no thread. Other segments of
/// theirs that turn out to be idle have gone to the supply by that.
pub(crate) fn reclaim_segment() -> Option<NonNull<u8>> {
    for _ in 0..LOOK_AT {
        let found = look_at_next(|heap| {
            heap.rest();
            heap.take_idle_segment()
        });
        if let Some(segment) = found? {
            return Some(segment);
        }
    }
    None
}
