//! Slabs of which other threads have freed blocks, in the queue of their class.

use crate::alone::{alone, validate};
use crate::block::Block;
use std::thread;

/// The bytes of a slab.
const SLAB: usize = 16 << 10;

/// How many blocks of 1000 bytes, which take 1024, a slab has; the first one in it is taken last.
const BLOCKS: usize = 15;

fn slab_of(block: &Block) -> usize {
    block.address() / SLAB
}

fn new_block() -> Block {
    Block::of(1000, 8, 7)
}

/// The blocks of a slab of which nothing was in use, and which serves from now on.
fn whole_slab() -> Vec<Block> {
    let slab: Vec<_> = (0..BLOCKS).map(|_| new_block()).collect();
    assert!(slab.iter().all(|block| slab_of(block) == slab_of(&slab[0])));
    slab
}

/// Has another thread free a block; its address.
fn free_elsewhere(block: Block) -> usize {
    let address = block.address();
    thread::spawn(move || drop(block)).join().unwrap();
    address
}

#[test]
fn a_slab_that_serves_already_hides_no_other_one() {
    alone(|| {
        // Whatever was free before; then up to the end of the slab that serves.
        let mut kept: Vec<_> = (0..10 * BLOCKS).map(|_| new_block()).collect();
        while kept[kept.len() - 1].address() % SLAB != 0 {
            kept.push(new_block());
        }
        let (mut first, mut second) = (whole_slab(), whole_slab());
        // The queue has the second slab, which serves, before the first one.
        let of_first = free_elsewhere(first.remove(0));
        let of_second = free_elsewhere(second.remove(0));
        kept.push(new_block());
        assert_eq!(kept[kept.len() - 1].address(), of_second);
        // By now, the second slab has nothing to tell.
        let next: Vec<_> = (0..=BLOCKS).map(|_| new_block()).collect();
        assert_ne!(slab_of(&next[0]), slab_of(&first[0]));
        assert!(next.iter().any(|block| block.address() == of_first));
        drop((kept, first, second, next));
        // SAFETY: the test is alone, and the threads have been joined.
        unsafe { validate() };
    });
}
