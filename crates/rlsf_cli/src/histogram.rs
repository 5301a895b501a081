//! A histogram of latencies that never allocates.
//!
//! A value's bucket is a small float of it: its power of two and three bits
//! more, so that a bucket's upper bound exceeds its values by at most an eighth.

/// Buckets an octave.
const STEPS: u64 = 1 << STEP_BITS;
const STEP_BITS: u32 = 3;
/// The bucket of `u64::MAX` is the last.
const BUCKETS: usize = ((64 - STEP_BITS as usize) + 1) << STEP_BITS;

/// How often values of each size occurred.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Histogram {
    counts: [u64; BUCKETS],
    total: u64,
}

impl Histogram {
    pub(crate) const fn new() -> Self {
        Self {
            counts: [0; BUCKETS],
            total: 0,
        }
    }

    pub(crate) fn add(&mut self, value: u64) {
        self.counts[bucket(value)] += 1;
        self.total += 1;
    }

    /// The upper bound of the bucket below which `permille` of the values lie;
    /// zero without values.
    pub(crate) fn quantile(&self, permille: u64) -> u64 {
        let rank = (self.total * permille).div_ceil(1000);
        let mut seen = 0;
        let holds_rank = |count: &u64| {
            seen += count;
            seen >= rank
        };
        match self.counts.iter().position(holds_rank) {
            Some(bucket) => upper_bound(bucket),
            None => 0,
        }
    }
}

/// The bucket that a value is counted in.
fn bucket(value: u64) -> usize {
    let octave = (value | STEPS).ilog2() - STEP_BITS;
    let step = value >> octave;
    ((octave as usize) << STEP_BITS) + usize::try_from(step).unwrap_or(0)
}

/// The largest value of a bucket.
fn upper_bound(bucket: usize) -> u64 {
    let octave = (bucket >> STEP_BITS).saturating_sub(1);
    let step = bucket - (octave << STEP_BITS);
    let above = (step as u128 + 1) << octave;
    u64::try_from(above - 1).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bucket_ends_where_the_next_begins() {
        for index in 0..BUCKETS - 1 {
            let last = upper_bound(index);
            assert_eq!(bucket(last), index);
            assert_eq!(bucket(last + 1), index + 1);
        }
        assert_eq!(bucket(u64::MAX), BUCKETS - 1);
        assert_eq!(upper_bound(BUCKETS - 1), u64::MAX);
    }

    #[test]
    fn a_bucket_is_at_most_an_eighth_wide() {
        for value in (0..1 << 20).step_by(7) {
            assert!(upper_bound(bucket(value)) <= value + value / 8);
        }
    }

    #[test]
    fn quantiles_count_from_below() {
        let mut histogram = Histogram::new();
        assert_eq!(histogram.quantile(999), 0);
        (0..999).for_each(|_| histogram.add(5));
        histogram.add(1 << 30);
        assert_eq!(histogram.quantile(500), 5);
        assert_eq!(histogram.quantile(999), 5);
        assert!(histogram.quantile(1000) >= 1 << 30);
    }
}
