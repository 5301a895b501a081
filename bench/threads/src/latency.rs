//! How long single operations take.

use core::hint::black_box;
use core::time::Duration;
use std::sync::Barrier;
use std::thread::{self, ScopedJoinHandle};
use std::time::Instant;

use serde::{Deserialize, Serialize};

use crate::block::Block;
use crate::workload::Load;

/// What the caches have before each operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caches {
    /// What the operations before left there.
    Hot,
    /// Nothing of the heap's: a large buffer was read.
    Thrashed,
}

impl Caches {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Hot, Self::Thrashed];

    /// The name by which a heap's program is asked for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hot => "latency",
            Self::Thrashed => "latency-thrashed",
        }
    }

    /// As a table has it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Hot => "hot caches",
            Self::Thrashed => "thrashed caches",
        }
    }

    /// Operations that are timed, a thread each, and before them those that are not.
    #[must_use]
    pub const fn operations(self) -> (usize, usize) {
        match self {
            Self::Hot => (2_000_000, 100_000),
            Self::Thrashed => (10_000, 2_000),
        }
    }
}

/// Reads so much memory that the caches have nothing else.
#[derive(Debug)]
pub struct Thrasher(Vec<u8>);

/// More than a core's own caches, and its part of what cores share.
const THRASHED: usize = 16 << 20;

/// The bytes of a cache line.
const LINE: usize = 64;

impl Thrasher {
    /// One for these caches: it does nothing to hot ones.
    #[must_use]
    pub fn new(caches: Caches) -> Self {
        Self(match caches {
            Caches::Hot => Vec::new(),
            // Not zero, so that every page is there.
            Caches::Thrashed => vec![1; THRASHED],
        })
    }

    /// Thrashes the caches.
    pub fn thrash(&self) {
        let sum = self.0.iter().step_by(LINE).map(|&byte| u64::from(byte));
        black_box(sum.sum::<u64>());
    }
}

/// Blocks that a thread keeps.
pub const BLOCKS: usize = 1_000;

/// The parts of all operations that are told: that many take no longer.
pub const QUANTILES: [f64; 4] = [0.5, 0.99, 0.999, 0.9999];

/// Times in nanoseconds, those of reading the clock included.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Latency {
    /// The median time of nothing: of reading the clock twice.
    pub clock: f64,
    /// The times of [`QUANTILES`].
    pub quantiles: Vec<f64>,
    /// The longest.
    pub most: f64,
}

/// Each thread empties or fills random ones of 1 000 slots with blocks of 16 to 256 B; each
/// operation is timed.
#[must_use]
pub fn measure(load: &Load, caches: Caches) -> Latency {
    let start = Barrier::new(load.threads);
    let ticks = thread::scope(|scope| {
        let spawn = |number| {
            let start = &start;
            scope.spawn(move || work(load, caches, number, start))
        };
        let running: Vec<_> = (0..load.threads).map(spawn).collect();
        // A thread that panicked has ended the process.
        let joined = running.into_iter().map(ScopedJoinHandle::join);
        joined.flatten().flatten().collect::<Vec<u32>>()
    });
    Latency::of(ticks)
}

impl Latency {
    /// Of operations that took so many ticks each.
    #[must_use]
    pub fn of(mut ticks: Vec<u32>) -> Self {
        ticks.sort_unstable();
        let nanoseconds = nanoseconds_a_tick();
        let at = |quantile| f64::from(ticks[index(ticks.len(), quantile)]) * nanoseconds;
        Self {
            clock: f64::from(clock()) * nanoseconds,
            quantiles: QUANTILES.map(at).to_vec(),
            most: at(1.0),
        }
    }
}

/// Where a quantile of `count` sorted values is.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts are far below 2^52, quantiles within 0 and 1"
)]
fn index(count: usize, quantile: f64) -> usize {
    ((count - 1) as f64 * quantile).round() as usize
}

/// The ticks of a thread's operations.
fn work(load: &Load, caches: Caches, number: usize, start: &Barrier) -> Vec<u32> {
    let (operations, warm_up) = caches.operations();
    let thrasher = Thrasher::new(caches);
    let mut rng = load.rng(number);
    let mut slots: Vec<Option<Block>> = (0..BLOCKS).map(|_| None).collect();
    // Written, so that no page comes while the clock runs.
    let mut ticks = vec![u32::MAX; warm_up / load.part + operations / load.part];
    start.wait();
    for tick in &mut ticks {
        let slot = &mut slots[rng.usize(..BLOCKS)];
        let size = rng.usize(16..=256);
        thrasher.thrash();
        *tick = match slot.take() {
            Some(block) => timed(|| drop(block)),
            None => timed(|| *slot = Some(black_box(Block::new(size)))),
        };
    }
    ticks.split_off(warm_up / load.part)
}

/// The ticks that `operation` takes.
pub fn timed(operation: impl FnOnce()) -> u32 {
    let before = now();
    operation();
    u32::try_from(now() - before).unwrap_or(u32::MAX)
}

/// The median of the ticks between two looks at the clock.
fn clock() -> u32 {
    let mut ticks: Vec<_> = (0..10_001).map(|_| timed(|| ())).collect();
    ticks.sort_unstable();
    ticks[ticks.len() / 2]
}

/// The processor's clock, read when everything before is done and before anything after begins.
fn now() -> u64 {
    use core::arch::x86_64::{_mm_lfence, _rdtsc};
    // SAFETY: every x86-64 processor has the instruction.
    unsafe { _mm_lfence() };
    // SAFETY: as above.
    let now = unsafe { _rdtsc() };
    // SAFETY: as above.
    unsafe { _mm_lfence() };
    now
}

/// The length of a tick, compared with the system's clock.
#[expect(clippy::cast_precision_loss, reason = "far below 2^52 ticks")]
fn nanoseconds_a_tick() -> f64 {
    let (start, before) = (Instant::now(), now());
    thread::sleep(Duration::from_millis(50));
    let ticks = now() - before;
    start.elapsed().as_secs_f64() * 1e9 / ticks as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_rise() {
        let load = Load {
            threads: 2,
            part: 1_000,
            seed: 1,
        };
        for caches in Caches::ALL {
            let latency = measure(&load, caches);
            assert!(latency.clock > 0.0);
            assert!(latency.quantiles.is_sorted());
            assert!(latency.quantiles[3] <= latency.most);
        }
    }

    #[test]
    fn the_median_of_five_is_the_third() {
        assert_eq!(index(5, 0.5), 2);
        assert_eq!(index(5, 1.0), 4);
    }
}
