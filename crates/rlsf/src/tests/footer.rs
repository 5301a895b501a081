use super::*;

fn place(address: usize) -> NonNull<u8> {
    NonNull::new(core::ptr::null_mut::<u8>().wrapping_add(address)).unwrap()
}

/// Any bit of any of the three links, whatever the others are.
#[test]
fn every_bit_of_a_footer_counts_in_its_check() {
    let right = [0x5555_5550, 0x7fff_fff8, 0x2aaa_aaa8];
    let [first, next, prev] = right.map(place);
    let footer = Footer::new(first, Some(next), Some(prev));
    assert!(footer.is_intact());
    for bit in 0..usize::BITS {
        let [first, next, prev] = right.map(|address: usize| place(address ^ 1 << bit));
        let wrong = [
            Footer { first, ..footer },
            Footer {
                next: Some(next),
                ..footer
            },
            Footer {
                prev: Some(prev),
                ..footer
            },
        ];
        assert!(!wrong.iter().any(Footer::is_intact), "bit {bit}");
    }
}

#[test]
fn a_flipped_bit_of_the_link_to_the_newest_pool_breaks_it() {
    assert!(LinkCheck::EMPTY.agrees(None));
    for address in [0x5555_5550_usize, 0x7fff_fff8] {
        let check = LinkCheck::of(Some(place(address)));
        assert!(check.agrees(Some(place(address))) && !check.agrees(None));
        for bit in 0..usize::BITS {
            let wrong = place(address ^ 1 << bit);
            assert!(!check.agrees(Some(wrong)), "bit {bit}");
        }
    }
}
