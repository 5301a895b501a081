//! What the bitmaps and the heads tell of a row, and of the bins above one.

use crate::bin::{Bin, Binning, Row};
use crate::bins::Bins;
use crate::seal::Seal;
use core::ptr::NonNull;

type Small = Bins<u16, u16, 12, 16>;

const SEAL: Seal = Seal::keyless(Binning::<12, 16>::SIZE_BITS);

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
        assert_eq!(small.lowest_from(bin, SEAL).map(number), from);
        let above = marked.into_iter().find(|&other| other > index);
        assert_eq!(small.next_above(bin, SEAL).map(number), above);
    }
}

#[cfg(feature = "hardened")]
mod hardened {
    extern crate std;

    use super::*;
    use crate::size::BlockSize;
    use crate::Tlsf;
    use core::alloc::Layout;
    use core::panic::AssertUnwindSafe;
    use std::panic::catch_unwind;

    /// Both levels have bits beyond the rows and the bins.
    type Odd = Bins<u16, u8, 5, 4>;

    /// Whether a request ends that a full heap gets whose bins are damaged so.
    fn ends(damage: impl FnOnce(&mut Odd)) -> bool {
        let mut memory = [0_u8; 512];
        let mut heap: Tlsf<'_, u16, u8, 5, 4> = Tlsf::new();
        // SAFETY: the memory outlives the heap.
        unsafe { heap.insert_free_block_ptr(NonNull::from(&mut memory[..])) }.unwrap();
        let layout = Layout::new::<u8>();
        while heap.allocate(layout).is_some() {}
        damage(&mut heap.bins);
        match catch_unwind(AssertUnwindSafe(|| heap.allocate(layout))) {
            Ok(block) => {
                assert_eq!(block, None);
                false
            }
            Err(_) => true,
        }
    }

    #[test]
    fn a_bit_without_a_block_ends_the_operation_that_follows_it() {
        let own = Bin::holding::<4>(BlockSize::LEAST);
        let own_bit = Odd::bit_of(own.row::<4>());
        for bit in 0..u16::BITS {
            assert_eq!(ends(|bins| bins.first_level = 1 << bit), bit > own_bit);
        }
        for index in 0..5 {
            // SAFETY: N1: below the number of rows.
            let row = unsafe { Bin::at_index::<4>(4 * index) }.row::<4>();
            let row_bit = Odd::bit_of(row);
            for sl in 0..u8::BITS {
                let is_own = row_bit == own_bit && sl >= own.sl::<4>();
                assert_eq!(ends(|bins| bins.set_bits(row, 1 << sl)), is_own);
                let with_row = ends(|bins| {
                    bins.set_bits(row, 1 << sl);
                    bins.first_level = 1 << row_bit;
                });
                assert_eq!(with_row, is_own || row_bit > own_bit, "{index} {sl}");
            }
        }
    }
}
