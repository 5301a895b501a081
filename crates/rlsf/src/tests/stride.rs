use super::*;

#[test]
fn every_request_becomes_a_block_of_whole_strides() {
    for align in [1, 2, 4, 8, 16, 32, 64, 4096] {
        let stride = Stride::new(align);
        for size in 0..3 * stride.bytes() {
            for wanted in [1, 4, 16, 64, 8192] {
                let layout = Layout::from_size_align(size, wanted).unwrap();
                let inner = stride.layout(layout).unwrap();
                let block = BlockSize::of_payload(inner.size());
                assert_eq!(block.get() % stride.bytes(), 0);
                assert!(block.payload() >= size);
                assert!(block.get() - WORD < size.max(BlockSize::LEAST.get()) + stride.bytes());
                assert!(inner.align() >= wanted || wanted <= stride.bytes());
            }
        }
    }
}

#[test]
fn the_stride_of_a_granule_changes_no_request() {
    let layout = Layout::from_size_align(3, 2).unwrap();
    assert_eq!(Stride::new(4).layout(layout), Some(layout));
}

#[test]
fn a_request_that_leaves_no_layout_is_none() {
    let largest = isize::MAX.unsigned_abs();
    for less in 0..64 {
        let layout = Layout::from_size_align(largest - less, 1).unwrap();
        if let Some(inner) = Stride::new(16).layout(layout) {
            assert!(inner.size() >= layout.size());
        } else {
            assert!(less < 16, "{less}");
        }
    }
}

#[test]
fn every_place_has_the_largest_pool_of_whole_strides() {
    use crate::pool::Plan;
    for stride in [8, 16, 64].map(Stride::new) {
        for address in 4096..4096 + stride.bytes() {
            for len in 0..4 * stride.bytes() + 64 {
                let most = len.saturating_sub(WORD + FOOTER_BYTES);
                let Some((lead, part)) = stride.pool(address, len) else {
                    assert!(most < 2 * stride.bytes());
                    continue;
                };
                assert!(lead < stride.bytes() && lead + part <= len);
                assert!(len - part < 2 * stride.bytes());
                if let Some(plan) = Plan::new(address + lead, part, BlockSize::LARGEST) {
                    assert_eq!((address + lead + plan.first) % stride.bytes(), 0);
                    assert_eq!(plan.blocks.get() % stride.bytes(), 0);
                    assert_eq!(
                        (address + lead + plan.end - FOOTER_BYTES) % stride.bytes(),
                        0
                    );
                    assert_eq!(plan.end, part);
                }
            }
        }
    }
}

#[test]
fn a_pool_of_at_most_some_bytes_is_cut_to_whole_strides() {
    use crate::pool::Plan;
    for stride in [8, 16, 64].map(Stride::new) {
        for largest in (64..1024).step_by(8) {
            let (lead, len) = stride.pool_of_at_most(4099, 4096, largest).unwrap();
            let plan = Plan::new(4099 + lead, len, BlockSize::LARGEST).unwrap();
            assert!(plan.blocks.get() <= largest && plan.blocks.get() + stride.bytes() > largest);
            assert_eq!(plan.blocks.get() % stride.bytes(), 0);
            assert_eq!(plan.end, len);
        }
    }
}
