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
