//! Pools: given at any place, extended, looked at, taken back.

use crate::parameters::for_every_parameter_set;
use crate::verbs::{
    append, ask, fill, free, heap_over, holds, insert, remove, sums, take, write, LEAST, OVERHEAD,
    WORD,
};
use core::ptr::NonNull;
use rlsf::int::BinInteger;
use rlsf::{RemovePoolError, Tlsf, GRANULARITY};
use rlsf_testkit::{picture, Arena};

for_every_parameter_set!(
    a_region_of_any_start_and_length_is_used_to_its_end,
    appended_steps_behave_as_one_block_up_to_the_largest,
    memory_behind_a_full_pool_becomes_a_free_block,
    a_pool_is_removed_only_when_it_is_wholly_free,
    any_of_several_pools_can_go_and_come_back,
);

/// The sizes of a heap's blocks in the order of their addresses.
fn block_sizes<FL: BinInteger, SL: BinInteger, const FLLEN: usize, const SLLEN: usize>(
    heap: &Tlsf<'_, FL, SL, FLLEN, SLLEN>,
) -> Vec<usize> {
    let start = |block: &rlsf::BlockInfo<'_>| block.as_ptr().cast::<u8>().as_ptr() as usize;
    let mut blocks: Vec<(usize, usize)> = heap
        .blocks()
        .map(|block| (start(&block), block.size()))
        .collect();
    blocks.sort_unstable();
    blocks.into_iter().map(|(_, size)| size).collect()
}

/// Checks that the free blocks of a fresh region use all of it: as many blocks of
/// the largest size as there is room for, and a rest.
fn check_use(sizes: &[usize], used: usize, len: usize, largest: usize) {
    assert!(used <= len && len - used < OVERHEAD + LEAST + GRANULARITY);
    let (last, whole) = sizes.split_last().unwrap();
    assert!(whole.iter().all(|&size| size == largest) && *last <= largest);
    let bytes: usize = sizes.iter().sum();
    assert!(bytes + sizes.len() * OVERHEAD <= used + GRANULARITY);
    assert!(bytes + sizes.len() * (OVERHEAD + GRANULARITY) > used);
}

fn a_region_of_any_start_and_length_is_used_to_its_end<
    FL: BinInteger,
    SL: BinInteger,
    const FLLEN: usize,
    const SLLEN: usize,
>() {
    let largest = Tlsf::<FL, SL, FLLEN, SLLEN>::LARGEST_BLOCK;
    let most = largest.min(9000) * 7 / 2;
    let lens = (100..most).step_by(1 + most / 40);
    for (offset, len) in (0..16).flat_map(|offset| lens.clone().map(move |len| (offset, len))) {
        let arena = Arena::new(len, offset);
        let mut heap: Tlsf<'_, FL, SL, FLLEN, SLLEN> = Tlsf::new();
        let used = insert(&mut heap, arena.whole()).unwrap();
        assert_eq!(heap.validate(), Ok(()));
        check_use(&block_sizes(&heap), used, len, largest);
        let (all, _) = sums(&heap);
        let mut bytes = 0;
        while heap.largest_allocatable() > 0 {
            let size = heap.largest_allocatable();
            let block = take(&mut heap, size);
            write(block, size, 0);
            bytes += size + WORD;
        }
        assert_eq!(bytes, all, "every byte is within reach");
        assert_eq!(heap.validate(), Ok(()));
    }
}

fn appended_steps_behave_as_one_block_up_to_the_largest<
    FL: BinInteger,
    SL: BinInteger,
    const FLLEN: usize,
    const SLLEN: usize,
>() {
    let largest = Tlsf::<FL, SL, FLLEN, SLLEN>::LARGEST_BLOCK;
    let most = 100 + largest.min(20_000) * 5 / 2;
    for step in [GRANULARITY, 3 * GRANULARITY, 11, 4096] {
        let arena = Arena::new(200 + most + step, 5);
        let mut heap: Tlsf<'_, FL, SL, FLLEN, SLLEN> = Tlsf::new();
        let mut cursor = insert(&mut heap, arena.region(0, 100)).unwrap();
        for end in (100 + step..arena.len()).step_by(step) {
            let used = append(&mut heap, arena.region(cursor, end - cursor));
            assert!(used <= end - cursor);
            cursor += used;
            assert_eq!(heap.validate(), Ok(()));
            let sizes = block_sizes(&heap);
            let expected = largest.min(cursor - OVERHEAD - GRANULARITY);
            assert!(sizes[0] + LEAST > expected, "{step} {end} {sizes:?}");
            assert!(
                end - cursor < LEAST + OVERHEAD + GRANULARITY,
                "{step} {end} {cursor}"
            );
        }
        let bytes = arena.len() - 300;
        assert!(sums(&heap).1 + block_sizes(&heap).len() * (OVERHEAD + LEAST) > bytes - step);
    }
}

#[test]
fn memory_behind_a_free_block_joins_it() {
    let arena = Arena::new(4096, 0);
    let mut heap: Tlsf<'_, u16, u16, 12, 16> = Tlsf::new();
    let mut cursor = insert(&mut heap, arena.region(0, 400 + OVERHEAD)).unwrap();
    let block = take(&mut heap, 184 + 16 - WORD);
    assert_eq!(picture(&heap), "#200 .200");
    cursor += append(&mut heap, arena.region(cursor, 1000));
    assert_eq!(picture(&heap), "#200 .1200");
    free(&mut heap, block);
    append(&mut heap, arena.region(cursor, 1000));
    assert_eq!(picture(&heap), ".2400");
    take(&mut heap, 2400 - WORD);
}

fn memory_behind_a_full_pool_becomes_a_free_block<
    FL: BinInteger,
    SL: BinInteger,
    const FLLEN: usize,
    const SLLEN: usize,
>() {
    let largest = Tlsf::<FL, SL, FLLEN, SLLEN>::LARGEST_BLOCK.min(4000) & !7;
    let (bytes, arena) = (largest / 16 * 8, Arena::new(largest + 2000, 0));
    if bytes < LEAST {
        return; // one block is all that such a pool has
    }
    let mut heap: Tlsf<'_, FL, SL, FLLEN, SLLEN> = Tlsf::new();
    let cursor = insert(&mut heap, arena.region(0, bytes + OVERHEAD)).unwrap();
    let block = take(&mut heap, bytes - WORD);
    write(block, bytes - WORD, 9);
    let full = picture(&heap);
    for len in 0..LEAST {
        assert_eq!(append(&mut heap, arena.region(cursor, len)), 0);
        assert_eq!(picture(&heap), full, "too small, and nothing has changed");
        assert_eq!(heap.validate(), Ok(()));
    }
    let used = append(&mut heap, arena.region(cursor, LEAST));
    assert_eq!(used, LEAST);
    assert_eq!(picture(&heap), format!("{full} .{LEAST}"));
    assert_eq!(heap.validate(), Ok(()));
    assert!(holds(block, bytes - WORD, 9));
    free(&mut heap, block);
    assert_eq!(picture(&heap), format!(".{}", bytes + LEAST));
}

fn a_pool_is_removed_only_when_it_is_wholly_free<
    FL: BinInteger,
    SL: BinInteger,
    const FLLEN: usize,
    const SLLEN: usize,
>() {
    let bytes = Tlsf::<FL, SL, FLLEN, SLLEN>::LARGEST_BLOCK.min(2000) & !7;
    // The region becomes three pools.
    let arena = Arena::new(3 * (bytes + OVERHEAD), 0);
    let mut heap: Tlsf<'_, FL, SL, FLLEN, SLLEN> = Tlsf::new();
    assert_eq!(
        remove(&mut heap, arena.whole()),
        Err(RemovePoolError::NotFound)
    );
    insert(&mut heap, arena.whole()).unwrap();
    let block = take(&mut heap, 5);
    write(block, 5, 1);
    let before = picture(&heap);
    assert_eq!(
        remove(&mut heap, arena.whole()),
        Err(RemovePoolError::InUse)
    );
    let outside = remove(&mut heap, arena.region(0, 1));
    assert_eq!(outside, Err(RemovePoolError::NotFound));
    assert_eq!(picture(&heap), before);
    assert_eq!(heap.validate(), Ok(()));
    assert!(holds(block, 5, 1));
    free(&mut heap, block);
    assert_eq!(remove(&mut heap, arena.whole()), Ok(()));
    assert_eq!((picture(&heap), heap.validate()), (String::new(), Ok(())));
    assert_eq!(ask(&mut heap, 1), None);
    assert_eq!(
        remove(&mut heap, arena.whole()),
        Err(RemovePoolError::NotFound)
    );
}

/// Removes one pool of three, works on without it, and gives it back.
fn any_of_several_pools_can_go_and_come_back<
    FL: BinInteger,
    SL: BinInteger,
    const FLLEN: usize,
    const SLLEN: usize,
>() {
    let bytes = Tlsf::<FL, SL, FLLEN, SLLEN>::LARGEST_BLOCK.min(3000) & !7;
    let mut rng = fastrand::Rng::with_seed(2);
    for gone in 0..3 {
        let arenas = [0, 1, 2].map(|offset| Arena::new(bytes + OVERHEAD + 8, offset));
        let mut heap: Tlsf<'_, FL, SL, FLLEN, SLLEN> = Tlsf::new();
        for arena in &arenas {
            insert(&mut heap, arena.whole()).unwrap();
        }
        churn(&mut heap, &mut rng);
        assert_eq!(remove(&mut heap, arenas[gone].whole()), Ok(()));
        assert_eq!(heap.validate(), Ok(()));
        assert_eq!(heap.blocks().count(), 2);
        arenas[gone].restore(&vec![0x5a; arenas[gone].len()]);
        churn(&mut heap, &mut rng);
        assert!(
            arenas[gone].bytes().iter().all(|&byte| byte == 0x5a),
            "the memory is the program's again"
        );
        insert(&mut heap, arenas[gone].whole()).unwrap();
        assert_eq!(heap.blocks().count(), 3);
        churn(&mut heap, &mut rng);
    }
}

/// Fills the heap with blocks of random sizes, and frees them.
fn churn<FL: BinInteger, SL: BinInteger, const FLLEN: usize, const SLLEN: usize>(
    heap: &mut Tlsf<'_, FL, SL, FLLEN, SLLEN>,
    rng: &mut fastrand::Rng,
) {
    let top = heap.largest_allocatable();
    let mut live: Vec<NonNull<u8>> = Vec::new();
    while let Some(block) = ask(heap, rng.usize(..=top / 4)) {
        live.push(block);
    }
    live.extend(fill(heap, 0));
    assert_eq!(heap.validate(), Ok(()));
    rng.shuffle(&mut live);
    for block in live {
        free(heap, block);
    }
    assert_eq!(heap.validate(), Ok(()));
}

#[test]
fn a_walk_over_a_region_sees_the_blocks_of_that_region() {
    let arena = Arena::new(3000, 0);
    let mut heap: Tlsf<'_, u16, u16, 12, 16> = Tlsf::new();
    let regions = [0, 1000, 2000].map(|start| arena.region(start, 1000));
    for region in regions {
        insert(&mut heap, region).unwrap();
    }
    fill(&mut heap, 100);
    let mut seen = 0;
    for region in regions {
        let start = region.cast::<u8>().as_ptr() as usize;
        // SAFETY: the region was given to the heap.
        for block in unsafe { heap.iter_blocks(region) } {
            let place = block.as_ptr().cast::<u8>().as_ptr() as usize;
            assert!(place >= start && place + block.size() <= start + 1000);
            seen += 1;
        }
    }
    assert_eq!(seen, heap.blocks().count());
    assert!(seen > 20);
    // SAFETY: as above.
    let nothing = unsafe { heap.iter_blocks(arena.region(500, 400)) };
    assert_eq!(nothing.count(), 0);
}

#[test]
fn a_pool_that_grew_is_removed_as_a_whole() {
    let (arena, other) = (Arena::new(3000, 0), Arena::new(500, 0));
    let mut heap = heap_over::<u16, u16, 12, 16>(&other);
    let cursor = insert(&mut heap, arena.region(0, 1000)).unwrap();
    append(&mut heap, arena.region(cursor, 3000 - cursor));
    let block = take(&mut heap, 1500);
    assert_eq!(
        remove(&mut heap, arena.whole()),
        Err(RemovePoolError::InUse)
    );
    free(&mut heap, block);
    assert_eq!(remove(&mut heap, arena.whole()), Ok(()));
    assert_eq!(heap.blocks().count(), 1);
    assert_eq!(heap.validate(), Ok(()));
}

#[test]
fn a_pool_tells_where_it_begins_and_ends() {
    let arena = Arena::new(8192, 3);
    let mut heap: Tlsf<'_, u16, u16, 12, 16> = Tlsf::new();
    assert_eq!(heap.pools().count(), 0);
    let used = insert(&mut heap, arena.region(0, 4096)).unwrap();
    let start = arena.address();
    let ends = |heap: &Tlsf<'_, u16, u16, 12, 16>| {
        let pool = heap.pools().next().unwrap().as_ptr();
        let first = pool.cast::<u8>().as_ptr() as usize - start;
        (first, first + pool.len())
    };
    let (first, end) = ends(&heap);
    assert!(first < GRANULARITY);
    assert_eq!(end, used);
    let more = append(&mut heap, arena.region(used, 8192 - used));
    assert_eq!(ends(&heap), (first, used + more));
    let pool = heap.pools().next().unwrap();
    assert_eq!(pool.block_bytes(), used + more - first - WORD - 4 * WORD);
    assert_eq!(pool.blocks().count(), 1);
}

/// A payload's address is where its block is looked for, not its header's.
#[test]
fn a_region_that_ends_where_the_first_payload_begins_holds_no_pool() {
    let arena = Arena::new(400 + OVERHEAD, 0);
    let mut heap: Tlsf<'_, u16, u16, 12, 16> = heap_over(&arena);
    let (before, with) = (
        arena.region(0, GRANULARITY),
        arena.region(0, GRANULARITY + 1),
    );
    assert_eq!(remove(&mut heap, before), Err(RemovePoolError::NotFound));
    assert_eq!(remove(&mut heap, with), Ok(()));
}

#[test]
fn a_pool_that_cannot_go_says_why() {
    assert!(RemovePoolError::NotFound.to_string().contains("no pool"));
    assert!(RemovePoolError::InUse.to_string().contains("in use"));
}
