//! Whether a trace completes in a pool.

use core::time::Duration;

use crate::clock::Stopwatch;
use crate::contestant::Contestant;
use crate::open_heap::OpenHeap;
use crate::smallest::Try;

use super::replay::Slot;
use super::script::Script;

/// How long an action may take on average; linear heaps may take longer.
const PACE: Duration = Duration::from_micros(20);

/// What is granted beyond that.
const GRACE: Duration = Duration::from_millis(200);

/// Actions between two looks at the clock.
const STRETCH: usize = 1024;

/// Replays a trace in a fresh heap over a fresh pool.
pub(crate) fn attempt(heap: &'static Contestant, script: &Script, pool_size: usize) -> Try {
    let mut heap = OpenHeap::new(heap, pool_size);
    let mut slots = vec![Slot::EMPTY; script.slots];
    let start = Stopwatch::start();
    let mut allowed = GRACE;
    for actions in script.actions.chunks(STRETCH) {
        // SAFETY: a script's actions, in order, on slots of this heap.
        let done = unsafe { heap.replay(&mut slots, actions) };
        if done != actions.len() {
            return Try::Fails;
        }
        allowed += PACE * u32::try_from(actions.len()).expect("a stretch is short");
        if start.elapsed() > allowed {
            return Try::Slow;
        }
    }
    Try::Completes
}
