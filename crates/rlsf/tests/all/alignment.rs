//! Alignments above the granule: served wherever they fit, and nothing is lost.

use crate::parameters::for_every_parameter_set;
use crate::verbs::{
    ask, fill, free, heap_over, layout, payload_before_64k, shrink, sums, take, LEAST, OVERHEAD,
    WORD,
};
use rlsf::int::BinInteger;
use rlsf::{Tlsf, GRANULARITY};
use rlsf_testkit::{picture, Arena};

for_every_parameter_set!(
    every_alignment_that_fits_is_served_from_an_empty_heap,
    the_last_place_is_found_for_every_alignment_that_fits,
    small_blocks_of_a_slight_alignment_lie_last_on_32_bits_and_others_where_they_can_grow,
    blocks_at_the_end_lie_side_by_side_and_the_free_one_stays_where_it_is,
    holes_between_blocks_at_the_end_are_filled_first,
    freeing_over_aligned_blocks_in_any_order_restores_the_pool,
    an_over_aligned_block_can_be_had_again_in_an_otherwise_full_heap,
);

/// The places of `need` bytes at a multiple of `align` within a free block, with
/// a gap before them that is nothing or a block: tried one by one.
fn places(first: usize, bytes: usize, need: usize, align: usize) -> impl Iterator<Item = usize> {
    let gaps = (0..=bytes).step_by(GRANULARITY);
    gaps.take_while(move |gap| gap + need <= bytes)
        .filter(move |&gap| (gap == 0 || gap >= LEAST) && (first + gap) % align == 0)
        .map(move |gap| first + gap)
}

/// Blocks of some sizes in memory at some places, each with sizes and alignments to ask for.
fn for_every_request<FL: BinInteger, SL: BinInteger, const FLLEN: usize, const SLLEN: usize>(
    ask: impl Fn(&mut Tlsf<'_, FL, SL, FLLEN, SLLEN>, core::alloc::Layout, &[usize]),
) {
    let largest = Tlsf::<FL, SL, FLLEN, SLLEN>::LARGEST_BLOCK;
    for (bytes, offset) in [LEAST, 56, 64, 120, 640, 4000, 8184]
        .into_iter()
        .flat_map(|bytes| [0, 8, 24, 8168].map(|offset| (bytes, offset)))
        .chain([0, 8, 16, 32].map(|bytes| (640, payload_before_64k(bytes))))
        .filter(|&(bytes, _)| bytes <= largest)
    {
        let arena = Arena::new(bytes + OVERHEAD, offset);
        let mut heap = heap_over::<FL, SL, FLLEN, SLLEN>(&arena);
        let first = arena.address() + GRANULARITY;
        for (size, shift) in [0, 1, 24, 25, 100, 600, bytes - LEAST, bytes - WORD]
            .into_iter()
            .flat_map(|size| (0..=17).map(move |shift| (size, shift)))
            .filter(|&(size, _)| size <= bytes - WORD)
        {
            let need = Tlsf::<FL, SL, FLLEN, SLLEN>::block_size(size);
            let places: Vec<_> = places(first, bytes, need, 1 << shift).collect();
            ask(&mut heap, layout(size, 1 << shift), &places);
        }
    }
}

fn every_alignment_that_fits_is_served_from_an_empty_heap<
    FL: BinInteger,
    SL: BinInteger,
    const FLLEN: usize,
    const SLLEN: usize,
>() {
    for_every_request::<FL, SL, FLLEN, SLLEN>(|heap, layout, places| {
        let empty = picture(heap);
        let block = heap.allocate(layout);
        assert_eq!(block.is_some(), !places.is_empty(), "{layout:?}");
        assert_eq!(heap.validate(), Ok(()));
        if let Some(block) = block {
            assert!(places.contains(&(block.as_ptr() as usize)));
            free(heap, block);
        }
        assert_eq!(picture(heap), empty);
    });
}

fn the_last_place_is_found_for_every_alignment_that_fits<
    FL: BinInteger,
    SL: BinInteger,
    const FLLEN: usize,
    const SLLEN: usize,
>() {
    for_every_request::<FL, SL, FLLEN, SLLEN>(|heap, layout, places| {
        let empty = picture(heap);
        let block = heap.allocate_at_end(layout);
        let address = block.map(|block| block.as_ptr() as usize);
        assert_eq!(address.as_ref(), places.last(), "{layout:?}");
        assert_eq!(heap.validate(), Ok(()));
        if let Some(block) = block {
            let need = Tlsf::<FL, SL, FLLEN, SLLEN>::block_size(layout.size());
            let spare = |block| {
                // SAFETY: a block in use.
                let usable = unsafe { Tlsf::<FL, SL, FLLEN, SLLEN>::allocation_usable_size(block) };
                (usable + WORD).saturating_sub(need)
            };
            assert!(spare(block) < layout.align().max(GRANULARITY) + LEAST);
            shrink(heap, block, layout.size()).unwrap();
            assert!(spare(block) < LEAST);
            assert_eq!(heap.validate(), Ok(()));
            free(heap, block);
        }
        assert_eq!(picture(heap), empty);
    });
}

/// In a free block that has room for the gap wherever it lies.
fn small_blocks_of_a_slight_alignment_lie_last_on_32_bits_and_others_where_they_can_grow<
    FL: BinInteger,
    SL: BinInteger,
    const FLLEN: usize,
    const SLLEN: usize,
>() {
    let bytes = Tlsf::<FL, SL, FLLEN, SLLEN>::LARGEST_BLOCK.min(12_000) & !7;
    for (size, align, lies_last) in [
        (1, 16, WORD == 4),
        (200, 32, WORD == 4),
        (4096 - WORD, 32, WORD == 4),
        (4096, 32, false),
        (200, 64, false),
    ] {
        if bytes < size + 2 * align + 2 * LEAST {
            continue;
        }
        for offset in (0..align).step_by(GRANULARITY) {
            let arena = Arena::new(bytes + OVERHEAD, offset);
            let mut heap = heap_over::<FL, SL, FLLEN, SLLEN>(&arena);
            let need = Tlsf::<FL, SL, FLLEN, SLLEN>::block_size(size);
            let mut places = places(arena.address() + GRANULARITY, bytes, need, align);
            let place = if lies_last {
                places.last()
            } else {
                places.next()
            };
            let block = heap.allocate(layout(size, align));
            assert_eq!(block.map(|block| block.as_ptr() as usize), place);
            let pieces = heap.blocks().filter(|block| !block.is_occupied()).count();
            if lies_last && align < LEAST {
                assert_eq!(pieces, 1, "what lies behind is no block");
            }
            assert_eq!(heap.validate(), Ok(()));
        }
    }
}

fn blocks_at_the_end_lie_side_by_side_and_the_free_one_stays_where_it_is<
    FL: BinInteger,
    SL: BinInteger,
    const FLLEN: usize,
    const SLLEN: usize,
>() {
    let bytes = Tlsf::<FL, SL, FLLEN, SLLEN>::LARGEST_BLOCK.min(8192) & !7;
    let arena = Arena::new(bytes + OVERHEAD, 0);
    let mut heap = heap_over::<FL, SL, FLLEN, SLLEN>(&arena);
    let start =
        |heap: &Tlsf<'_, FL, SL, FLLEN, SLLEN>| heap.blocks().next().unwrap().as_ptr().cast::<u8>();
    let free_from = start(&heap);
    let mut before = None;
    while let Some(block) = heap.allocate_at_end(layout(64 - WORD, 64)) {
        let address = block.as_ptr() as usize;
        assert!(before.map_or(true, |before| address + 64 == before));
        before = Some(address);
        assert_eq!(start(&heap), free_from);
        assert_eq!(heap.validate(), Ok(()));
    }
    let left = before.map_or(0, |before| before - free_from.as_ptr() as usize);
    assert!(left < 64 + LEAST, "{left}");
}

fn holes_between_blocks_at_the_end_are_filled_first<
    FL: BinInteger,
    SL: BinInteger,
    const FLLEN: usize,
    const SLLEN: usize,
>() {
    let bytes = Tlsf::<FL, SL, FLLEN, SLLEN>::LARGEST_BLOCK.min(8192) & !7;
    let arena = Arena::new(bytes + OVERHEAD, 0);
    let mut heap = heap_over::<FL, SL, FLLEN, SLLEN>(&arena);
    let take =
        |heap: &mut Tlsf<'_, FL, SL, FLLEN, SLLEN>| heap.allocate_at_end(layout(64 - WORD, 64));
    let blocks: Vec<_> = (0..5).map_while(|_| take(&mut heap)).collect();
    let before = picture(&heap);
    // The last one has free memory before it, which it would join.
    let holes: Vec<_> = blocks.iter().rev().skip(1).step_by(2).copied().collect();
    for &hole in &holes {
        free(&mut heap, hole);
    }
    for &hole in holes.iter().rev() {
        assert_eq!(take(&mut heap), Some(hole), "the last freed first");
        assert_eq!(heap.validate(), Ok(()));
    }
    assert_eq!(picture(&heap), before);
}

fn freeing_over_aligned_blocks_in_any_order_restores_the_pool<
    FL: BinInteger,
    SL: BinInteger,
    const FLLEN: usize,
    const SLLEN: usize,
>() {
    let bytes = Tlsf::<FL, SL, FLLEN, SLLEN>::LARGEST_BLOCK.min(20_000) & !7;
    let arena = Arena::new(bytes + OVERHEAD, 8);
    let mut rng = fastrand::Rng::with_seed(3);
    let mut heap = heap_over::<FL, SL, FLLEN, SLLEN>(&arena);
    let empty = picture(&heap);
    for _ in 0..20 {
        let mut live = Vec::new();
        while let Some(block) = heap.allocate(layout(rng.usize(..900), 1 << rng.u32(3..10))) {
            live.push(block);
            assert_eq!(sums(&heap).0, bytes, "no byte is lost");
            assert_eq!(heap.validate(), Ok(()));
        }
        rng.shuffle(&mut live);
        for block in live {
            free(&mut heap, block);
        }
        assert_eq!(heap.validate(), Ok(()));
        assert_eq!(picture(&heap), empty);
    }
}

fn an_over_aligned_block_can_be_had_again_in_an_otherwise_full_heap<
    FL: BinInteger,
    SL: BinInteger,
    const FLLEN: usize,
    const SLLEN: usize,
>() {
    let bytes = Tlsf::<FL, SL, FLLEN, SLLEN>::LARGEST_BLOCK.min(20_000) & !7;
    for (size, shift) in (0..3000)
        .step_by(97)
        .flat_map(|size| (4..12).map(move |shift| (size, shift)))
    {
        let arena = Arena::new(bytes + OVERHEAD, 16);
        let mut heap = heap_over::<FL, SL, FLLEN, SLLEN>(&arena);
        if size > bytes - WORD {
            return;
        }
        let Some(block) = heap.allocate(layout(size, 1 << shift)) else {
            continue;
        };
        fill(&mut heap, 0);
        free(&mut heap, block);
        let again = heap.allocate(layout(size, 1 << shift));
        assert_eq!(
            again,
            Some(block),
            "{size} bytes at a multiple of 2^{shift}"
        );
        assert_eq!(heap.validate(), Ok(()));
    }
}

#[test]
fn an_alignment_beyond_the_pool_is_refused_unless_the_address_happens_to_have_it() {
    let arena = Arena::new(1000, 0);
    let mut heap = heap_over::<u16, u16, 12, 16>(&arena);
    assert_eq!(heap.allocate(layout(1, 1 << 16)), None);
    assert_eq!(heap.allocate(layout(1, 1 << (usize::BITS - 2))), None);
    assert_eq!(heap.validate(), Ok(()));

    let arena = Arena::new(1000, payload_before_64k(0));
    let mut heap = heap_over::<u16, u16, 12, 16>(&arena);
    let block = heap.allocate(layout(1, 1 << 16)).unwrap();
    assert_eq!(block.as_ptr() as usize % (1 << 16), 0);
}

#[test]
fn the_gap_before_an_aligned_block_serves_other_requests() {
    let arena = Arena::new(4096, 0);
    let mut heap = heap_over::<u16, u16, 12, 16>(&arena);
    let page = heap.allocate(layout(64, 2048)).unwrap();
    let gap = heap
        .blocks()
        .next()
        .map(|gap| gap.max_payload_size())
        .unwrap();
    assert!(gap > 1500);
    let small = take(&mut heap, gap);
    assert!(small < page, "the request lies in the gap");
}

#[test]
fn aligned_pages_leave_98_percent_of_the_pool_usable() {
    let arena = Arena::new(1 << 20, 0);
    let mut heap = heap_over::<u32, u32, 20, 32>(&arena);
    let mut pages = 0;
    while heap.allocate(layout(4096, 4096)).is_some() {
        pages += 1;
    }
    assert!(
        pages >= (1 << 20) / 8192 - 1,
        "a page has its header in the page before"
    );
    while ask(&mut heap, 32).is_some() {}
    let (all, unused) = sums(&heap);
    let used = all - unused;
    assert!(used * 100 >= all * 98, "{used} of {all} bytes");
    assert_eq!(heap.validate(), Ok(()));
}
