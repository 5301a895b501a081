//! How long this thread has run.

use core::time::Duration;

use nix::time::{clock_gettime, ClockId};

/// The processor time of this thread: other programs on the machine do not count.
pub(crate) fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID);
    Duration::from(time.expect("Linux measures a thread's time"))
}
