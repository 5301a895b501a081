//! A state of a heap, and the operation that is counted in it.
//!
//! ```text
//! [kept][hole][kept][hole] ... [kept][hole][kept][ all else: free, or used as well ]
//! ```
//!
//! The holes are freed in some order; a few more steps follow, and then the operation.

use super::{live::Live, Subject, ARENA};
use crate::Random;
use core::alloc::Layout;

/// The largest hole and kept block, if there are few, and the largest request.
const LARGEST_HOLE: usize = 2048;
const LARGEST_KEPT: usize = 512;
const LARGEST_REQUEST: usize = ARENA / 4;

/// The strongest alignment is two to the power of this.
const STRONGEST: usize = 12;

/// The most steps after the holes.
const STEPS: usize = 16;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// An allocation, aligned to 8.
    Allocate,
    /// An allocation of any alignment up to 4096.
    Aligned,
    /// A free.
    Free,
    /// Growing in place.
    Grow,
    /// Shrinking in place.
    Shrink,
}

/// One step; a place is that of one of the live blocks.
#[derive(Clone, Copy, Debug)]
enum Step {
    Allocate { size: usize, align: usize },
    Free { place: usize },
    Grow { place: usize, by: usize },
    Shrink { place: usize, percent: usize },
}

/// The order in which holes become free.
#[derive(Clone, Copy, Debug)]
enum Order {
    Forward,
    Backward,
    Shuffled,
}

/// A state and an operation.
#[derive(Clone, Copy, Debug)]
pub struct State {
    fragments: usize,
    seed: u32,
    /// The smallest and the largest hole, each octave between as likely.
    holes: (usize, usize),
    kept: (usize, usize),
    order: Order,
    /// Whether all else is used.
    full: bool,
    steps: [Option<Step>; STEPS],
    last: Step,
}

impl State {
    pub(super) fn random(target: Target, fragments: usize, random: &mut Random) -> Self {
        let holes = range(LARGEST_HOLE, fragments, random);
        let mut state = Self {
            fragments,
            seed: seed(random),
            holes,
            kept: range(LARGEST_KEPT, fragments, random),
            order: order(random),
            full: random.below(2) == 0,
            steps: [None; STEPS],
            last: Step::of(target, holes, random),
        };
        let count = random.below(STEPS / 2);
        for step in &mut state.steps[..count] {
            *step = Some(Step::random(holes, random));
        }
        state
    }

    /// One that differs in a thing or two.
    pub(super) fn mutated(mut self, target: Target, random: &mut Random) -> Self {
        for _ in 0..=random.below(2) {
            match random.below(9) {
                0 => self.seed = seed(random),
                1 => self.holes = range(LARGEST_HOLE, self.fragments, random),
                2 => self.kept = range(LARGEST_KEPT, self.fragments, random),
                3 => self.full = !self.full,
                4 => self.order = order(random),
                5 | 6 => self.last = Step::of(target, self.holes, random),
                7 => self.steps[random.below(STEPS)] = Some(Step::random(self.holes, random)),
                _ => self.steps[random.below(STEPS)] = None,
            }
        }
        self
    }

    /// The instructions of the operation in this state; nothing if the heap cannot come there.
    pub(super) fn play(&self, subject: &mut impl Subject) -> Option<u32> {
        subject.renew();
        let mut live = self.fragment(subject)?;
        for step in self.steps.iter().flatten() {
            step.take(subject, &mut live);
        }
        self.last.take(subject, &mut live)
    }

    /// The live blocks between the holes.
    fn fragment(&self, subject: &mut impl Subject) -> Option<Live> {
        let mut random = Random::new(self.seed);
        let (mut live, mut holes) = (Live::new(), Live::new());
        for _ in 0..self.fragments {
            let [kept, hole] =
                [self.kept, self.holes].map(|(low, high)| random.octaves_between(low, high));
            let is_there = live.allocate(subject, plain(kept)?).0;
            (is_there && holes.allocate(subject, plain(hole)?).0).then_some(())?;
        }
        live.allocate(subject, plain(self.kept.0)?);
        if self.full {
            let mut size = LARGEST_REQUEST;
            while size > 0 {
                while live.allocate(subject, plain(size)?).0 {}
                size /= 2;
            }
        }
        match self.order {
            Order::Forward => holes.reverse(),
            Order::Backward => {}
            Order::Shuffled => {
                for end in (1..holes.len()).rev() {
                    holes.swap(end, random.below(end + 1));
                }
            }
        }
        // The last one first.
        while let Some(last) = holes.len().checked_sub(1) {
            holes.free(subject, last)?;
        }
        Some(live)
    }
}

impl Step {
    fn random(holes: (usize, usize), random: &mut Random) -> Self {
        let targets = [
            Target::Allocate,
            Target::Aligned,
            Target::Free,
            Target::Grow,
            Target::Shrink,
        ];
        Self::of(targets[random.below(targets.len())], holes, random)
    }

    /// One of a kind. Half of the sizes are a little larger than a hole: that is where heaps search.
    fn of(target: Target, holes: (usize, usize), random: &mut Random) -> Self {
        let size = if random.below(2) == 0 {
            let hole = [holes.0, holes.1][random.below(2)];
            hole + random.below(hole / 8 + 16)
        } else {
            random.octaves_between(1, LARGEST_REQUEST)
        };
        let place = random.next() as usize;
        match target {
            Target::Allocate => Self::Allocate { size, align: 8 },
            Target::Aligned => Self::Allocate {
                size,
                align: 1 << (STRONGEST - random.below(STRONGEST - 3)),
            },
            Target::Free => Self::Free { place },
            Target::Grow => Self::Grow { place, by: size },
            Target::Shrink => Self::Shrink {
                place,
                percent: random.below(101),
            },
        }
    }

    /// Takes the step, and returns its instructions; nothing if there is no block.
    fn take(self, subject: &mut impl Subject, live: &mut Live) -> Option<u32> {
        let of = |place: usize, live: &Live| place.checked_rem(live.len());
        match self {
            Self::Allocate { size, align } => {
                let layout = Layout::from_size_align(size, align).ok()?;
                Some(live.allocate(subject, layout).1)
            }
            Self::Free { place } => {
                let place = of(place, live)?;
                live.free(subject, place)
            }
            Self::Grow { place, by } => {
                let place = of(place, live)?;
                let size = live.size(place) + by;
                live.resize(subject, place, size)
            }
            Self::Shrink { place, percent } => {
                let place = of(place, live)?;
                let size = live.size(place) * percent / 100;
                live.resize(subject, place, size)
            }
        }
    }
}

/// Aligned as most requests are.
fn plain(size: usize) -> Option<Layout> {
    Layout::from_size_align(size, 8).ok()
}

/// Two sizes, the smaller one first, often the same; so many fragments have a place.
fn range(largest: usize, fragments: usize, random: &mut Random) -> (usize, usize) {
    let largest = largest.min(ARENA / 2 / fragments);
    let one = random.octaves_between(8, largest);
    if random.below(5) < 2 {
        return (one, one);
    }
    let other = random.octaves_between(8, largest);
    (one.min(other), one.max(other))
}

fn order(random: &mut Random) -> Order {
    [Order::Forward, Order::Backward, Order::Shuffled][random.below(3)]
}

/// A seed of the sequence of sizes.
fn seed(random: &mut Random) -> u32 {
    random.next() | 1
}
