//! The smallest pool in which a trace completes.

use core::time::Duration;
use std::time::Instant;

use crate::contestant::Contestant;
use crate::open_heap::OpenHeap;

use super::replay::Slot;
use super::script::Script;

/// Pools are multiples of this, in bytes.
const STEP: usize = 64;

/// The largest pool that is tried, in peaks of live bytes.
const MOST_PEAKS: usize = 64;

/// How long an action may take on average; linear heaps may take longer.
const PACE: Duration = Duration::from_micros(20);

/// What is granted beyond that.
const GRACE: Duration = Duration::from_millis(200);

/// Actions between two looks at the clock.
const STRETCH: usize = 1024;

/// What a try came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Try {
    /// Every request was met.
    Completes,
    /// One was not.
    Fails,
    /// It took too long.
    Slow,
}

/// Replays a trace in a fresh heap over a fresh pool.
pub(crate) fn attempt(heap: &'static Contestant, script: &Script, pool_size: usize) -> Try {
    let mut heap = OpenHeap::new(heap, pool_size);
    let mut slots = vec![Slot::EMPTY; script.slots];
    let start = Instant::now();
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

/// The smallest pool in which the trace completes, to within `tolerance` bytes, or why there is
/// none. By bisection: of a heap that completes in some pool and not in a larger one, it is the
/// end of some range of sizes.
pub(crate) fn smallest_pool(
    heap: &'static Contestant,
    script: &Script,
    tolerance: usize,
) -> Result<usize, Try> {
    let peak = script.peak().next_multiple_of(STEP);
    let mut fails = peak - STEP;
    let mut completes = peak;
    loop {
        match attempt(heap, script, completes) {
            Try::Completes => break,
            Try::Slow => return Err(Try::Slow),
            Try::Fails if completes > MOST_PEAKS * peak => return Err(Try::Fails),
            Try::Fails => {
                fails = completes;
                // A quarter more, and a page in which a small trace has room for control blocks.
                completes = (completes + completes / 4 + 4096).next_multiple_of(STEP);
            }
        }
    }
    while completes - fails > tolerance.max(STEP) {
        let middle = (fails + (completes - fails) / 2).next_multiple_of(STEP);
        match attempt(heap, script, middle) {
            Try::Completes => completes = middle,
            Try::Fails => fails = middle,
            Try::Slow => return Err(Try::Slow),
        }
    }
    Ok(completes)
}
