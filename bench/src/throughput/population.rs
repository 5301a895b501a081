//! A heap in the middle of a timed mix, with the blocks that live in it.

use core::hint::black_box;
use core::time::Duration;

use crate::clock::{processor_time, Stopwatch};
use crate::contestant::Contestant;
use crate::open_heap::OpenHeap;

use super::exchange::{Exchange, Slot};
use super::scenario::Script;

/// How long an exchange may take while a heap is filled, on average. Linear heaps take longer in
/// all but small pools, and are left out there.
const PACE: Duration = Duration::from_micros(3);

/// What is granted beyond that, for the first touch of the memory and for what else the machine does.
const GRACE: Duration = Duration::from_millis(100);

/// Exchanges between two looks at the clock.
const STRETCH: usize = 64;

/// A heap and its live blocks.
#[derive(Debug)]
pub(crate) struct Population {
    heap: OpenHeap,
    slots: Vec<Slot>,
    failures: usize,
}

impl Population {
    /// Fills a heap as the script says; nothing if that goes too slowly.
    pub(crate) fn new(
        heap: &'static Contestant,
        pool_size: usize,
        script: &Script,
    ) -> Option<Self> {
        let heap = OpenHeap::new(heap, pool_size);
        let mut population = Self {
            heap,
            slots: vec![Slot::EMPTY; script.slots],
            failures: 0,
        };
        let start = Stopwatch::start();
        let mut allowed = GRACE;
        for exchanges in script.prepared.chunks(STRETCH) {
            population.run(exchanges);
            allowed += PACE * u32::try_from(exchanges.len()).expect("a stretch is short");
            if start.elapsed() > allowed {
                return None;
            }
        }
        Some(population)
    }

    /// Runs exchanges and returns the nanoseconds that one of them took; the first fifth only warms
    /// the caches up.
    pub(crate) fn time(&mut self, exchanges: &[Exchange]) -> f64 {
        let (untimed, exchanges) = exchanges.split_at(exchanges.len() / 5);
        self.run(untimed);
        let start = processor_time();
        self.run(black_box(exchanges));
        let nanoseconds = processor_time().saturating_sub(start).as_secs_f64() * 1e9;
        nanoseconds / f64::from(u32::try_from(exchanges.len()).expect("a round is short"))
    }

    /// The heap's name.
    pub(crate) fn name(&self) -> &'static str {
        self.heap.name()
    }

    /// How many requests were not met.
    pub(crate) fn failures(&self) -> usize {
        self.failures
    }

    fn run(&mut self, exchanges: &[Exchange]) {
        // SAFETY: the slots were filled by this heap alone.
        self.failures += unsafe { self.heap.exchange(&mut self.slots, exchanges) };
    }
}
