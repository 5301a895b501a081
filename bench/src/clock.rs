//! How long this thread has run: other programs on the machine do not count, so that no figure hangs on them.

use core::time::Duration;

use nix::time::{clock_gettime, ClockId};

/// How many checks of a budget pass between two looks at the clock.
const STRIDE: u32 = 256;

/// The processor time of this thread.
pub(crate) fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID);
    Duration::from(time.expect("Linux measures a thread's time"))
}

/// The processor time of this thread from a moment on.
#[derive(Debug)]
pub(crate) struct Stopwatch(Duration);

impl Stopwatch {
    pub(crate) fn start() -> Self {
        Self(processor_time())
    }

    pub(crate) fn elapsed(&self) -> Duration {
        processor_time().saturating_sub(self.0)
    }
}

/// The processor time that a run may take, for heaps that are not constant-time.
#[derive(Debug)]
pub(crate) struct Budget {
    watch: Stopwatch,
    limit: Duration,
    checks: u32,
}

impl Budget {
    pub(crate) fn of(limit: Duration) -> Self {
        Self {
            watch: Stopwatch::start(),
            limit,
            checks: 0,
        }
    }

    /// Whether it is used up; it looks at the clock now and then only.
    pub(crate) fn is_over(&mut self) -> bool {
        self.checks = self.checks.wrapping_add(1);
        self.checks.is_multiple_of(STRIDE) && self.watch.elapsed() >= self.limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    #[test]
    fn a_thread_that_sleeps_uses_up_no_budget() {
        let mut budget = Budget::of(Duration::from_millis(100));
        thread::sleep(Duration::from_millis(200));
        assert!((0..STRIDE).all(|_| !budget.is_over()));
    }

    #[test]
    fn a_thread_that_works_uses_its_budget_up() {
        let mut budget = Budget::of(Duration::from_millis(1));
        while !budget.is_over() {}
        assert!(budget.watch.elapsed() >= Duration::from_millis(1));
    }
}
