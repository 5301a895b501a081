//! A heap whose thread rests: whoever takes it out of the stack looks at what is in its inbox, and
//! leaves it again, while others still put blocks in.

use super::block::Block;
use crate::intake::Intake;
use crate::link::Inbox;
use crate::stack::{Stack, Stacked};
use crate::sync::{thread, AtomicPtr, Memory};
use core::cell::UnsafeCell;
use core::ptr::{null_mut, NonNull};
use std::sync::Arc;

/// A heap: what only its thread uses, whichever that is, and what others write to.
struct Heap {
    next: AtomicPtr<Heap>,
    inbox: Inbox,
    intake: UnsafeCell<Intake>,
    /// How many blocks were taken in, by all who have had the heap.
    taken: Memory,
}

// SAFETY: its own field.
unsafe impl Stacked for Heap {
    fn next(&self) -> &AtomicPtr<Self> {
        &self.next
    }
}

struct Scene {
    stack: Stack<Heap>,
    heap: Heap,
    blocks: Vec<Block>,
}

// SAFETY: that threads use the heap in turn is what the model checks.
unsafe impl Sync for Scene {}

// SAFETY: as above.
unsafe impl Send for Scene {}

impl Scene {
    /// Leaves the heap.
    fn rest(&self) {
        // SAFETY: this thread's so far, and where it stays.
        unsafe { self.stack.push(NonNull::from(&self.heap)) };
    }

    /// Looks at so many blocks of the heap, which is this thread's.
    fn look(&self, blocks: usize) {
        let before = self.heap.taken.replace(usize::MAX);
        assert_ne!(before, usize::MAX, "it has no other thread");
        let taken = (0..blocks).filter(|_| self.take()).count();
        assert_eq!(self.heap.taken.replace(before + taken), usize::MAX);
    }

    fn take(&self) -> bool {
        // SAFETY: this thread's, as the heap is.
        let intake = unsafe { &mut *self.heap.intake.get() };
        // SAFETY: the blocks have room, and one thread at a time takes from the inbox.
        let Some(link) = (unsafe { intake.take_one(&self.heap.inbox) }) else {
            return false;
        };
        // SAFETY: a block of the scene.
        let block = unsafe { Block::of(link) };
        assert_eq!(block.write(2), 1, "it was put in, and not taken before");
        true
    }

    /// Takes the heap if nobody else has it, looks at a block, and leaves it.
    fn visit(&self) {
        if self.stack.pop().is_some() {
            self.look(1);
            self.rest();
        }
    }
}

/// A heap's thread looks at a block, rests and works on if nobody else has the heap; some others
/// visit it meanwhile, and one puts in blocks.
pub(crate) fn rest(visitors: usize, rounds: usize, blocks: usize) {
    let scene = Arc::new(Scene {
        stack: Stack::new(),
        heap: Heap {
            next: AtomicPtr::new(null_mut()),
            inbox: Inbox::new(),
            intake: UnsafeCell::new(Intake::new()),
            taken: Memory::new(0),
        },
        blocks: (0..blocks).map(|_| Block::new()).collect(),
    });
    let giving = scene.clone();
    let giving = thread::spawn(move || {
        for block in &giving.blocks {
            assert_eq!(block.write(1), 0);
            // SAFETY: the block has room, and this thread only.
            unsafe { giving.heap.inbox.push(block.link()) };
        }
    });
    let visiting: Vec<_> = (0..visitors)
        .map(|_| {
            let scene = scene.clone();
            thread::spawn(move || (0..rounds).for_each(|_| scene.visit()))
        })
        .collect();
    scene.look(1);
    scene.rest();
    (1..rounds).for_each(|_| scene.visit());
    giving.join().unwrap();
    for it in visiting {
        it.join().unwrap();
    }
    assert!(scene.stack.pop().is_some(), "the heap is left");
    // The end of a list is looked at once, and so is an empty inbox.
    scene.look(3 * blocks);
    assert_eq!(scene.heap.taken.replace(0), blocks, "all arrive");
}
