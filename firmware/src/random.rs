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
}
