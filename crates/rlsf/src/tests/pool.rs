use super::*;
use crate::bin::Binning;

const LARGEST: BlockSize = Binning::<8, 8>::LARGEST;

/// Checks a plan for a region, and that none larger would do.
fn check(address: usize, len: usize, largest: BlockSize) {
    let most = len.saturating_sub(POOL_OVERHEAD);
    match Plan::new(address, len, largest) {
        Some(plan) => {
            let blocks = plan.blocks.get();
            assert!(plan.first >= WORD && plan.first < WORD + GRANULARITY);
            assert_eq!(address.wrapping_add(plan.first) % GRANULARITY, 0);
            assert_eq!(plan.end, plan.first + blocks + FOOTER_BYTES);
            assert!(plan.end <= len);
            assert!(blocks == largest.get() || plan.end + GRANULARITY > len);
        }
        None => assert!(
            most < BlockSize::LEAST.get() + GRANULARITY,
            "{address} {len}"
        ),
    }
}

#[test]
fn every_start_and_every_length_has_the_largest_plan() {
    for address in 4096..4096 + 2 * GRANULARITY {
        for len in 0..2 * LARGEST.get().min(1 << 14) {
            check(address, len, LARGEST);
        }
    }
}

#[test]
fn a_region_may_end_at_the_end_of_the_address_space() {
    for len in 0..1024_usize {
        check(0_usize.wrapping_sub(len), len, LARGEST);
    }
}

#[test]
fn a_region_may_be_as_long_as_the_address_space() {
    check(1, usize::MAX, BlockSize::LARGEST);
    check(GRANULARITY, usize::MAX - GRANULARITY, BlockSize::LARGEST);
}

#[test]
fn an_aligned_region_is_used_to_its_last_byte() {
    for len in (POOL_OVERHEAD + BlockSize::LEAST.get()..1024).step_by(GRANULARITY) {
        let plan = Plan::new(4096, len, BlockSize::LARGEST).unwrap();
        assert_eq!(plan.end, len);
    }
}
