//! Requests that fail on purpose, so that a program shows what it does without memory.
//!
//! Every request that needs memory has a number, which is one more than that of the one before it,
//! whichever thread makes it. A child of `fork` goes on from its parent's number; a program that is
//! started begins with one.

use super::counters::Kind;
use super::heap::HEAP;
use super::observe::Call;
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Which requests fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Faults {
    /// The one of this number; zero is nobody's.
    pub(super) at: usize,
    /// Those whose number is a multiple of this one; of zero none are.
    pub(super) every: usize,
    /// Those of more bytes.
    pub(super) over: usize,
}

impl Faults {
    /// No request fails.
    pub(super) const NONE: Self = Self {
        at: 0,
        every: 0,
        over: usize::MAX,
    };
}

impl Default for Faults {
    fn default() -> Self {
        Self::NONE
    }
}

static AT: AtomicUsize = AtomicUsize::new(Faults::NONE.at);
static EVERY: AtomicUsize = AtomicUsize::new(Faults::NONE.every);
static OVER: AtomicUsize = AtomicUsize::new(Faults::NONE.over);

/// How many requests there have been.
static REQUESTS: AtomicUsize = AtomicUsize::new(0);

/// Has requests fail from now on; whether there are such.
pub(super) fn begin(faults: Faults) -> bool {
    AT.store(faults.at, Relaxed);
    EVERY.store(faults.every, Relaxed);
    OVER.store(faults.over, Relaxed);
    faults != Faults::NONE
}

/// Counts a call, and tells whether it is to fail.
pub(super) fn strike(call: &Call) -> bool {
    if !needs_memory(call) {
        return false;
    }
    let number = REQUESTS.fetch_add(1, Relaxed).wrapping_add(1);
    let every = EVERY.load(Relaxed);
    number == AT.load(Relaxed)
        || number.checked_rem(every) == Some(0)
        || call.size > OVER.load(Relaxed)
}

/// Whether a call asks for more than its block has. A pointer that is none is the heap's to find.
fn needs_memory(call: &Call) -> bool {
    match (call.kind, call.block) {
        (Kind::Free | Kind::Delete, _) => false,
        (_, None) => true,
        (_, Some(block)) => HEAP.usable_size(block).is_ok_and(|size| call.size > size),
    }
}
