//! The formulas against the code: the sources of the crate itself are compiled into this program.

use super::formula::{Fault, Format};
use super::term::Term;
use crate::bin::{Bin, Binning, Float};
use crate::size::{BlockSize, GRANULARITY};
use anyhow::{ensure, Result};

/// Compares all formulas with the code.
///
/// # Errors
///
/// One of them differs.
pub(crate) fn check() -> Result<()> {
    bins_of::<1>()?;
    bins_of::<2>()?;
    bins_of::<4>()?;
    bins_of::<8>()?;
    bins_of::<16>()?;
    bins_of::<32>()?;
    bins_of::<64>()?;
    bins_of::<128>()?;
    rows_of::<1, 1>()?;
    rows_of::<1, 128>()?;
    rows_of::<3, 4>()?;
    rows_of::<8, 8>()?;
    rows_of::<12, 16>()?;
    rows_of::<28, 32>()?;
    rows_of::<58, 8>()?;
    rows_of::<64, 1>()?;
    rows_of::<128, 128>()
}

/// Every size of 16 bits, and those around every power of two and every bin's bounds above.
fn bins_of<const SLLEN: usize>() -> Result<()> {
    let format = Format::new(usize::BITS, SLLEN.trailing_zeros());
    ensure!(
        format.mantissa == Float::<SLLEN>::MANTISSA && format.unit == Float::<SLLEN>::UNIT,
        "the format of {SLLEN} bins an octave is another"
    );
    let x = Term::variable("x");
    let holding = format.holding(&x, Fault::None);
    let (lower, row, sl) = (format.lower_bound(&x), format.row(&x), format.sl(&x));
    let at = |term: &Term, bits, value: usize| term.eval(bits, &|_| value as u64);
    let small = (BlockSize::LEAST.get()..1 << 16).step_by(GRANULARITY);
    let large = (16..usize::BITS - 1).flat_map(|octave| {
        (0..SLLEN).flat_map(move |place| {
            let bound = (1 << octave) + (((place << octave) / SLLEN) & !(GRANULARITY - 1));
            [bound - GRANULARITY, bound, bound + GRANULARITY]
        })
    });
    let last = [BlockSize::LARGEST.get()];
    for bytes in small.chain(large).chain(last) {
        // SAFETY: S1: a multiple of the granule between the least and the largest.
        let size = unsafe { BlockSize::new_unchecked(bytes) };
        let bin = Bin::holding::<SLLEN>(size);
        let number = bin.number();
        let same = at(&holding, usize::BITS, bytes) == number as u64
            && at(&lower, usize::BITS, number) == bin.lower_bound::<SLLEN>() as u64
            && at(&lower, usize::BITS, number + 1) == bin.above().lower_bound::<SLLEN>() as u64
            && at(&row, usize::BITS, number) == u64::from(bin.row::<SLLEN>().number())
            && at(&sl, usize::BITS, number) == u64::from(bin.sl::<SLLEN>());
        ensure!(
            same,
            "{bytes} bytes, {SLLEN} bins an octave: the code differs"
        );
        // Words of 16 bits have the same bins for what they can hold.
        ensure!(
            bytes >= 1 << 15 || at(&holding, 16, bytes) == number as u64,
            "{bytes} bytes, {SLLEN} bins an octave: words of 16 bits differ"
        );
    }
    Ok(())
}

/// What depends on the number of rows as well.
fn rows_of<const FLLEN: usize, const SLLEN: usize>() -> Result<()> {
    let format = Format::new(usize::BITS, SLLEN.trailing_zeros());
    let rows = Term::constant(FLLEN as u64);
    let value = |term: Term| term.eval(usize::BITS, &|_| 0);
    // SAFETY: N1: there is a first bin.
    let first = unsafe { Bin::at_index::<SLLEN>(0) };
    ensure!(
        value(format.largest(&rows)) == Binning::<FLLEN, SLLEN>::LARGEST.get() as u64
            && value(format.count(&rows)) == Binning::<FLLEN, SLLEN>::COUNT as u64
            && value(format.least()) == BlockSize::LEAST.get() as u64
            && value(format.bias()) == first.number() as u64,
        "{FLLEN} rows of {SLLEN} bins: the code differs"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_formulas_that_z3_is_told_are_the_code() {
        super::check().unwrap();
    }
}
