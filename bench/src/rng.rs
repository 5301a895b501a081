//! The suite's source of random numbers: the same sequence for a seed on every machine and in every
//! release.

/// The generator `SplitMix64` (Steele, Lea and Flood, 2014).
#[derive(Debug, Clone)]
pub(crate) struct Rng(u64);

impl Rng {
    /// Starts the sequence that belongs to `seed`.
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 random bits.
    pub(crate) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, each as likely as the next one.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        let product = u128::from(self.bits()) * (bound as u128);
        usize::try_from(product >> 64).expect("a number below a usize is a usize")
    }

    /// A number from `low` up to and with `high`.
    pub(crate) fn between(&mut self, low: usize, high: usize) -> usize {
        low + self.below(high - low + 1)
    }

    /// True `percent` times out of a hundred.
    pub(crate) fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// A number from `low` up to and with `high`, each octave as likely as the next one.
    pub(crate) fn log_between(&mut self, low: usize, high: usize) -> usize {
        let (first, last) = (log2(low), log2(high + 1));
        let unit = f64::from(u32::try_from(self.bits() >> 32).expect("32 bits")) / 2f64.powi(32);
        floor(2f64.powf(first + unit * (last - first))).clamp(low, high)
    }
}

/// The binary logarithm of a size.
#[expect(
    clippy::cast_precision_loss,
    reason = "the sizes drawn here are far below 2^52"
)]
fn log2(size: usize) -> f64 {
    (size as f64).log2()
}

/// A positive number without its fraction.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "wanted: the sizes drawn are positive"
)]
fn floor(size: f64) -> usize {
    size as usize
}
