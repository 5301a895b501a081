use super::*;

#[test]
fn every_payload_gets_the_smallest_block_that_holds_it() {
    for payload in 0..=1 << 16 {
        let size = BlockSize::of_payload(payload);
        assert!(size.payload() >= payload);
        assert_eq!(size.get() % GRANULARITY, 0);
        assert!(size == BlockSize::LEAST || size.payload() < payload + GRANULARITY);
        assert!(size >= BlockSize::LEAST);
    }
}

#[test]
fn the_largest_payload_gets_the_largest_block() {
    let payload = BlockSize::LARGEST.payload();
    assert_eq!(BlockSize::of_payload(payload), BlockSize::LARGEST);
}

#[test]
fn a_rest_is_a_block_or_nothing() {
    let (least, step) = (BlockSize::LEAST.get(), GRANULARITY);
    for whole in (least..40 * step).step_by(step) {
        for part in (least..=whole).step_by(step) {
            // SAFETY: S1: from the least size on, by granules.
            let size = |bytes| unsafe { BlockSize::new_unchecked(bytes) };
            let (whole_size, part_size) = (size(whole), size(part));
            let rest = whole_size.minus(part_size).map(BlockSize::get);
            assert_eq!(rest, Some(whole - part).filter(|&rest| rest >= least));
        }
    }
}

#[test]
fn rounding_goes_to_the_next_granule() {
    assert_eq!(round_up(0), 0);
    assert_eq!(round_up(1), GRANULARITY);
    assert_eq!(round_up(GRANULARITY), GRANULARITY);
    assert_eq!(round_down(GRANULARITY - 1), 0);
    assert_eq!(round_down(GRANULARITY), GRANULARITY);
    assert_eq!(round_up(usize::MAX), 0);
}
