//! How near a promise comes to what really fails.

use crate::spec::{granules_of, payload_of, sure_granules, GRANULE};
use crate::state::State;
use crate::step::Step;
use crate::subject::Subject;
use std::collections::BTreeMap;

/// For each request that was refused beside a free block of its size or more: the largest such block.
#[derive(Debug, Default)]
pub(crate) struct Tightness(BTreeMap<usize, u8>);

impl Tightness {
    /// Notes a step that was refused.
    pub(crate) fn note(&mut self, step: Step, state: &State) {
        let Step::Allocate { payload, align } = step else {
            return;
        };
        let (need, free) = (granules_of(payload), state.largest_free());
        if align == GRANULE && usize::from(free) >= need {
            let largest = self.0.entry(need).or_default();
            *largest = free.max(*largest);
        }
    }

    /// A line for people: how far below the promised block the largest one lies that failed.
    pub(crate) fn report<H: Subject>(&self) -> String {
        let gaps = self.0.iter().filter_map(|(&need, &failed)| {
            let payload = payload_of(u8::try_from(need).ok()?);
            let sure = sure_granules(payload, 1, H::SLLEN);
            if sure * GRANULE > H::LARGEST_BLOCK {
                return None; // no block is promised to serve it
            }
            Some((sure - 1 - usize::from(failed), need, failed, sure))
        });
        let smallest = gaps.clone().min();
        let Some((gap, need, failed, sure)) = smallest else {
            return "every request was served that was promised, and that some free block could hold".into();
        };
        format!(
            "{need} granules failed beside a free block of {failed}, {sure} are sure: gap {gap} (of {} such \
             sizes the largest gap is {})",
            gaps.clone().count(),
            gaps.max().map_or(0, |it| it.0),
        )
    }
}
