//! The time that a heap takes for a trace.

use core::hint::black_box;
use core::time::Duration;

use crate::clock::{processor_time, Stopwatch};
use crate::contestant::Contestant;
use crate::open_heap::OpenHeap;

use super::replay::{Action, Slot};

/// How long a whole replay may take, an action on average: linear heaps are left out of long ones.
const PACE: Duration = Duration::from_micros(3);

/// What is granted beyond that.
const GRACE: Duration = Duration::from_millis(100);

/// A heap that replays actions over and over: at the end of each replay it is empty again.
#[derive(Debug)]
pub(crate) struct Pacer<'script> {
    heap: OpenHeap,
    slots: Vec<Slot>,
    actions: &'script [Action],
}

impl<'script> Pacer<'script> {
    /// Opens a heap and replays the trace once, which touches the memory; nothing if a request is
    /// not met, or if that goes too slowly.
    pub(crate) fn new(
        heap: &'static Contestant,
        actions: &'script [Action],
        slots: usize,
        pool_size: usize,
    ) -> Option<Self> {
        let mut pacer = Self {
            heap: OpenHeap::new(heap, pool_size),
            slots: vec![Slot::EMPTY; slots],
            actions,
        };
        let start = Stopwatch::start();
        let actions = u32::try_from(actions.len()).ok()?;
        let met = pacer.replay();
        (met && start.elapsed() <= GRACE + PACE * actions).then_some(pacer)
    }

    /// The nanoseconds of processor time that an action takes in `repeats` replays; nothing if a
    /// request was not met.
    pub(crate) fn time(&mut self, repeats: u32) -> Option<f64> {
        let start = processor_time();
        for _ in 0..repeats {
            if !self.replay() {
                return None;
            }
        }
        let nanoseconds = processor_time().saturating_sub(start).as_secs_f64() * 1e9;
        let actions = u32::try_from(self.actions.len()).ok()?;
        Some(nanoseconds / f64::from(actions) / f64::from(repeats))
    }

    fn replay(&mut self) -> bool {
        let actions = black_box(self.actions);
        // SAFETY: a script's actions on slots of this heap, which all are empty.
        let done = unsafe { self.heap.replay(&mut self.slots, actions) };
        done == actions.len()
    }
}
