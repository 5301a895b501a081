//! A limit on time for heaps that are not constant-time.

use core::time::Duration;

use nix::time::{clock_gettime, ClockId};

/// How many checks pass between two looks at the clock.
const STRIDE: u32 = 256;

/// The processor time of the tracing thread after which a run is given up: other programs on the machine do not
/// count, so that none of them cuts a run short.
#[derive(Debug)]
pub(crate) struct Deadline {
    end: Duration,
    checks: u32,
}

impl Deadline {
    /// The moment that is `limit` away.
    pub(crate) fn after(limit: Duration) -> Self {
        Self {
            end: processor_time() + limit,
            checks: 0,
        }
    }

    /// Whether the moment has passed; it looks at the clock now and then only.
    pub(crate) fn is_over(&mut self) -> bool {
        self.checks = self.checks.wrapping_add(1);
        self.checks.is_multiple_of(STRIDE) && processor_time() >= self.end
    }
}

fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID);
    Duration::from(time.expect("Linux measures a thread's time"))
}
