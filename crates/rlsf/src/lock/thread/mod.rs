//! A thread's number, as the kernel counts threads: one file a way to remember it.
//!
//! - `free_and_own` gives the value of a free lock and the thread's number; while the
//!   number is not known yet, the first is a value that no lock has.
//! - `own` gives the number of a thread that knows it.
//! - `store` remembers the number.

/// Text of the assembler with the variable's name in it: another one in each of our packages, as a
/// program may have several.
#[cfg(all(
    any(target_arch = "x86_64", target_arch = "aarch64"),
    target_pointer_width = "64"
))]
macro_rules! symbol {
    ($before:literal, $after:literal) => {
        concat!($before, env!("CARGO_PKG_NAME"), "_0_3_thread", $after)
    };
}

#[cfg(all(target_arch = "aarch64", target_pointer_width = "64"))]
#[path = "aarch64.rs"]
mod variable;
#[cfg(not(all(
    any(target_arch = "x86_64", target_arch = "aarch64"),
    target_pointer_width = "64"
)))]
#[path = "key.rs"]
mod variable;
#[cfg(all(target_arch = "x86_64", target_pointer_width = "64"))]
#[path = "x86_64.rs"]
mod variable;

use crate::source::pages;
use variable::store;
pub(super) use variable::{free_and_own, own};

/// A value that no lock has: the kernel counts threads to 2^22 at the most.
const NO_LOCK: u32 = u32::MAX;

/// Asks the kernel for the thread's number, unless it is known.
pub(super) fn remember() {
    if free_and_own().0 == NO_LOCK {
        learn();
    }
}

/// Asks the kernel for the thread's number, as a child process must.
pub(super) fn learn() {
    // SAFETY: it has no arguments and cannot fail.
    let number = unsafe { libc::syscall(libc::SYS_gettid) };
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // at most 2^22
    store(number as u32);
}

/// The kernel's policy for threads with a deadline (sched(7)).
const SCHED_DEADLINE: i32 = 6;

/// Whether the thread runs before all that have no real-time priority. If the kernel does
/// not tell, it has none.
pub(super) fn is_real_time() -> bool {
    let kept = pages::error();
    // SAFETY: zero is the calling thread.
    let answer = unsafe { libc::syscall(libc::SYS_sched_getscheduler, 0) };
    pages::set_error(kept);
    #[allow(clippy::cast_possible_truncation)] // a policy, with a flag, or -1
    let policy = answer as i32 & !libc::SCHED_RESET_ON_FORK;
    matches!(policy, libc::SCHED_FIFO | libc::SCHED_RR | SCHED_DEADLINE)
}
