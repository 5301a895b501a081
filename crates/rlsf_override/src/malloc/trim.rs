//! `malloc_trim(3)`, however often it is called.
//!
//! Giving pages back costs a system call for each run of them, and a page fault for each
//! one that is used again. A program that calls `malloc_trim` every few operations would do
//! little else, so what it costs is held to a part of the time.

use super::heap::HEAP;
use core::sync::atomic::{AtomicU64, Ordering::Relaxed};
use libc::{c_int, size_t};

/// How many times as long as a call took the next one is put off.
const SHARE: u64 = 16;

/// The longest that a call is put off, in nanoseconds.
const LONGEST: u64 = 10_000_000;

/// When pages may be given back again, in nanoseconds of the monotonic clock.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// Gives back all pages that hold no block, whatever is to be kept at the top; whether there
/// were any. Right after a call that did, nothing is done.
#[no_mangle]
pub(crate) extern "C" fn malloc_trim(_keep_at_top: size_t) -> c_int {
    let begin = now();
    if begin < NEXT.load(Relaxed) {
        return 0;
    }
    let bytes = HEAP.trim();
    let end = now();
    NEXT.store(end + pause_after(end - begin), Relaxed);
    c_int::from(bytes > 0)
}

/// How long the next call is put off after one that took so long.
fn pause_after(duration: u64) -> u64 {
    duration.saturating_mul(SHARE).min(LONGEST)
}

/// Nanoseconds of the monotonic clock, which starts with the system.
#[allow(clippy::cast_sign_loss)] // neither part is below zero
fn now() -> u64 {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: a place for the time; the clock exists on every system that this is built for.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, core::ptr::addr_of_mut!(time)) };
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_is_a_multiple_of_what_was_spent_and_bounded() {
        assert_eq!(pause_after(0), 0);
        assert_eq!(pause_after(1000), 1000 * SHARE);
        assert_eq!(pause_after(LONGEST), LONGEST);
        assert_eq!(pause_after(u64::MAX), LONGEST);
    }

    #[test]
    fn the_clock_does_not_go_back() {
        let before = now();
        assert!(before > 0 && now() >= before);
    }
}
