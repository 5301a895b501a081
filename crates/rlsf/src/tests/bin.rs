use super::*;

fn size(bytes: usize) -> BlockSize {
    // SAFETY: the callers step by granules from the least size on.
    unsafe { BlockSize::new_unchecked(bytes) }
}

/// Every granule up to 64 KiB, and every bin's bounds a granule to either side.
fn check<const FLLEN: usize, const SLLEN: usize>() {
    let largest = Binning::<FLLEN, SLLEN>::LARGEST.get();
    let least = BlockSize::LEAST.get();
    assert!(Binning::<FLLEN, SLLEN>::FILED <= Binning::<FLLEN, SLLEN>::COUNT);
    // SAFETY: N1: one of the bins.
    let highest = unsafe { Bin::at_index::<SLLEN>(Binning::<FLLEN, SLLEN>::FILED - 1) };
    assert!(highest.reaches::<SLLEN>(largest));

    let small = (least..=largest.min(1 << 16)).step_by(GRANULARITY);
    let bounds = (0..Binning::<FLLEN, SLLEN>::COUNT).flat_map(|index| {
        // SAFETY: N1: below the number of bins.
        let bin = unsafe { Bin::at_index::<SLLEN>(index) };
        let bound = round_down(bin.checked_lower_bound::<SLLEN>());
        [
            bound.saturating_sub(GRANULARITY),
            bound,
            bound.saturating_add(GRANULARITY),
        ]
    });
    for bytes in small.chain(bounds.filter(|bytes| (least..=largest).contains(bytes))) {
        let bin = Bin::holding::<SLLEN>(size(bytes));
        assert!(bin.index::<SLLEN>() < Binning::<FLLEN, SLLEN>::COUNT);
        assert_eq!(
            bin.index::<SLLEN>(),
            naive_index::<FLLEN, SLLEN>(bytes),
            "{bytes}"
        );
        assert!(bin.lower_bound::<SLLEN>() <= bytes);
        let above = bin.above().checked_lower_bound::<SLLEN>();
        assert!(above > bytes, "{bytes} {above}");
        let enough = Bin::guaranteeing::<SLLEN>(size(bytes));
        assert!(enough.checked_lower_bound::<SLLEN>() >= bytes);
        // The bin below, with a smaller size: not all of its blocks are large enough.
        assert!(Bin(enough.number() - 1).lower_bound::<SLLEN>() < bytes);
        assert!(bin.reaches::<SLLEN>(bytes) && bin.reaches::<SLLEN>(above - 1));
        assert!(above == usize::MAX || !bin.reaches::<SLLEN>(above));
        let width = above - bin.lower_bound::<SLLEN>();
        let unit = 1 << Float::<SLLEN>::UNIT;
        assert!(width <= unit.max(bytes / SLLEN), "{bytes} {width}");
        assert_eq!(
            // SAFETY: N1: parts of a bin in range.
            unsafe { Bin::at::<SLLEN>(bin.row::<SLLEN>(), bin.sl::<SLLEN>()) },
            bin
        );
    }
}

impl Bin {
    /// The lower bound, or the largest number where that is beyond the machine's.
    fn checked_lower_bound<const SLLEN: usize>(self) -> usize {
        let fl = self.row::<SLLEN>().index::<SLLEN>();
        let bits = Float::<SLLEN>::MANTISSA + Float::<SLLEN>::UNIT;
        if fl + bits as usize > usize::BITS as usize {
            return usize::MAX;
        }
        self.lower_bound::<SLLEN>()
    }
}

/// The definition, octave by octave.
fn naive_index<const FLLEN: usize, const SLLEN: usize>(bytes: usize) -> usize {
    let mut unit = 1_usize << Float::<SLLEN>::UNIT;
    let mut octave = 0;
    while bytes / unit >= 2 * SLLEN {
        unit *= 2;
        octave += 1;
    }
    octave * SLLEN + bytes / unit
}

macro_rules! each_parameter_set {
    ($($name:ident: $fllen:literal x $sllen:literal;)*) => {$(
        #[test]
        fn $name() {
            check::<$fllen, $sllen>();
        }
    )*};
}

each_parameter_set! {
    a_single_bin: 1 x 1;
    one_row_of_two_bins: 1 x 2;
    one_row_of_eight_bins: 1 x 8;
    three_rows_of_four_bins: 3 x 4;
    eight_rows_of_eight_bins: 8 x 8;
    twelve_rows_of_sixteen_bins: 12 x 16;
    twenty_rows_of_thirty_two_bins: 20 x 32;
    twenty_seven_rows_of_thirty_two_bins: 27 x 32;
    twenty_eight_rows_of_thirty_two_bins: 28 x 32;
    thirty_two_rows_of_thirty_two_bins: 32 x 32;
    fifty_eight_rows_of_eight_bins: 58 x 8;
    sixty_four_rows_of_eight_bins: 64 x 8;
    sixty_four_rows_of_sixty_four_bins: 64 x 64;
    many_rows_of_many_bins: 128 x 128;
}

#[test]
fn the_largest_block_keeps_the_published_promise() {
    fn check<const FLLEN: usize, const SLLEN: usize>() {
        let shift = u32::try_from(FLLEN).unwrap();
        let promised = (4 * WORD).checked_shl(shift).unwrap_or(usize::MAX);
        let promised = promised.min(BlockSize::LARGEST.get());
        let largest = Binning::<FLLEN, SLLEN>::LARGEST.get();
        assert!(
            largest + GRANULARITY >= promised,
            "{FLLEN}x{SLLEN}: {largest} {promised}"
        );
    }
    check::<1, 1>();
    check::<1, 2>();
    check::<1, 8>();
    check::<3, 4>();
    check::<8, 8>();
    check::<12, 16>();
    check::<20, 32>();
    check::<27, 32>();
    check::<28, 64>();
    check::<58, 8>();
}

#[test]
fn a_number_is_taken_for_a_bins_if_there_is_such_a_bin() {
    fn check<const FLLEN: usize, const SLLEN: usize>() {
        let count = Binning::<FLLEN, SLLEN>::COUNT;
        // SAFETY: N1: the first bin, and the last one.
        let [first, last] = [0, count - 1].map(|index| unsafe { Bin::at_index::<SLLEN>(index) });
        for bin in [first, last] {
            assert_eq!(Bin::checked::<FLLEN, SLLEN>(bin.number()), Some(bin));
        }
        for number in [0, first.number() - 1, last.number() + 1, usize::MAX] {
            assert_eq!(Bin::checked::<FLLEN, SLLEN>(number), None, "{number}");
        }
    }
    check::<1, 1>();
    check::<12, 16>();
    check::<128, 128>();
}
