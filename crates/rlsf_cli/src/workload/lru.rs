//! A cache of byte strings that forgets the least recently used ones, under a
//! capacity that swings between a quarter and the whole.

use crate::checksum::Checksum;
use crate::random::Random;
use core::hash::BuildHasherDefault;
use core::mem;
use std::collections::{BTreeMap, HashMap};
use std::hash::DefaultHasher;

const REQUESTS: u32 = 250_000;
const KEYS: u32 = 30_000;
/// The swing of the capacity, in bytes of values.
const LEAST_CAPACITY: usize = 4 << 20;
const MOST_CAPACITY: usize = 16 << 20;
/// Requests from one extreme of the capacity to the next.
const HALF_SWING: u32 = 25_000;
/// The limits of a value's length are powers of two: 16 B and 8 KiB.
const LEAST_POWER: u32 = 4;
const MOST_POWER: u32 = 13;

/// The work and its input.
#[derive(Debug)]
pub(crate) struct Serving {
    seed: u64,
}

impl Serving {
    pub(super) const fn new(seed: u64) -> Self {
        Self { seed }
    }

    pub(super) fn about(&self) -> String {
        format!(
            "{REQUESTS} requests to a cache of {}M to {}M, values of 16B to 8K, seed {}",
            LEAST_CAPACITY >> 20,
            MOST_CAPACITY >> 20,
            self.seed
        )
    }

    pub(super) fn run(&self) -> u64 {
        let mut random = Random::new(self.seed);
        let mut checksum = Checksum::new();
        let mut cache = Cache::default();
        for number in 0..REQUESTS {
            let key = random.below(KEYS).min(random.below(KEYS));
            let value = cache.request(key, &mut random);
            checksum.add_bytes(&value[..value.len().min(16)]);
            cache.forget_beyond(capacity(number));
        }
        checksum.value()
    }
}

/// The capacity at a request: a line that rises and falls.
fn capacity(number: u32) -> usize {
    let place = number % (2 * HALF_SWING);
    let height = place.min(2 * HALF_SWING - place) as usize;
    LEAST_CAPACITY + (MOST_CAPACITY - LEAST_CAPACITY) * height / HALF_SWING as usize
}

#[derive(Debug)]
struct Entry {
    value: Vec<u8>,
    /// The entry's place in the order of use.
    stamp: u64,
}

#[derive(Debug, Default)]
struct Cache {
    /// Hashed alike in every run.
    entries: HashMap<u32, Entry, BuildHasherDefault<DefaultHasher>>,
    /// The keys, the least recently used first.
    order: BTreeMap<u64, u32>,
    bytes: usize,
    clock: u64,
}

impl Cache {
    /// The value of a key: made if it is not there, sometimes lengthened if it is.
    fn request(&mut self, key: u32, random: &mut Random) -> &[u8] {
        self.clock += 1;
        self.order.insert(self.clock, key);
        let entry = self.entries.entry(key).or_insert_with(|| Entry {
            value: Vec::new(),
            stamp: 0,
        });
        let former = mem::replace(&mut entry.stamp, self.clock);
        self.order.remove(&former);
        if entry.value.is_empty() || random.below(8) == 0 {
            let [fill, ..] = key.to_le_bytes();
            let length = entry.value.len().max(length(random));
            self.bytes += length - entry.value.len();
            entry.value.resize(length, fill);
        }
        &entry.value
    }

    /// Forgets the least recently used entries until the rest fits.
    fn forget_beyond(&mut self, capacity: usize) {
        while self.bytes > capacity {
            let Some((_, key)) = self.order.pop_first() else {
                return;
            };
            if let Some(entry) = self.entries.remove(&key) {
                self.bytes -= entry.value.len();
            }
        }
    }
}

/// A length whose logarithm is uniform.
fn length(random: &mut Random) -> usize {
    let base = 1 << (LEAST_POWER + random.below(MOST_POWER - LEAST_POWER));
    (base + random.below(base)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_capacity_swings_between_its_limits() {
        assert_eq!(capacity(0), LEAST_CAPACITY);
        assert_eq!(capacity(HALF_SWING), MOST_CAPACITY);
        assert_eq!(capacity(2 * HALF_SWING), LEAST_CAPACITY);
    }

    #[test]
    fn the_least_recently_used_entry_is_forgotten_first() {
        let mut cache = Cache::default();
        let mut random = Random::new(1);
        for key in [1, 2, 3, 1] {
            cache.request(key, &mut random);
        }
        let without_2 = cache.bytes - cache.entries[&2].value.len();
        cache.forget_beyond(without_2);
        assert!(!cache.entries.contains_key(&2) && cache.entries.contains_key(&1));
        cache.forget_beyond(0);
        assert!(cache.entries.is_empty() && cache.order.is_empty());
    }

    #[test]
    fn lengths_keep_their_limits() {
        let mut random = Random::new(1);
        assert!((0..10_000).all(|_| (16..8192).contains(&length(&mut random))));
    }

    #[test]
    fn equal_seeds_make_equal_requests() {
        assert_eq!(Serving::new(3).run(), Serving::new(3).run());
        assert_ne!(Serving::new(3).run(), Serving::new(4).run());
    }
}
