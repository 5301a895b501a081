//! Random operations against the model.

use crate::parameters::for_every_parameter_set;
use rlsf::int::BinInteger;
use rlsf::Tlsf;
use rlsf_testkit::{Arena, Checked, Op};

for_every_parameter_set!(
    a_random_run_agrees_with_the_model,
    several_pools_agree_with_the_model
);

fn run<FL: BinInteger, SL: BinInteger, const FLLEN: usize, const SLLEN: usize>(
    heap: &mut Checked<'_, FL, SL, FLLEN, SLLEN>,
    rng: &mut fastrand::Rng,
    steps: usize,
) {
    let largest = rng.usize(8..8192);
    for _ in 0..steps {
        heap.step(Op::random(rng, largest));
    }
    heap.free_all();
    assert!(heap.heap().blocks().all(|block| !block.is_occupied()));
}

fn a_random_run_agrees_with_the_model<
    FL: BinInteger,
    SL: BinInteger,
    const FLLEN: usize,
    const SLLEN: usize,
>() {
    for seed in 0..20 {
        let mut rng = fastrand::Rng::with_seed(seed);
        let arena = Arena::new(rng.usize(100..40_000), rng.usize(..64));
        let mut heap: Tlsf<'_, FL, SL, FLLEN, SLLEN> = Tlsf::new();
        // SAFETY: the arena outlives the heap.
        if unsafe { heap.insert_free_block_ptr(arena.whole()) }.is_some() {
            run(&mut Checked::new(heap), &mut rng, 300);
        }
    }
}

fn several_pools_agree_with_the_model<
    FL: BinInteger,
    SL: BinInteger,
    const FLLEN: usize,
    const SLLEN: usize,
>() {
    for seed in 100..110 {
        let mut rng = fastrand::Rng::with_seed(seed);
        let arena = Arena::new(30_000, rng.usize(..64));
        let mut heap: Tlsf<'_, FL, SL, FLLEN, SLLEN> = Tlsf::new();
        let mut start = 0;
        while start < arena.len() {
            let len = rng.usize(..6000).min(arena.len() - start);
            // SAFETY: the arena outlives the heap; no two regions overlap.
            unsafe { heap.insert_free_block_ptr(arena.region(start, len)) };
            start += len + rng.usize(1..20);
        }
        run(&mut Checked::new(heap), &mut rng, 300);
    }
}
