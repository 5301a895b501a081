//! One core's heap, and the inbox for what others free of it.

use crate::disguise;
use crate::intake::Intake;
use crate::link::Inbox;
use core::cell::UnsafeCell;
use core::mem::MaybeUninit;
use core::ops::Range;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// A core's heap.
///
/// **P1**: `blocks` and `taken` are used by one caller at a time, the core's own. Every block has
/// room for a slot: two words.
#[derive(Debug)]
#[repr(align(64))]
pub(super) struct CoreHeap<T> {
    blocks: UnsafeCell<T>,
    /// What has been taken out of the inbox.
    taken: UnsafeCell<Intake>,
    inbox: Inbox,
    /// Where the heap's memory begins and ends; written before there is a block.
    start: AtomicUsize,
    end: AtomicUsize,
}

// SAFETY: P1; the rest may be used by any core.
unsafe impl<T: Send> Sync for CoreHeap<T> {}

impl<T> CoreHeap<T> {
    pub(super) const fn new(blocks: T) -> Self {
        Self {
            blocks: UnsafeCell::new(blocks),
            taken: UnsafeCell::new(Intake::new()),
            inbox: Inbox::new(),
            start: AtomicUsize::new(0),
            end: AtomicUsize::new(0),
        }
    }

    /// The blocks.
    ///
    /// # Safety
    ///
    /// P1: the caller is the core's own, and has no other reference to them.
    #[allow(clippy::mut_from_ref)] // P1
    pub(super) unsafe fn blocks(&self) -> &mut T {
        // SAFETY: P1.
        unsafe { &mut *self.blocks.get() }
    }

    /// Whether memory has been noted.
    pub(super) fn has_memory(&self) -> bool {
        self.end.load(Relaxed) != 0
    }

    /// Notes where the memory is. Whoever gets a block later sees it by that.
    pub(super) fn note(&self, memory: Range<*const MaybeUninit<u8>>) {
        disguise::settle();
        self.start.store(memory.start as usize, Relaxed);
        self.end.store(memory.end as usize, Relaxed);
    }

    /// Whether a block lies in the memory.
    pub(super) fn has(&self, block: NonNull<u8>) -> bool {
        let address = block.as_ptr() as usize;
        (self.start.load(Relaxed)..self.end.load(Relaxed)).contains(&address)
    }

    /// Puts a block into the inbox: one swap and one store.
    ///
    /// # Safety
    ///
    /// A block in use of this heap that nobody uses any more.
    pub(super) unsafe fn give(&self, block: NonNull<u8>) {
        // SAFETY: P1, and the caller's promise.
        unsafe { self.inbox.push(block.cast()) };
    }

    /// Takes a block out of the inbox. Constant time; `None` may come while one is being put in.
    ///
    /// # Safety
    ///
    /// P1: the caller is the core's own.
    pub(super) unsafe fn take(&self) -> Option<NonNull<u8>> {
        // SAFETY: P1.
        let taken = unsafe { &mut *self.taken.get() };
        // SAFETY: P1: always this inbox, and every block has room for a slot.
        unsafe { taken.take_one(&self.inbox) }.map(NonNull::cast)
    }
}
