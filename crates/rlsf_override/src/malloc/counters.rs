//! What is counted while statistics are on, and nothing else ever is.

use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

/// The kinds of operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Malloc,
    Calloc,
    Realloc,
    Aligned,
    New,
    Free,
    Delete,
}

/// All kinds, in the order of their numbers, as the report names them.
pub(super) const NAMES: [&str; 7] = [
    "malloc", "calloc", "realloc", "aligned", "new", "free", "delete",
];

/// Bits for a kind's number below a time.
const KIND_BITS: u32 = 3;

static ON: AtomicBool = AtomicBool::new(false);
static OPERATIONS: [AtomicUsize; NAMES.len()] = [const { AtomicUsize::new(0) }; NAMES.len()];
static FAILED: AtomicUsize = AtomicUsize::new(0);
static LARGEST: AtomicUsize = AtomicUsize::new(0);
/// The longest time in nanoseconds, and below it the number of the kind that took it: the
/// larger word is the longer time.
static SLOWEST: AtomicUsize = AtomicUsize::new(0);

/// What has been counted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Counts {
    pub(super) operations: [usize; NAMES.len()],
    pub(super) failed: usize,
    pub(super) largest_request: usize,
    pub(super) slowest_ns: usize,
    pub(super) slowest_kind: &'static str,
}

/// Runs an operation, and counts and times it if statistics are on.
pub(super) fn count<R>(
    kind: Kind,
    request: usize,
    operation: impl FnOnce() -> Option<R>,
) -> Option<R> {
    if !ON.load(Relaxed) {
        return operation();
    }
    let start = now();
    let result = operation();
    let time = now().wrapping_sub(start);
    OPERATIONS[kind as usize].fetch_add(1, Relaxed);
    LARGEST.fetch_max(request, Relaxed);
    SLOWEST.fetch_max(
        (time.min(usize::MAX >> KIND_BITS) << KIND_BITS) | kind as usize,
        Relaxed,
    );
    if result.is_none() {
        FAILED.fetch_add(1, Relaxed);
    }
    result
}

/// The time in nanoseconds.
fn now() -> usize {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: it writes the time.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut time) };
    // Differences are right, also where the product wraps.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let (seconds, nanoseconds) = (time.tv_sec as usize, time.tv_nsec as usize);
    seconds
        .wrapping_mul(1_000_000_000)
        .wrapping_add(nanoseconds)
}

/// Counts from now on. A child that is forked counts from zero.
pub(super) fn turn_on() {
    // SAFETY: a function that lives as long as the program.
    unsafe { libc::pthread_atfork(None, None, Some(start_again)) };
    ON.store(true, Relaxed);
}

/// Whether anything is counted.
pub(super) fn are_on() -> bool {
    ON.load(Relaxed)
}

unsafe extern "C" fn start_again() {
    for count in OPERATIONS.iter().chain([&FAILED, &LARGEST, &SLOWEST]) {
        count.store(0, Relaxed);
    }
}

/// What has been counted so far.
pub(super) fn read() -> Counts {
    let slowest = SLOWEST.load(Relaxed);
    Counts {
        operations: core::array::from_fn(|kind| OPERATIONS[kind].load(Relaxed)),
        failed: FAILED.load(Relaxed),
        largest_request: LARGEST.load(Relaxed),
        slowest_ns: slowest >> KIND_BITS,
        slowest_kind: NAMES[slowest & ((1 << KIND_BITS) - 1)],
    }
}
