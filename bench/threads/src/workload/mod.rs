//! The workloads, written afresh from their published descriptions.
//!
//! The work as a whole is the same with any number of threads, but for what handing over takes.

mod alloc_test;
mod cache;
pub mod fragments;
mod glibc_thread;
mod larson;
mod mstress;
mod rptest;
mod sh6bench;
mod sh8bench;
mod xmalloc;

use std::thread;

/// How much is done, by how many.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// The number of threads, one at least.
    pub threads: usize,
    /// The part of the full work: 1 for all, 2 for half of it.
    pub part: usize,
    /// Where the random numbers start.
    pub seed: u64,
}

impl Load {
    /// Each thread's share of `total` operations, one at least.
    pub(crate) fn share(&self, total: usize) -> usize {
        (total / self.part / self.threads).max(1)
    }

    /// The random numbers of a thread.
    pub(crate) fn rng(&self, thread: usize) -> fastrand::Rng {
        let mut seeds = fastrand::Rng::with_seed(self.seed);
        let mut seed = seeds.u64(..);
        for _ in 0..thread {
            seed = seeds.u64(..);
        }
        fastrand::Rng::with_seed(seed)
    }

    /// Runs `work` once in each thread; it is told the thread's number.
    pub(crate) fn in_threads(&self, work: impl Fn(usize) + Sync) {
        thread::scope(|scope| {
            for number in 0..self.threads {
                let work = &work;
                scope.spawn(move || work(number));
            }
        });
    }
}

/// A workload.
#[derive(Debug)]
pub struct Workload {
    /// The name that it was published under.
    pub name: &'static str,
    /// What it does.
    pub about: &'static str,
    /// Who described it first.
    pub source: &'static str,
    /// Does it; everything is freed in the end.
    pub run: fn(&Load),
}

/// Those that are published.
pub static WORKLOADS: [Workload; 10] = [
    larson::WORKLOAD,
    xmalloc::WORKLOAD,
    mstress::WORKLOAD,
    rptest::WORKLOAD,
    sh6bench::WORKLOAD,
    sh8bench::WORKLOAD,
    cache::SCRATCH,
    cache::THRASH,
    alloc_test::WORKLOAD,
    glibc_thread::WORKLOAD,
];

/// Those that leave holes.
pub static FRAGMENTING: [Workload; 4] = [
    fragments::GROWING,
    fragments::GROWING_RARE,
    fragments::STRINGS,
    fragments::WAVES,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_workload_ends_with_any_number_of_threads() {
        for workload in WORKLOADS.iter().chain(&FRAGMENTING) {
            for threads in [1, 2, 3] {
                let load = Load {
                    threads,
                    part: 200,
                    seed: 1,
                };
                (workload.run)(&load);
            }
        }
    }

    #[test]
    fn threads_draw_different_numbers_and_the_same_in_every_run() {
        let load = Load {
            threads: 2,
            part: 1,
            seed: 7,
        };
        let first = |thread| load.rng(thread).u64(..);
        assert_ne!(first(0), first(1));
        assert_eq!(first(1), first(1));
    }
}
