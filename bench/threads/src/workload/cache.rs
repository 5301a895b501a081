//! Whether the heap has two threads write to one cache line.

use core::hint::black_box;
use std::thread;

use super::{Load, Workload};
use crate::block::Block;

pub(super) const SCRATCH: Workload = Workload {
    name: "cache-scratch",
    about: "the first thread allocates a block of 8 B for each thread, which frees it and then allocates, writes and frees others of its own",
    source: "E. Berger, K. McKinley, R. Blumofe, P. Wilson: Hoard, ASPLOS 2000 (passive false sharing)",
    run: scratch,
};

pub(super) const THRASH: Workload = Workload {
    name: "cache-thrash",
    about: "each thread allocates, writes and frees blocks of 8 B of its own",
    source:
        "E. Berger, K. McKinley, R. Blumofe, P. Wilson: Hoard, ASPLOS 2000 (active false sharing)",
    run: thrash,
};

/// Blocks in all.
const TOTAL: usize = 40_000;

/// Writes to each block.
const WRITES: usize = 5_000;

const SIZE: usize = 8;

fn scratch(load: &Load) {
    let mut given: Vec<_> = (0..load.threads).map(|_| Block::new(SIZE)).collect();
    thread::scope(|scope| {
        for block in given.drain(..) {
            scope.spawn(move || {
                drop(block);
                write_blocks(load);
            });
        }
    });
}

fn thrash(load: &Load) {
    load.in_threads(|_| write_blocks(load));
}

fn write_blocks(load: &Load) {
    for _ in 0..load.share(TOTAL) {
        let mut block = Block::new(SIZE);
        let byte = block.first();
        for _ in 0..WRITES {
            *black_box(&mut *byte) = byte.wrapping_add(1);
        }
        block.restore();
    }
}
