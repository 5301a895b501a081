//! Who looks on while the heap works: the counters, and the recorder.

use super::counters::{self, Kind};
use super::recorder;
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

/// Runs an operation, and has it seen if anybody looks on: a load and a branch otherwise. An
/// operation that frees answers with the block.
#[inline(always)]
pub(super) fn observe(
    call: Call,
    operation: impl FnOnce() -> Option<NonNull<u8>>,
) -> Option<NonNull<u8>> {
    if ON.load(Relaxed) {
        return observed(call, operation);
    }
    operation()
}

#[cold]
#[inline(never)]
fn observed(call: Call, operation: impl FnOnce() -> Option<NonNull<u8>>) -> Option<NonNull<u8>> {
    recorder::before(&call);
    let result = counters::count(call.kind, call.size, operation);
    recorder::after(&call, result);
    result
}

/// Has operations seen from now on.
pub(super) fn turn_on() {
    ON.store(true, Relaxed);
}
