//! What the bitmaps and the heads tell of a row, and of the bins above one.

use crate::bin::{Bin, Binning, Row};
use crate::bins::Bins;
use core::ptr::NonNull;

type Small = Bins<u16, u16, 12, 16>;

/// Every bin, in their order.
fn bins() -> impl Iterator<Item = Bin> {
    // SAFETY: N1: the range's bound.
    (0..Binning::<12, 16>::COUNT).map(|index| unsafe { Bin::at_index::<16>(index) })
}

fn rows() -> impl Iterator<Item = Row> {
    bins().step_by(16).map(Bin::row::<16>)
}

#[test]
fn a_row_with_a_head_or_with_a_bit_of_either_level_is_not_empty() {
    assert!(rows().all(|row| Small::EMPTY.is_empty(row)));
    for bin in bins() {
        let row = bin.row::<16>();
        let has_head = {
            let mut small = Small::EMPTY;
            small.heads[row.index::<16>()][bin.sl::<16>() as usize] = Some(NonNull::dangling());
            small
        };
        let has_bit = {
            let mut small = Small::EMPTY;
            small.set_bits(row, 1 << bin.sl::<16>());
            small
        };
        let is_marked = {
            let mut small = Small::EMPTY;
            small.first_level = 1 << Small::bit_of(row);
            small
        };
        for small in [has_head, has_bit, is_marked] {
            assert!(rows().all(|other| small.is_empty(other) == (other != row)));
        }
    }
}

#[test]
fn the_bins_above_one_are_those_with_bits() {
    // Two in one row, the highest, and one between.
    let marked = [3, 7, 90, 191];
    let mut small = Small::EMPTY;
    for bin in marked.map(|index| bins().nth(index).unwrap()) {
        small.mark(bin);
    }
    for (index, bin) in bins().enumerate() {
        let number = |bin: Bin| bin.index::<16>();
        let from = marked.into_iter().find(|&other| other >= index);
        assert_eq!(small.lowest_from(bin).map(number), from);
        let above = marked.into_iter().find(|&other| other > index);
        assert_eq!(small.next_above(bin).map(number), above);
    }
}
