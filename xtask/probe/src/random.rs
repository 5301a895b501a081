//! Random numbers that are the same in every run.

/// G. Marsaglia's xorshift of 32 bits ("Xorshift RNGs", 2003).
#[derive(Debug)]
pub(crate) struct Random(u32);

impl Random {
    /// Begins at `seed`, which is not zero.
    pub(crate) const fn new(seed: u32) -> Self {
        Self(seed)
    }

    /// The next 32 bits.
    fn bits(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.bits() as usize % end
    }

    /// A number below `end`, a power of two, each octave as likely as the next one.
    pub(crate) fn octaves_below(&mut self, end: usize) -> usize {
        let octave = self.below(end.ilog2() as usize) + 1;
        self.below(1 << octave)
    }
}
