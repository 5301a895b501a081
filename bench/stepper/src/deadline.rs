//! A limit on time for heaps that are not constant-time.

use core::time::Duration;
use std::time::Instant;

/// How many checks pass between two looks at the clock.
const STRIDE: u32 = 256;

/// A moment after which a run is given up.
#[derive(Debug)]
pub(crate) struct Deadline {
    end: Instant,
    checks: u32,
}

impl Deadline {
    /// The moment that is `limit` away.
    pub(crate) fn after(limit: Duration) -> Self {
        Self {
            end: Instant::now() + limit,
            checks: 0,
        }
    }

    /// Whether the moment has passed; it looks at the clock now and then only.
    pub(crate) fn is_over(&mut self) -> bool {
        self.checks = self.checks.wrapping_add(1);
        self.checks.is_multiple_of(STRIDE) && Instant::now() >= self.end
    }
}
