//! Traces to test with, and the random numbers that they are made of.

use rlsf_trace::step::{Operation, Step};
use rlsf_trace::Trace;

/// The generator `xorshift64*` (Marsaglia, Vigna).
#[derive(Debug)]
pub(crate) struct Rng(pub(crate) u64);

impl Rng {
    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16) % bound
    }
}

pub(crate) const fn allocate(size: u64, align: u64) -> Operation {
    Operation::Allocate { size, align }
}

/// Steps of the first thread.
pub(crate) fn steps(operations: &[Operation]) -> Vec<Step> {
    let step = |&operation: &Operation| Step {
        thread: 0,
        operation,
    };
    operations.iter().map(step).collect()
}

/// So many steps of three threads, of every kind and with sizes of every magnitude.
pub(crate) fn random(length: usize, rng: &mut Rng) -> Trace {
    let mut live: Vec<u32> = Vec::new();
    let mut allocated = 0;
    let mut steps = Vec::new();
    for _ in 0..length {
        let magnitude = rng.below(30);
        let size = rng.below(1 << magnitude);
        let place = usize::try_from(rng.below(1 << 20)).unwrap() % live.len().max(1);
        let operation = match rng.below(5) {
            0 if !live.is_empty() => Operation::Resize {
                id: live[place],
                size,
            },
            1 | 2 if !live.is_empty() => Operation::Free {
                id: live.swap_remove(place),
            },
            _ => {
                live.push(allocated);
                allocated += 1;
                allocate(size, [16, 16, 16, 1, 64, 1 << 30][place % 6])
            }
        };
        let thread = u32::try_from(rng.below(3)).unwrap();
        steps.push(Step { thread, operation });
    }
    Trace::new(steps).unwrap()
}
