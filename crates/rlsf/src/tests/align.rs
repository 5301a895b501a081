use super::*;

#[test]
fn a_gap_reaches_an_aligned_address_and_is_nothing_or_a_block() {
    for align in [16, 32, 64, 128, 4096] {
        let mut largest = 0;
        for address in (0..2 * align).step_by(GRANULARITY) {
            let gap = gap(address, align);
            assert_eq!((address + gap) % align, 0);
            assert!(gap == 0 || gap >= BlockSize::LEAST.get());
            let nearest = address.wrapping_neg() % align;
            assert!(gap == nearest || (gap == nearest + align && nearest < BlockSize::LEAST.get()));
            largest = largest.max(gap);
        }
        assert_eq!(largest_gap(align), largest, "{align}");
    }
}

#[test]
fn a_gap_at_the_end_of_the_address_space_does_not_wrap() {
    let half = 1 << (usize::BITS - 1);
    assert_eq!(gap(half + GRANULARITY, half), half - GRANULARITY);
    assert_eq!(gap(usize::MAX - 7, half), half + GRANULARITY);
    assert_eq!(gap(usize::MAX - 7, 16), 16 + GRANULARITY);
}

/// Every free block of up to 600 bytes more than is asked for, wherever it lies.
#[test]
fn a_gap_within_a_snug_block_leaves_the_smaller_rest_and_in_a_large_one_room_to_grow() {
    for align in [16, 32, 64, 128] {
        for address in (0..2 * align).step_by(GRANULARITY) {
            for slack in (gap(address, align)..600).step_by(GRANULARITY) {
                let found = gap_within(slack, align, gap(address, align));
                let possible = |gap: usize| {
                    (address + gap) % align == 0 && (gap == 0 || gap >= BlockSize::LEAST.get())
                };
                assert!(found <= slack && possible(found), "{address} {slack}");
                let smaller = |gap: usize| gap.min(slack - gap);
                if slack / 2 < align {
                    let best = (0..=slack).filter(|&gap| possible(gap)).map(smaller).min();
                    assert_eq!(Some(smaller(found)), best, "{address} {slack} {align}");
                } else {
                    assert_eq!(found, gap(address, align));
                }
            }
        }
    }
}

/// The same, for the place at the end.
#[test]
fn a_gap_before_the_last_place_is_the_largest_possible_one() {
    for align in [8, 16, 32, 64, 128] {
        for address in (0..2 * align).step_by(GRANULARITY) {
            for slack in (gap(address, align)..600).step_by(GRANULARITY) {
                let possible = |&gap: &usize| {
                    (address + gap) % align == 0 && (gap == 0 || gap >= BlockSize::LEAST.get())
                };
                let found = gap_before_last(address, slack, align);
                let largest = (0..=slack).filter(possible).max();
                assert_eq!(Some(found), largest, "{address} {slack} {align}");
            }
        }
    }
}
