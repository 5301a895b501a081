//! A state of a heap, told in a line, and the operation that is counted in it.
//!
//! ```text
//! [kept][hole][kept][hole] ... [kept][hole][ all else: free, or used as well ]
//! ```
//!
//! The holes are freed in some order; a few more steps follow, and then the operation.

use core::alloc::Layout;

use serde::{Deserialize, Serialize};

use crate::fill::{fill, plain};
use crate::open_heap::{Block, OpenHeap};
use crate::rng::Rng;

/// The largest hole and kept block, and the largest request.
const LARGEST_HOLE: usize = 2048;
const LARGEST_KEPT: usize = 512;
const LARGEST_REQUEST: usize = 64 << 10;

/// The strongest alignment.
const STRONGEST: u32 = 12;

/// The most steps after the holes.
const STEPS: usize = 16;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Target {
    /// An allocation, aligned to 8.
    Allocate,
    /// An allocation of any alignment up to 4096.
    Aligned,
    /// A free.
    Free,
}

/// One step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Step {
    /// A size, and the logarithm of an alignment.
    Allocate(usize, u32),
    /// One of the live blocks.
    Free(usize),
    /// One of the live blocks, and its new size.
    Resize(usize, usize),
}

/// The order in which holes become free.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Order {
    Forward,
    Backward,
    Shuffled,
}

/// A state and an operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    fragments: usize,
    seed: u64,
    /// The smallest and the largest hole, each octave between as likely.
    holes: (usize, usize),
    kept: (usize, usize),
    order: Order,
    /// Whether all else is used.
    full: bool,
    steps: Vec<Step>,
    last: Step,
}

impl Case {
    /// A random one.
    pub(crate) fn random(fragments: usize, target: Target, rng: &mut Rng) -> Self {
        let steps = rng.below(STEPS / 2);
        let holes = range(LARGEST_HOLE, rng);
        Self {
            fragments,
            seed: rng.bits(),
            holes,
            kept: range(LARGEST_KEPT, rng),
            order: [Order::Forward, Order::Backward, Order::Shuffled][rng.below(3)],
            full: rng.percent(50),
            steps: (0..steps).map(|_| Step::random(holes, rng)).collect(),
            last: Step::of(target, holes, rng),
        }
    }

    /// One that differs in a thing or two.
    pub(crate) fn mutated(&self, target: Target, rng: &mut Rng) -> Self {
        let mut case = self.clone();
        for _ in 0..=rng.below(2) {
            match rng.below(9) {
                0 => case.seed = rng.bits(),
                1 => case.holes = range(LARGEST_HOLE, rng),
                2 => case.kept = range(LARGEST_KEPT, rng),
                3 => case.full = !case.full,
                4 => case.order = [Order::Forward, Order::Backward, Order::Shuffled][rng.below(3)],
                5 | 6 => case.last = Step::of(target, case.holes, rng),
                7 if case.steps.len() < STEPS => {
                    let at = rng.below(case.steps.len() + 1);
                    case.steps.insert(at, Step::random(case.holes, rng));
                }
                _ if case.steps.is_empty() => {}
                _ => drop(case.steps.remove(rng.below(case.steps.len()))),
            }
        }
        case
    }

    /// The pool that it is played in.
    pub(crate) const fn pool_size(&self) -> usize {
        (1 << 20) + 4096 * self.fragments
    }

    /// Brings a fresh heap into the state, and says when it is there; nothing if the heap cannot come there.
    pub(crate) fn play(&self, heap: &mut OpenHeap, is_there: impl FnOnce()) -> Option<()> {
        let mut live = self.fragment(heap)?;
        for step in &self.steps {
            step.take(heap, &mut live, || ());
        }
        self.last.take(heap, &mut live, is_there);
        Some(())
    }

    /// The live blocks between the holes.
    fn fragment(&self, heap: &mut OpenHeap) -> Option<Vec<Block>> {
        let mut rng = Rng::new(self.seed);
        let (mut live, mut holes) = (Vec::new(), Vec::new());
        for _ in 0..self.fragments {
            live.push(heap.allocate(plain(rng.log_between(self.kept.0, self.kept.1)))?);
            holes.push(heap.allocate(plain(rng.log_between(self.holes.0, self.holes.1)))?);
        }
        live.push(heap.allocate(plain(self.kept.0))?);
        if self.full {
            live.extend(fill(heap, 1 << 19));
        }
        match self.order {
            Order::Forward => {}
            Order::Backward => holes.reverse(),
            Order::Shuffled => {
                for end in (1..holes.len()).rev() {
                    holes.swap(end, rng.below(end + 1));
                }
            }
        }
        for hole in holes {
            heap.free(hole);
        }
        Some(live)
    }
}

impl Step {
    fn random(holes: (usize, usize), rng: &mut Rng) -> Self {
        let place = rng.below(1 << 16);
        match rng.below(4) {
            0 => Self::of(Target::Allocate, holes, rng),
            1 => Self::of(Target::Aligned, holes, rng),
            2 => Self::Free(place),
            _ => Self::Resize(place, rng.log_between(1, LARGEST_REQUEST)),
        }
    }

    /// One of a kind. Half of the sizes are a little larger than a hole: that is where heaps search.
    fn of(target: Target, holes: (usize, usize), rng: &mut Rng) -> Self {
        let size = if rng.percent(50) {
            let hole = [holes.0, holes.1][rng.below(2)];
            hole + rng.below(hole / 8 + 16)
        } else {
            rng.log_between(1, LARGEST_REQUEST)
        };
        match target {
            Target::Allocate => Self::Allocate(size, 3),
            Target::Aligned => {
                let doublings = rng.below(STRONGEST as usize - 3);
                Self::Allocate(size, STRONGEST - u32::try_from(doublings).unwrap_or(0))
            }
            Target::Free => Self::Free(rng.below(1 << 16)),
        }
    }

    /// Takes the step; `before` is called when all is ready for it.
    fn take(self, heap: &mut OpenHeap, live: &mut Vec<Block>, before: impl FnOnce()) {
        match self {
            Self::Allocate(size, doublings) => {
                let layout = Layout::from_size_align(size, 1 << doublings);
                let layout = layout.expect("a size and a power of two");
                before();
                let block = heap.allocate(layout);
                live.extend(block);
            }
            Self::Free(place) if !live.is_empty() => {
                let block = live.swap_remove(place % live.len());
                before();
                heap.free(block);
            }
            Self::Resize(place, size) if !live.is_empty() => {
                let place = place % live.len();
                before();
                heap.resize(&mut live[place], size);
            }
            Self::Free(_) | Self::Resize(..) => {}
        }
    }
}

/// Two sizes, the smaller one first; often the same.
fn range(largest: usize, rng: &mut Rng) -> (usize, usize) {
    if rng.percent(40) {
        let size = rng.log_between(8, largest);
        return (size, size);
    }
    let sizes = [(); 2].map(|()| rng.log_between(8, largest));
    (sizes[0].min(sizes[1]), sizes[0].max(sizes[1]))
}
