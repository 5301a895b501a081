//! Every reachable state, breadth first.

use crate::own::{places_unmoved_by_a_refusal, Own};
use crate::promises::Promises;
use crate::rules::Before;
use crate::setup::Setup;
use crate::site::Site;
use crate::spec::payload_of;
use crate::state::{Key, State};
use crate::step::{Answer, Step};
use crate::subject::Subject;
use crate::tightness::Tightness;
use anyhow::{anyhow, ensure, Context, Result};
use core::alloc::Layout;
use core::marker::PhantomData;
use core::ops::Range;
use core::sync::atomic::{AtomicBool, Ordering};
use indicatif::ProgressBar;
use rustc_hash::FxHashMap;

/// What a search found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) states: usize,
    pub(crate) edges: u64,
    /// The steps to the state that is farthest from the empty heap.
    pub(crate) depth: usize,
    pub(crate) most_blocks: usize,
    pub(crate) tightness: Tightness,
}

/// What a search tells meanwhile, and whether it is to stop.
#[derive(Debug)]
pub(crate) struct Watch<'a> {
    pub(crate) bar: ProgressBar,
    pub(crate) stop: &'a AtomicBool,
}

/// The search through the states of heaps of one kind in one site.
pub(crate) struct Search<'a, H> {
    setup: &'a Setup,
    site: Site,
    promises: Promises,
    /// What of a heap's own bytes a refusal leaves as it is.
    unmoved: Vec<Range<usize>>,
    /// The states met, each with the digest of its words.
    seen: FxHashMap<Key, u64>,
    /// The states in the order in which they were met.
    queue: Vec<Key>,
    /// The steps of a state, kept for their memory.
    steps: Vec<Step>,
    found: Found,
    heap: PhantomData<H>,
}

impl<'a, H: Subject> Search<'a, H> {
    /// Visits every state.
    ///
    /// # Errors
    ///
    /// The heap broke a rule, or there are more than `limit` states.
    pub(crate) fn run(setup: &'a Setup, limit: u64, watch: &Watch<'_>) -> Result<Found> {
        let mut search = Self {
            setup,
            site: Site::new(&setup.slots, setup.offset),
            promises: Promises::of::<H>(setup)?,
            unmoved: places_unmoved_by_a_refusal::<H>()?,
            seen: FxHashMap::default(),
            queue: Vec::new(),
            steps: Vec::new(),
            found: Found::default(),
            heap: PhantomData,
        };
        search.meet(&State::default())?;
        let (mut next, mut level_end) = (0, 1);
        while next < search.queue.len() {
            if next == level_end {
                search.found.depth += 1;
                level_end = search.queue.len();
            }
            let key = search.queue[next];
            search.expand(key)?;
            next += 1;
            let met = search.queue.len() as u64;
            ensure!(met <= limit, "more than {limit} states");
            if next % 1024 == 0 {
                let (depth, edges) = (search.found.depth, search.found.edges);
                watch.bar.set_position(next as u64);
                watch
                    .bar
                    .set_message(format!("depth {depth}, {edges} edges"));
                ensure!(!watch.stop.load(Ordering::Relaxed), "stopped");
            }
        }
        ensure!(next == search.seen.len(), "a state was not expanded");
        search.found.states = next;
        Ok(search.found)
    }

    /// Takes every step from a state.
    fn expand(&mut self, key: Key) -> Result<()> {
        let state = State::of(key, |slot| self.site.first(slot));
        let mut heap: H = self.site.build(&state)?;
        heap.validate().map_err(|fault| anyhow!("{fault}"))?;
        ensure!(
            self.site.read(&heap)? == state
                && self.seen.get(&key) == Some(&self.site.digest(&state)),
            "a heap that was built of the state is not what was reached: {}",
            state.picture()
        );
        self.site.fill(&state);
        let memory = self.site.bytes();
        let before = Snapshot {
            memory: &memory,
            state: &state,
            largest: heap.largest_allocatable(),
            heap: Own::of(&heap),
        };
        self.found.most_blocks = self.found.most_blocks.max(state.cells.len());
        let mut steps = core::mem::take(&mut self.steps);
        steps.clear();
        Step::all(self.setup, &self.site, &state, &mut steps);
        for &step in &steps {
            self.step(&before, &mut heap, step)
                .with_context(|| format!("{step:?} in {}", state.picture()))?;
        }
        self.found.edges += steps.len() as u64;
        self.steps = steps;
        Ok(())
    }

    /// Takes one step, checks it, notes where it led, and goes back.
    fn step(&mut self, before: &Snapshot<'_, H>, heap: &mut H, step: Step) -> Result<()> {
        let failed = heap.statistics().failed_requests;
        let answer = step.take(&self.site, before.state, heap)?;
        let counted = matches!(step, Step::Allocate { .. } | Step::Reallocate { .. });
        let refused = usize::from(answer == Answer::Refused && counted);
        ensure!(
            heap.statistics().failed_requests == failed + refused,
            "the refusals are not counted"
        );
        let rules = Before {
            site: &self.site,
            state: before.state,
            memory: before.memory,
            promises: &self.promises,
            largest_allocatable: before.largest,
        };
        // If every byte is what it was, it is the state that has been validated.
        let is_same = self.site.is(before.memory) && before.heap.has(heap, &self.unmoved);
        if answer.is_refusal() {
            ensure!(is_same, "a refusal changed the heap");
            rules.check_refusal(step, answer)?;
            self.found.tightness.note(step, before.state);
            return Ok(());
        }
        if is_same {
            return rules.check(step, answer, before.state);
        }
        heap.validate().map_err(|fault| anyhow!("{fault}"))?;
        let after = self.site.read(heap)?;
        rules.check(step, answer, &after)?;
        self.meet(&after)?;
        if let Step::Free { start } = step {
            Self::ask_again(before.state, heap, start)?;
        }
        // What was asked for again is undone with the rest.
        self.site.restore(before.memory);
        // SAFETY: the memory is what it was when the copy was made.
        unsafe { before.heap.put_back(heap) };
        Ok(())
    }

    /// What was freed can be had again.
    fn ask_again(state: &State, heap: &mut H, start: u8) -> Result<()> {
        let size = state.used_at(start).context("a live block")?.size;
        let layout = Layout::from_size_align(payload_of(size), 1)?;
        ensure!(
            heap.allocate(layout).is_some(),
            "what was freed cannot be had again"
        );
        Ok(())
    }

    /// Notes a state that the memory has now.
    fn meet(&mut self, state: &State) -> Result<()> {
        let (key, digest) = (state.key(), self.site.digest(state));
        let known = *self.seen.entry(key).or_insert_with(|| {
            self.queue.push(key);
            digest
        });
        ensure!(
            known == digest,
            "two heaps of one state have different words: {}",
            state.picture()
        );
        Ok(())
    }
}

/// A state to go back to.
struct Snapshot<'s, H> {
    memory: &'s [u8],
    state: &'s State,
    /// What the heap says of the largest size that it has.
    largest: usize,
    heap: Own<H>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::count;
    use rlsf::Tlsf;

    fn search<H: Subject>(pools: &[(u8, u8)]) -> (u64, u64) {
        let setup = Setup::every_size("a small heap", pools, 0);
        let setup = setup.for_largest_block(H::LARGEST_BLOCK);
        let stop = AtomicBool::new(false);
        let watch = Watch {
            bar: ProgressBar::hidden(),
            stop: &stop,
        };
        let found = Search::<H>::run(&setup, 1 << 20, &watch).unwrap();
        (found.states as u64, count::states(&setup, H::SLLEN))
    }

    #[test]
    fn every_state_that_there_is_is_reached() {
        let (reached, counted) = search::<Tlsf<'static, u8, u8, 4, 1>>(&[(3, 4), (2, 2)]);
        assert_eq!(reached, counted);
        assert!(reached > 400, "{reached} states are too few to tell");
    }

    #[test]
    fn a_pool_of_one_block_has_three_states() {
        // No pool; one free block; one in use.
        assert_eq!(search::<Tlsf<'static, u8, u8, 8, 8>>(&[(1, 1)]), (3, 3));
    }

    #[test]
    fn too_many_states_are_an_error() {
        let setup = Setup::every_size("a small heap", &[(4, 4)], 0).for_largest_block(1 << 10);
        let stop = AtomicBool::new(false);
        let watch = Watch {
            bar: ProgressBar::hidden(),
            stop: &stop,
        };
        let error = Search::<Tlsf<'static, u8, u8, 8, 8>>::run(&setup, 9, &watch).unwrap_err();
        assert_eq!(error.to_string(), "more than 9 states");
    }
}
