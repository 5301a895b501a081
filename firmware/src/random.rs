//! Random numbers that are the same in every run.

/// G. Marsaglia's xorshift of 32 bits ("Xorshift RNGs", 2003).
#[derive(Clone, Debug)]
pub struct Random(u32);

impl Random {
    /// Begins at `seed`, which is not zero.
    #[must_use]
    pub const fn new(seed: u32) -> Self {
        Self(seed)
    }

    /// The next number.
    #[allow(clippy::should_implement_trait)] // never ends
    pub fn next(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        self.next() as usize % end
    }

    /// A number from `low`, which is not zero, to `high`, each octave about as likely as the next one.
    pub fn octaves_between(&mut self, low: usize, high: usize) -> usize {
        let (first, last) = (low.ilog2(), high.ilog2());
        let octave = first + self.next() % (last - first + 1);
        let power = 1 << octave;
        (power + self.below(power)).clamp(low, high)
    }
}
