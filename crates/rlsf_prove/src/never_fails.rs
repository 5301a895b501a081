//! The pool that never fails: every state within a demand, in pools from the sufficient one downward.
//!
//! A state has more in it here than in `state.rs`: what was asked for of each block, on which the program's
//! next steps depend, though the heap's do not.

use crate::site::{Site, Slot};
use crate::spec::{granules_of, payload_of, GRANULE, LEAST};
use crate::state::{Key, Occupied, State, MOST_CELLS};
use crate::step::{Answer, Step};
use crate::subject::Subject;
use anyhow::{anyhow, ensure, Context, Result};
use arrayvec::ArrayVec;
use core::marker::PhantomData;
use rlsf::{Demand, Tlsf};
use rustc_hash::FxHashSet;
use std::time::Instant;

/// A program that may have up to `blocks` blocks of any sizes up to `largest`, `live` granules together.
#[derive(Clone, Copy, Debug)]
struct Program {
    blocks: u8,
    live: u8,
    largest: u8,
    align: usize,
}

/// The granules that each block in use needs, in the order of the cells in use.
type Asked = ArrayVec<u8, MOST_CELLS>;

/// Shows for some programs that the sufficient pool never fails, and which pool does.
///
/// # Errors
///
/// A request failed in a pool that is said to be sufficient.
pub(crate) fn run() -> Result<()> {
    let program = |blocks, live, largest, align| Program {
        blocks,
        live: live * LEAST,
        largest,
        align,
    };
    let granule = GRANULE;
    for of in [
        program(3, 5, LEAST + 2, granule),
        program(4, 4, LEAST + 1, granule),
        program(3, 4, LEAST + 1, 2 * granule),
    ] {
        show::<Tlsf<'static, u8, u8, 8, 8>>("u8/8 u8/8", of)?;
        show::<Tlsf<'static, u16, u16, 12, 16>>("u16/12 u16/16", of)?;
    }
    show::<Tlsf<'static, u8, u8, 4, 1>>("u8/4 u8/1", program(3, 4, LEAST + 1, granule))
}

/// Searches pools of fewer and fewer blocks, from the sufficient one on, until one fails.
fn show<H: Subject>(name: &str, program: Program) -> Result<()> {
    let start = Instant::now();
    let sufficient = H::sufficient_granules(Demand {
        live_bytes: usize::from(program.live) * GRANULE,
        live_blocks: program.blocks.into(),
        largest_request: payload_of(program.largest),
        largest_align: program.align,
    });
    let sufficient = u8::try_from(sufficient.context("no pool is sufficient")?)?;
    let (mut states, mut pool) = (0, sufficient);
    let failing = loop {
        match Search::<H>::run(program, pool)? {
            Visited::All(visited) => states += visited,
            Visited::Failed(state) => break state,
        }
        pool -= 1;
    };
    ensure!(
        pool < sufficient,
        "{name}: {program:?} fails in the sufficient pool of {sufficient} granules: {failing}"
    );
    println!(
        "{name}: {} blocks of up to {} granules, {} together, alignment up to {}: no state fails with the \
         sufficient {sufficient} granules, nor with {} ({states} states), one does with {pool}: gap {}, {:.1} \
         s\n  {failing}",
        program.blocks,
        program.largest,
        program.live,
        program.align,
        pool + 1,
        sufficient - pool - 1,
        start.elapsed().as_secs_f64()
    );
    Ok(())
}

/// What a search came to.
enum Visited {
    /// Every state, as many.
    All(usize),
    /// A state in which a request failed.
    Failed(String),
}

struct Search<H> {
    program: Program,
    site: Site,
    seen: FxHashSet<(Key, Asked)>,
    waiting: Vec<(Key, Asked)>,
    heap: PhantomData<H>,
}

impl<H: Subject> Search<H> {
    fn run(program: Program, pool: u8) -> Result<Visited> {
        let slot = Slot {
            least: pool,
            most: pool,
        };
        let mut search = Self {
            program,
            site: Site::new(&[slot], 0),
            seen: FxHashSet::default(),
            waiting: Vec::new(),
            heap: PhantomData,
        };
        let mut heap = H::empty();
        // SAFETY: the slot's bytes, which no pool has.
        unsafe {
            heap.insert(search.site.region(Occupied {
                slot: 0,
                size: pool,
            }))
        };
        search.meet(&heap, |_| None)?;
        while let Some((key, asked)) = search.waiting.pop() {
            let state = State::of(key, |slot| search.site.first(slot));
            for step in search.steps(&state, &asked) {
                if search.step(&state, &asked, step)? {
                    return Ok(Visited::Failed(format!("{step:?} in {}", state.picture())));
                }
            }
        }
        Ok(Visited::All(search.seen.len()))
    }

    /// The steps that the program may take.
    fn steps(&self, state: &State, asked: &Asked) -> Vec<Step> {
        let live: u8 = asked.iter().sum();
        let more =
            |size: u8| asked.len() < self.program.blocks.into() && live + size <= self.program.live;
        let aligns = [GRANULE, self.program.align];
        let sizes = LEAST..=self.program.largest;
        let mut steps = Vec::new();
        for size in sizes.clone().filter(|&size| more(size)) {
            let payload = payload_of(size);
            steps.extend(aligns.map(|align| Step::Allocate { payload, align }));
        }
        for (cell, &old) in state.used().zip(asked) {
            let start = cell.start;
            steps.push(Step::Free { start });
            for size in sizes.clone() {
                let payload = payload_of(size);
                // While a block moves, the program has two.
                if more(size) {
                    let align = GRANULE;
                    steps.push(Step::Reallocate {
                        start,
                        payload,
                        align,
                    });
                }
                if live - old + size <= self.program.live {
                    steps.push(Step::Grow { start, payload });
                    steps.push(Step::Shrink { start, payload });
                }
            }
        }
        steps
    }

    /// Takes a step; whether a request failed that the program may make.
    fn step(&mut self, state: &State, asked: &Asked, step: Step) -> Result<bool> {
        let mut heap: H = self.site.build(state)?;
        let answer = step.take(&self.site, state, &mut heap)?;
        let request = matches!(step, Step::Allocate { .. } | Step::Reallocate { .. });
        if answer == Answer::Refused {
            return Ok(request);
        }
        let (went, came, payload) = match step {
            Step::Grow { start, payload } | Step::Shrink { start, payload } => {
                (Some(start), Some(start), payload)
            }
            Step::Reallocate { start, payload, .. } => (Some(start), placed(answer), payload),
            Step::Allocate { payload, .. } => (None, placed(answer), payload),
            Step::Free { start } => (Some(start), None, 0),
            _ => return Err(anyhow!("no step of a program")),
        };
        let need = u8::try_from(granules_of(payload))?;
        let old = |start| {
            let place = state.used().position(|cell| cell.start == start)?;
            asked.get(place).copied()
        };
        self.meet(&heap, |start| {
            if Some(start) == came {
                let grown = matches!(step, Step::Grow { .. });
                return Some(if grown { need.max(old(start)?) } else { need });
            }
            old(start).filter(|_| Some(start) != went)
        })?;
        Ok(false)
    }

    /// Notes a state; `asked` tells what was asked for of the block at a place.
    fn meet(&mut self, heap: &H, asked: impl Fn(u8) -> Option<u8>) -> Result<()> {
        heap.validate().map_err(|fault| anyhow!("{fault}"))?;
        let state = self.site.read(heap)?;
        let asked: Option<Asked> = state.used().map(|cell| asked(cell.start)).collect();
        let entry = (state.key(), asked.context("a block that nobody asked for")?);
        if self.seen.insert(entry.clone()) {
            self.waiting.push(entry);
        }
        Ok(())
    }
}

fn placed(answer: Answer) -> Option<u8> {
    match answer {
        Answer::Block(start) => Some(start),
        _ => None,
    }
}
