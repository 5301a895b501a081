//! Giving a heap's free pages back in slices.

use super::HeapRef;
use crate::orphans::Visit;
use crate::segment::STEP;
use crate::supply;
use rlsf::{IdlePlace, TrimStep};

/// How many blocks and slabs that others have freed a step looks at.
const LOOK_AT: usize = 64;

/// Where a thread stands in a trim of the process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Stage {
    /// In its own heap.
    #[default]
    Own,
    /// In heaps that have no thread.
    Orphans(Visit),
    /// In what no heap has.
    Supply,
}

impl HeapRef {
    /// Where the heap's thread stands.
    pub(crate) fn stage(self) -> Stage {
        self.own().stage.get()
    }

    pub(crate) fn set_stage(self, stage: Stage) {
        self.own().stage.set(stage);
    }

    /// The last trim that has been through the heap when it had no thread.
    pub(crate) fn seen_by(self) -> usize {
        self.own().seen_by.get()
    }

    pub(crate) fn set_seen_by(self, trim: usize) {
        self.own().seen_by.set(trim);
    }

    /// Gives some pages of the heap back to the system: about so many bytes, or one segment.
    pub(crate) fn trim_step(self, budget: usize) -> TrimStep {
        let place = &self.own().idle;
        if place.get() == IdlePlace::default() {
            let emptied = self.empty_some();
            if !emptied.is_complete {
                return emptied;
            }
            self.give_idle_slabs();
        }
        let mut next = place.get();
        let step = self
            .blocks()
            .idle_step(&mut next, supply::PAGE, budget, |pages| {
                // SAFETY: the heap does not use them while their block is free.
                unsafe { supply::release_pages(pages) };
            });
        place.set(next);
        if step.is_complete {
            self.give_idle_segment();
        }
        step
    }

    /// Looks at some of what others have freed, up to a segment that is idle by that; complete
    /// if nothing is left.
    fn empty_some(self) -> TrimStep {
        let given_back = &self.own().given_back;
        let before = given_back.get();
        let mut is_complete = false;
        for _ in 0..LOOK_AT {
            is_complete = self.empty_inboxes(1) == 1 && self.give_resting_blocks(1);
            if is_complete || given_back.get() != before {
                break;
            }
        }
        let bytes = (given_back.get() - before) * STEP;
        TrimStep { bytes, is_complete }
    }
}
