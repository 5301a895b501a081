//! Work that leaves a few blocks among many that go, and then asks for other sizes.
//!
//! What is asked for is never more than [`LIVE`], and just that each time the threads have
//! filled up: so the most memory by that is what fragmentation costs.

use std::sync::Barrier;

use fastrand::Rng;

use super::{Load, Workload};
use crate::block::Block;

/// The bytes of the blocks and of the list of them when all threads have filled up.
pub const LIVE: usize = 48 << 20;

pub(super) const GROWING: Workload = Workload {
    name: "growing",
    about: "blocks of up to 16 B, 24 B .. 16 KiB, of which one in ten stays when larger ones come",
    source: ROBSON,
    run: |load| run(load, |store| grow(store, 10)),
};

pub(super) const GROWING_RARE: Workload = Workload {
    name: "growing-rare",
    about: "the same, and one in fifty stays",
    source: ROBSON,
    run: |load| run(load, |store| grow(store, 50)),
};

const ROBSON: &str =
    "the rounds of J. M. Robson: Bounds for Some Functions Concerning Dynamic Storage Allocation, J. ACM 1974";

pub(super) const STRINGS: Workload = Workload {
    name: "strings",
    about:
        "strings of 8-64 B, then tables of 1-4 KiB, then records of 100-1000 B; one in twenty stays",
    source: "this project",
    run: |load| run(load, strings),
};

pub(super) const WAVES: Workload = Workload {
    name: "waves",
    about: "twenty times blocks of 16 B-32 KiB, a size as likely as its inverse; one in four stays",
    source: "this project",
    run: |load| run(load, waves),
};

/// Each thread does the same work on a part of the memory.
fn run(load: &Load, work: impl Fn(&mut Store<'_>) + Sync) {
    let all_are_full = Barrier::new(load.threads);
    load.in_threads(|number| {
        let mut store = Store {
            blocks: Vec::new(),
            bytes: 0,
            most: load.share(LIVE),
            rng: load.rng(number),
            all_are_full: &all_are_full,
        };
        // Room for the most blocks that there can be, which is touched as they come.
        store.blocks.reserve_exact(store.most / cost(LEAST));
        work(&mut store);
    });
}

/// The least that is asked for.
const LEAST: usize = 8;

/// What a thread has.
struct Store<'a> {
    blocks: Vec<Block>,
    /// What they and their places in the list take.
    bytes: usize,
    /// And are to take at the most.
    most: usize,
    rng: Rng,
    all_are_full: &'a Barrier,
}

/// What a block of that many bytes takes, and its place in the list.
const fn cost(size: usize) -> usize {
    size + size_of::<Block>()
}

impl Store<'_> {
    /// Allocates blocks of these sizes until nothing more may be taken, and waits for the others.
    fn fill(&mut self, mut size: impl FnMut(&mut Rng) -> usize) {
        loop {
            let size = size(&mut self.rng);
            if self.bytes + cost(size) > self.most {
                break;
            }
            self.bytes += cost(size);
            let mut block = Block::new(size);
            block.touch();
            self.blocks.push(block);
        }
        self.all_are_full.wait();
    }

    /// Frees all but one in so many, whichever.
    fn thin(&mut self, one_in: usize) {
        let rng = &mut self.rng;
        self.blocks.retain(|_| rng.usize(..one_in) == 0);
        self.bytes = self.blocks.iter().map(|block| cost(block.size())).sum();
    }
}

fn grow(store: &mut Store<'_>, one_in: usize) {
    let mut largest = 2 * LEAST;
    while largest <= 16 << 10 {
        store.fill(|rng| rng.usize(largest / 2..=largest));
        store.thin(one_in);
        largest += largest / 2;
    }
}

fn strings(store: &mut Store<'_>) {
    for (least, most) in [(LEAST, 64), (1 << 10, 4 << 10), (100, 1000)] {
        store.fill(|rng| rng.usize(least..=most));
        store.thin(20);
    }
}

fn waves(store: &mut Store<'_>) {
    for _ in 0..20 {
        store.fill(|rng| {
            let octave = rng.u32(4..15);
            rng.usize(1 << octave..=2 << octave)
        });
        store.thin(4);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_is_filled_up_to_its_share_and_thinned() {
        let barrier = Barrier::new(1);
        let mut store = Store {
            blocks: Vec::new(),
            bytes: 0,
            most: 1 << 16,
            rng: Rng::with_seed(1),
            all_are_full: &barrier,
        };
        store.fill(|_| 100);
        let full = (1 << 16) / cost(100);
        assert_eq!((store.blocks.len(), store.bytes), (full, full * cost(100)));
        store.thin(2);
        let left = store.blocks.len();
        assert!(left > full / 3 && left < full * 2 / 3, "{left} of {full}");
        assert_eq!(store.bytes, left * cost(100));
    }
}
