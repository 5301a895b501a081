//! The pool that never fails: every state that a small heap can reach, and long
//! runs of larger ones.

use crate::search::{Program, Search};
use crate::verbs::{ask, free, heap_over, OVERHEAD, WORD};
#[cfg(feature = "stats")]
use crate::verbs::{layout, take};
use rlsf::int::BinInteger;
use rlsf::{Demand, Tlsf, GRANULARITY};
use rlsf_testkit::Arena;

/// No state fails in the pool that is sufficient, wherever the region begins.
fn never_fails<FL: BinInteger, SL: BinInteger, const FLLEN: usize, const SLLEN: usize>(
    program: Program,
) {
    let pool = Tlsf::<FL, SL, FLLEN, SLLEN>::sufficient_pool_size(program.demand());
    for offset in [0, 1, 7] {
        let states = Search::<FL, SL, FLLEN, SLLEN>::run(program, pool, offset);
        assert!(
            states.is_some(),
            "{program:?} fails in {pool} bytes at {offset}"
        );
        assert!(states > Some(8), "{states:?} states are too few to tell");
    }
}

#[test]
fn no_state_of_four_blocks_fails_in_a_sufficient_pool() {
    let program = Program {
        sizes: &[16, 40],
        aligns: &[8],
        live_bytes: 144,
        live_blocks: 4,
    };
    never_fails::<u8, u8, 8, 8>(program);
    never_fails::<u16, u16, 12, 16>(program);
}

#[test]
fn no_state_of_three_blocks_of_three_sizes_fails_in_a_sufficient_pool() {
    let program = Program {
        sizes: &[1, 40, 90],
        aligns: &[8],
        live_bytes: 152,
        live_blocks: 3,
    };
    never_fails::<u8, u8, 8, 8>(program);
    never_fails::<u32, u32, 20, 32>(program);
}

#[test]
fn no_state_with_alignments_above_the_granule_fails_in_a_sufficient_pool() {
    let program = Program {
        sizes: &[16, 40],
        aligns: &[8, 16],
        live_bytes: 96,
        live_blocks: 3,
    };
    never_fails::<u8, u8, 8, 8>(program);
    never_fails::<u16, u16, 12, 16>(program);
    let program = Program {
        sizes: &[20, 60],
        aligns: &[1, 32],
        live_bytes: 112,
        live_blocks: 2,
    };
    never_fails::<u8, u8, 8, 8>(program);
}

#[test]
#[cfg(target_pointer_width = "64")] // the pool is larger than what the others have
fn no_state_fails_in_a_sufficient_pool_of_wide_bins_or_of_one_row() {
    let program = Program {
        sizes: &[8, 40],
        aligns: &[8],
        live_bytes: 72,
        live_blocks: 2,
    };
    never_fails::<u8, u8, 3, 4>(program);
    never_fails::<u32, u32, 1, 32>(program);
}

#[test]
fn no_state_fails_in_a_sufficient_pool_of_few_bins() {
    let program = Program {
        sizes: &[1, 16],
        aligns: &[8],
        live_bytes: 48,
        live_blocks: 2,
    };
    never_fails::<u8, u8, 2, 8>(program);
    never_fails::<u8, u8, 3, 4>(program);
}

/// The live bytes and a granule fail, and so does one block of the largest size
/// more; four more (the bound adds three and a half) do not.
#[test]
fn the_search_finds_a_failing_state_in_a_pool_that_is_too_small() {
    let program = Program {
        sizes: &[16, 40],
        aligns: &[8],
        live_bytes: 144,
        live_blocks: 4,
    };
    let fails = |blocks| Search::<u16, u16, 12, 16>::run(program, blocks + OVERHEAD, 0).is_none();
    let largest = program.sizes.iter().max().unwrap() + WORD;
    assert!(fails(program.live_bytes + GRANULARITY));
    assert!(
        fails(program.live_bytes + largest),
        "one block more is not enough"
    );
    assert!(!fails(program.live_bytes + 4 * largest));
}

/// A run of `steps` requests by a program of fifty blocks of up to 2000 bytes.
fn run_within_the_demand<FL: BinInteger, SL: BinInteger, const FLLEN: usize, const SLLEN: usize>(
    seed: u64,
) {
    let bytes = Tlsf::<FL, SL, FLLEN, SLLEN>::block_size;
    let demand = Demand {
        live_bytes: 20 * bytes(2000) + 30 * bytes(100),
        live_blocks: 50,
        largest_request: 2000,
        largest_align: 8,
    };
    let arena = Arena::new(
        Tlsf::<FL, SL, FLLEN, SLLEN>::sufficient_pool_size(demand),
        5,
    );
    let mut heap = heap_over::<FL, SL, FLLEN, SLLEN>(&arena);
    let mut rng = fastrand::Rng::with_seed(seed);
    let (mut live, mut used) = (Vec::new(), 0);
    for step in 0..100_000 {
        // The sizes change their character, so that fragments are left behind.
        let top = [24, 200, 2000][step / 100 % 3];
        let size = rng.usize(..=top);
        if live.len() < 50 && used + bytes(size) <= demand.live_bytes && rng.bool() {
            let Some(block) = ask(&mut heap, size) else {
                panic!("{size} bytes beside {used} in {} blocks", live.len());
            };
            live.push((block, size));
            used += bytes(size);
        } else if !live.is_empty() {
            let (block, size) = live.swap_remove(rng.usize(..live.len()));
            free(&mut heap, block);
            used -= bytes(size);
        }
    }
    assert_eq!(heap.validate(), Ok(()));
    #[cfg(feature = "stats")]
    assert!(demand.is_kept(&heap.statistics()));
}

#[test]
fn long_runs_within_the_demand_never_fail() {
    for seed in 0..10 {
        run_within_the_demand::<u16, u16, 12, 16>(seed);
        run_within_the_demand::<u32, u32, 20, 32>(seed);
        run_within_the_demand::<u32, u8, 16, 8>(seed);
    }
}

#[test]
#[should_panic(expected = "the pool would be larger than the largest block")]
fn a_demand_beyond_the_largest_block_has_no_pool() {
    let demand = Demand {
        live_bytes: 1 << 20,
        live_blocks: 9,
        largest_request: 100,
        largest_align: 8,
    };
    let _ = Tlsf::<u8, u8, 8, 8>::sufficient_pool_size(demand);
}

#[test]
fn figures_that_overflow_have_no_pool_and_are_kept() {
    let most = Demand {
        live_bytes: usize::MAX,
        live_blocks: usize::MAX,
        largest_request: usize::MAX,
        largest_align: 1 << (usize::BITS - 1),
    };
    let pool = Tlsf::<u16, u16, 12, 16>::checked_sufficient_pool_size(most);
    assert_eq!(pool, None);
    #[cfg(feature = "stats")]
    assert!(most.is_kept(&Tlsf::<u16, u16, 12, 16>::new().statistics()));
}

#[test]
#[cfg(feature = "stats")]
fn a_demand_is_kept_until_one_of_its_figures_is_passed() {
    let arena = Arena::new(8000, 0);
    let kept = Demand {
        live_bytes: Tlsf::<u16, u16, 12, 16>::block_size(100) * 2,
        live_blocks: 2,
        largest_request: 100,
        largest_align: 8,
    };
    let after = |sizes: &[(usize, usize)]| {
        let mut heap = heap_over::<u16, u16, 12, 16>(&arena);
        for &(size, align) in sizes {
            heap.allocate(layout(size, align)).unwrap();
        }
        heap.statistics()
    };
    assert!(kept.is_kept(&after(&[])));
    assert!(kept.is_kept(&after(&[(100, 8), (100, 8)])));
    assert!(
        !kept.is_kept(&after(&[(1, 8), (1, 8), (1, 8)])),
        "three blocks"
    );
    assert!(!kept.is_kept(&after(&[(101, 8)])), "a larger request");
    assert!(!kept.is_kept(&after(&[(60, 128)])), "a larger alignment");
    let narrow = Demand {
        live_bytes: 24,
        ..kept
    };
    assert!(!narrow.is_kept(&after(&[(100, 8)])), "more bytes");
    let aligned = Demand {
        largest_align: 64,
        ..kept
    };
    assert!(aligned.is_kept(&after(&[(100, 64), (100, 64)])));
}

#[test]
#[cfg(feature = "stats")]
fn a_peak_that_has_gone_by_still_counts() {
    let arena = Arena::new(8000, 0);
    let mut heap = heap_over::<u16, u16, 12, 16>(&arena);
    let demand = Demand {
        live_bytes: 64,
        live_blocks: 1,
        largest_request: 16,
        largest_align: 8,
    };
    let [a, b] = [16, 16].map(|size| take(&mut heap, size));
    free(&mut heap, a);
    free(&mut heap, b);
    assert!(!demand.is_kept(&heap.statistics()));
}
