//! The arithmetic of `bin.rs` as terms, line by line.

use super::term::Term;

/// The words, and the number of second-level bins.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Format {
    /// The bits of a word.
    pub(crate) bits: u32,
    /// `Float::MANTISSA`.
    pub(crate) mantissa: u32,
    /// `Float::UNIT`.
    pub(crate) unit: u32,
}

/// `log2` of the granule.
const GRANULE: u32 = 3;

impl Format {
    /// The format of words of `bits` with `1 << mantissa` bins an octave.
    pub(crate) fn new(bits: u32, mantissa: u32) -> Self {
        let mut unit = GRANULE;
        while (1 << mantissa << unit) < bits {
            unit += 1;
        }
        Self {
            bits,
            mantissa,
            unit,
        }
    }

    fn constant(value: u32) -> Term {
        Term::constant(value.into())
    }

    /// `Float::BIAS`.
    pub(crate) fn bias(self) -> Term {
        Self::constant(self.unit << self.mantissa)
    }

    /// `BlockSize::LEAST`.
    pub(crate) fn least(self) -> Term {
        Self::constant((3 * self.bits / 8).next_multiple_of(1 << GRANULE))
    }

    /// `Binning::COUNT`, and `Binning::LARGEST`, for as many rows.
    pub(crate) fn count(self, fllen: &Term) -> Term {
        fllen.shl(&Self::constant(self.mantissa))
    }

    pub(crate) fn largest(self, fllen: &Term) -> Term {
        let (one, top) = (Term::constant(1), Self::constant(self.bits - 1));
        let bits = Self::constant(self.mantissa + self.unit)
            .plus(fllen)
            .minus(&one);
        let below = |bits: &Term| {
            let ones = one.shl(bits).minus(&one);
            ones.shr(&Self::constant(GRANULE))
                .shl(&Self::constant(GRANULE))
        };
        bits.if_below(&top, &below(&bits), &below(&top))
    }

    /// `Bin::holding`, up to a fault that is planted.
    pub(crate) fn holding(self, bytes: &Term, fault: Fault) -> Term {
        let (mantissa, one) = (Self::constant(self.mantissa), Term::constant(1));
        let smallest = match fault {
            Fault::NoDenormals => bytes.clone(),
            Fault::HalfTheUnit => bytes.or(&Self::constant(1 << (self.mantissa + self.unit - 1))),
            _ => bytes.or(&Self::constant(1 << (self.mantissa + self.unit))),
        };
        let exponent = smallest.log2().minus(&mantissa);
        let fraction = match fault {
            Fault::RoundsUp => bytes.plus(&one.shl(&exponent).minus(&one)).shr(&exponent),
            Fault::LosesABit => bytes
                .shr(&exponent)
                .and(&Self::constant((1 << self.mantissa) - 1)),
            _ => bytes.shr(&exponent),
        };
        exponent.shl(&mantissa).plus(&fraction)
    }

    /// `Bin::lower_bound`.
    pub(crate) fn lower_bound(self, bin: &Term) -> Term {
        let mantissa = Self::constant(self.mantissa);
        let exponent = bin.shr(&mantissa).minus(&Term::constant(1));
        let exponent = exponent.or_at_least(&Self::constant(self.unit));
        bin.minus(&exponent.shl(&mantissa)).shl(&exponent)
    }

    /// `Bin::row`, and `Bin::sl`.
    pub(crate) fn row(self, bin: &Term) -> Term {
        bin.shr(&Self::constant(self.mantissa))
    }

    pub(crate) fn sl(self, bin: &Term) -> Term {
        bin.and(&Self::constant((1 << self.mantissa) - 1))
    }

    /// `Bin::at`.
    pub(crate) fn at(self, row: &Term, sl: &Term) -> Term {
        row.shl(&Self::constant(self.mantissa)).or(sl)
    }
}

/// A fault in `holding`, planted to see that it is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// As the code is.
    None,
    /// A size is filed one bin above its own if it is not that bin's lower bound.
    RoundsUp,
    /// Small sizes have an exponent of their own.
    NoDenormals,
    /// The smallest exponent is one too small.
    HalfTheUnit,
    /// The leading bit is not carried into the next octave.
    LosesABit,
}
