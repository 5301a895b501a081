//! The bookkeeping of a measured run: plain numbers, no heap.

use crate::histogram::Histogram;
use core::time::Duration;

/// What a call to the allocator asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Request {
    /// A new block of this many bytes.
    Allocate(usize),
    /// The end of a block of this many bytes.
    Free(usize),
    /// Other bytes for a block: old and new.
    Resize(usize, usize),
}

impl Request {
    /// The bytes that the program gives back and takes.
    fn change(self) -> (u64, u64) {
        match self {
            Self::Allocate(new) => (0, new as u64),
            Self::Free(old) => (old as u64, 0),
            Self::Resize(old, new) => (old as u64, new as u64),
        }
    }
}

/// What the meter saw between [`Meter::open`] and [`Meter::close`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tally {
    pub(crate) allocations: u64,
    pub(crate) frees: u64,
    pub(crate) resizes: u64,
    /// The largest sum of requested bytes alive at once.
    pub(crate) peak_live: u64,
    /// The number of the call that reached the peak first; the first is 1.
    pub(crate) peak_call: u64,
    /// The longest call in nanoseconds.
    pub(crate) worst: u64,
    /// All calls in nanoseconds.
    pub(crate) latencies: Histogram,
}

impl Tally {
    const fn new() -> Self {
        Self {
            allocations: 0,
            frees: 0,
            resizes: 0,
            peak_live: 0,
            peak_call: 0,
            worst: 0,
            latencies: Histogram::new(),
        }
    }

    fn calls(&self) -> u64 {
        self.allocations + self.frees + self.resizes
    }

    fn record(&mut self, request: Request, took: Duration, live: u64) {
        match request {
            Request::Allocate(_) => self.allocations += 1,
            Request::Free(_) => self.frees += 1,
            Request::Resize(..) => self.resizes += 1,
        }
        let nanoseconds = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        self.worst = self.worst.max(nanoseconds);
        self.latencies.add(nanoseconds);
        if live > self.peak_live {
            self.peak_live = live;
            self.peak_call = self.calls();
        }
    }
}

/// Follows the live bytes of a process from its first call on, and tallies the
/// calls while it is open.
#[derive(Debug)]
pub(crate) struct Meter {
    live: u64,
    is_open: bool,
    look_at: Option<u64>,
    tally: Tally,
}

impl Meter {
    pub(crate) const fn new() -> Self {
        Self {
            live: 0,
            is_open: false,
            look_at: None,
            tally: Tally::new(),
        }
    }

    /// Starts to tally; the call of number `look_at` will be announced.
    pub(crate) fn open(&mut self, look_at: Option<u64>) {
        self.look_at = look_at;
        self.is_open = true;
    }

    /// Ends the tally.
    pub(crate) fn close(&mut self) -> Tally {
        self.is_open = false;
        self.tally
    }

    /// Takes note of a call that succeeded; gives the live bytes if it is the
    /// one to look at.
    pub(crate) fn record(&mut self, request: Request, took: Duration) -> Option<u64> {
        let (released, taken) = request.change();
        self.live = (self.live + taken).saturating_sub(released);
        if !self.is_open {
            return None;
        }
        self.tally.record(request, took, self.live);
        (self.look_at == Some(self.tally.calls())).then_some(self.live)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TICK: Duration = Duration::from_nanos(3);

    #[test]
    fn the_first_call_that_reaches_the_peak_is_remembered() {
        let mut meter = Meter::new();
        meter.record(Request::Allocate(10), TICK);
        meter.open(Some(3));
        assert_eq!(meter.record(Request::Allocate(100), TICK), None);
        assert_eq!(meter.record(Request::Free(10), TICK), None);
        assert_eq!(meter.record(Request::Resize(100, 150), 2 * TICK), Some(150));
        assert_eq!(meter.record(Request::Resize(150, 20), TICK), None);
        assert_eq!(meter.record(Request::Allocate(130), TICK), None);
        let tally = meter.close();
        assert_eq!((tally.peak_live, tally.peak_call), (150, 3));
        assert_eq!((tally.allocations, tally.frees, tally.resizes), (2, 1, 2));
        assert_eq!(tally.worst, 6);
    }

    #[test]
    fn a_closed_meter_only_follows_the_live_bytes() {
        let mut meter = Meter::new();
        assert_eq!(meter.record(Request::Allocate(7), TICK), None);
        assert_eq!(meter.close().calls(), 0);
        assert_eq!(meter.live, 7);
    }
}
