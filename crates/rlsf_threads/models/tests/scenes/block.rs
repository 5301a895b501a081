//! Blocks as a model has them.

use crate::intake::Slot;
use crate::link::Link;
use crate::sync::{AtomicPtr, Memory};
use core::cell::UnsafeCell;
use core::mem::MaybeUninit;
use core::ptr::NonNull;

/// A block: what it begins with while it is free, and something to write to.
#[repr(C)]
pub(super) struct Block {
    slot: UnsafeCell<MaybeUninit<Slot>>,
    content: Memory,
}

// SAFETY: that threads use a block in turn is what the models check.
unsafe impl Sync for Block {}

// SAFETY: as above.
unsafe impl Send for Block {}

impl Block {
    pub(super) fn new() -> Self {
        Self {
            slot: UnsafeCell::new(MaybeUninit::uninit()),
            content: Memory::new(0),
        }
    }

    /// The block as it is put into a list.
    pub(super) fn link(&self) -> NonNull<Link> {
        NonNull::new(self.slot.get()).unwrap().cast()
    }

    /// Uses the block's memory, which is the thread's own.
    pub(super) fn write(&self, value: usize) -> usize {
        self.content.replace(value)
    }

    /// The block that was in a list, and that nobody else uses any more.
    ///
    /// # Safety
    ///
    /// It is one, and lives.
    pub(super) unsafe fn of<'a>(link: NonNull<Link>) -> &'a Self {
        // SAFETY: a link is a pointer.
        unsafe { link.cast::<AtomicPtr<Link>>().as_ref() }.retire();
        // SAFETY: the caller's promise; a block begins with its slot.
        unsafe { link.cast().as_ref() }
    }
}
