//! Large blocks that are freed: their pages go back to the system, as far as having them again
//! would take a fiftieth of the time.

use crate::supply;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// The nanoseconds that have to pass for each byte that goes back. To have a page again takes the
/// system half a microsecond; this makes it a fiftieth of the time of a program that does nothing
/// but give pages back and use them again.
pub(crate) const NANOSECONDS_PER_BYTE: u64 = 6;

/// The nanoseconds that are saved up at the most, for some 64 MiB.
const SAVED: u64 = NANOSECONDS_PER_BYTE << 26;

/// What may go back, as a time of the monotonic clock up to which it has been used up; 0 until
/// there was a first block.
#[derive(Debug)]
struct Allowance(AtomicU64);

/// The process's.
static ALLOWANCE: Allowance = Allowance(AtomicU64::new(0));

impl Allowance {
    /// Whether so many bytes may go back at a time, which uses up what they take. Two threads at a
    /// time may use the same: then it is a little more.
    fn admits(&self, bytes: usize, now: u64) -> bool {
        let used = match self.0.load(Relaxed) {
            0 => now,
            used => used.max(now.saturating_sub(SAVED)),
        };
        let price = NANOSECONDS_PER_BYTE.saturating_mul(bytes as u64);
        let admits = now - used.min(now) >= price.min(SAVED);
        let price = if admits { price } else { 0 };
        self.0.store(used.saturating_add(price), Relaxed);
        admits
    }
}

/// Gives the pages of a large block back to the system, if they may go. Constant time but for the
/// system's part.
///
/// # Safety
///
/// So many bytes of a block of the supply in use, whose contents are of no use.
pub(crate) unsafe fn vacate(block: NonNull<u8>, bytes: usize) {
    if supply::has_no_reserve() && ALLOWANCE.admits(bytes, time(libc::CLOCK_MONOTONIC)) {
        // SAFETY: the caller's promise.
        unsafe { supply::release_pages(NonNull::slice_from_raw_parts(block, bytes)) };
    }
}

/// The nanoseconds of a clock.
#[allow(clippy::cast_sign_loss)] // neither part is below zero
pub(crate) fn time(clock: libc::clockid_t) -> u64 {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: writes the time.
    unsafe { libc::clock_gettime(clock, &raw mut time) };
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

#[cfg(test)]
#[path = "tests/vacant.rs"]
mod tests;
