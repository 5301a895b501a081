//! Heaps whose thread has ended or rests, for threads that begin or need memory.
//!
//! There are two stacks, so that those who look for memory see one heap after another: they take
//! from one stack and put on the other, and turn to that when the first is empty.

use crate::heap::{Heap, HeapRef};
use crate::heaps;
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
fn look_at_next<R>(look: impl FnOnce(HeapRef) -> R) -> Option<R> {
    look_again(|heap| (look(heap), true))
}

/// The same, but it is the same heap the next time, too, unless `look` has said that it is
/// done, or another thread has come before.
fn look_again<R>(look: impl FnOnce(HeapRef) -> (R, bool)) -> Option<R> {
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

/// A visit of all heaps that have no thread, one after another.
///
/// Those that are moved to the other stack are met there again, before what has been there; so
/// each heap is noted, and as many looks are taken as may be needed for that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Visit {
    number: usize,
    looks: usize,
}

/// How many visits have begun.
static VISITS: AtomicUsize = AtomicUsize::new(0);

impl Visit {
    pub(crate) fn begin() -> Self {
        Self {
            number: VISITS.fetch_add(1, Relaxed) + 1,
            looks: 2 * heaps::number(),
        }
    }

    /// Looks at a heap until `look` has said that it is done, and then at another one. `None`
    /// at the end. Others may begin to use some heaps meanwhile, or leave others.
    pub(crate) fn look<R: Default>(
        &mut self,
        look: impl FnOnce(HeapRef) -> (R, bool),
    ) -> Option<R> {
        let looks = self.looks.checked_sub(1)?;
        let (result, is_done) = look_again(|heap| {
            if heap.seen_by() == self.number {
                return ((R::default(), true), true);
            }
            let (result, is_done) = look(heap);
            if is_done {
                heap.set_seen_by(self.number);
            }
            ((result, is_done), is_done)
        })?;
        if is_done {
            self.looks = looks;
        }
        Some(result)
    }
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
