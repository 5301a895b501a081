//! Who looks on while the heap works: the counters, the recorder, who notes the callers, and the
//! faults that keep it from working.
//!
//! The functions are those of `heap`, for as long as somebody does: apart from them, so that the
//! others are the same machine code as if nobody ever could.

use super::counters::{self, Kind};
use super::heap::calls;
use super::recorder;
use super::{callers, faults};
use core::ptr::NonNull;
use core::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// Whether anybody does.
static ON: AtomicBool = AtomicBool::new(false);

/// What is asked of the heap.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call {
    pub(super) kind: Kind,
    /// In bytes; zero of a call that frees.
    pub(super) size: usize,
    /// What the caller wants beyond the alignment of every block.
    pub(super) align: usize,
    /// The block that is freed or resized.
    pub(super) block: Option<NonNull<u8>>,
}

/// Has operations seen from now on.
pub(super) fn turn_on() {
    ON.store(true, Relaxed);
}

/// Whether operations are seen: a load.
#[inline(always)]
pub(super) fn is_on() -> bool {
    ON.load(Relaxed)
}

/// Has an operation seen. One that frees answers with the block.
fn observe(call: Call, operation: impl FnOnce() -> Option<NonNull<u8>>) -> Option<NonNull<u8>> {
    recorder::before(&call);
    let caller = callers::before(&call);
    let result = counters::count(call.kind, call.size, || {
        if faults::strike(&call) {
            return None;
        }
        operation()
    });
    callers::after(&call, result, caller);
    recorder::after(&call, result);
    result
}

/// [`calls::allocate`].
#[cold]
#[inline(never)]
pub(super) fn allocate(kind: Kind, size: usize, align: usize) -> Option<NonNull<u8>> {
    let call = Call {
        kind,
        size,
        align,
        block: None,
    };
    observe(call, || calls::allocate(size, align))
}

/// [`calls::allocate_zeroed`].
#[cold]
#[inline(never)]
pub(super) fn allocate_zeroed(size: usize) -> Option<NonNull<u8>> {
    let call = Call {
        kind: Kind::Calloc,
        size,
        align: super::heap::ANY,
        block: None,
    };
    observe(call, || calls::allocate_zeroed(size))
}

/// [`calls::resize`].
///
/// # Safety
///
/// As there.
#[cold]
#[inline(never)]
pub(super) unsafe fn resize(block: NonNull<u8>, size: usize) -> Option<NonNull<u8>> {
    let call = Call {
        kind: Kind::Realloc,
        size,
        align: super::heap::ANY,
        block: Some(block),
    };
    // SAFETY: the caller's promise.
    observe(call, || unsafe { calls::resize(block, size) })
}

/// [`calls::release`].
///
/// # Safety
///
/// As there.
#[cold]
#[inline(never)]
pub(super) unsafe fn release(kind: Kind, block: NonNull<u8>) {
    let call = Call {
        kind,
        size: 0,
        align: super::heap::ANY,
        block: Some(block),
    };
    observe(call, || {
        // SAFETY: the caller's promise.
        unsafe { calls::release(block) };
        Some(block)
    });
}
