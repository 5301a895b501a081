//! Which mixes are timed, at which fills, in which pools, and the operations of each.

use crate::histogram::Histogram;
use crate::mix::{Alignments, Mix, Sizes};
use crate::rng::Rng;

use super::exchange::Exchange;
use super::Extent;

/// What a block is counted with beyond its size when a pool is filled, so that every heap holds the
/// same blocks.
const ALLOWANCE: usize = 32;

/// One timed mix.
#[derive(Debug)]
pub(crate) struct Scenario {
    mix: Mix,
    fill_percent: usize,
    pub(crate) pool_size: usize,
    resize_percent: usize,
}

/// The operations of a scenario.
#[derive(Debug)]
pub(crate) struct Script {
    /// The number of blocks that live at a time.
    pub(crate) slots: usize,
    /// Fills every slot and then exchanges as many blocks at random.
    pub(crate) prepared: Vec<Exchange>,
    /// What is timed.
    pub(crate) measured: Vec<Exchange>,
}

/// The four mixes: three by size and the recorded one.
fn mixes() -> [Mix; 4] {
    let mix = |name, sizes| Mix {
        name,
        sizes,
        alignments: Alignments::Only(8),
    };
    [
        mix("16-256 B", Sizes::Uniform(16, 256)),
        mix("16 B-4 KiB", Sizes::Uniform(16, 4 << 10)),
        mix("16 B-32 KiB", Sizes::LogUniform(16, 32 << 10)),
        mix("recorded", Sizes::Recorded(Histogram::recorded(128))),
    ]
}

/// Every scenario of an extent.
pub(crate) fn all(extent: Extent) -> Vec<Scenario> {
    let (pools, fills): (&[usize], &[usize]) = match extent {
        Extent::Full => (&[1, 16, 64], &[30, 70, 90]),
        Extent::Quick => (&[1, 16], &[70]),
    };
    let mut scenarios = Vec::new();
    for &resize_percent in &[0, 10] {
        for &mebibytes in pools {
            for &fill_percent in fills {
                let pool_size = mebibytes << 20;
                let scenario = |mix| Scenario {
                    mix,
                    fill_percent,
                    pool_size,
                    resize_percent,
                };
                scenarios.extend(mixes().map(scenario));
            }
        }
    }
    scenarios
}

impl Scenario {
    /// The row's name.
    pub(crate) fn name(&self) -> String {
        let Self {
            mix,
            fill_percent,
            pool_size,
            resize_percent,
        } = self;
        let resizes = if *resize_percent > 0 { ", realloc" } else { "" };
        format!(
            "{}, {fill_percent} % of {} MiB{resizes}",
            mix.name,
            pool_size >> 20
        )
    }

    /// Draws the operations, the same for every heap.
    pub(crate) fn script(&self, measured: usize, seed: u64) -> Script {
        let mut rng = Rng::new(seed);
        let slots = self.pool_size * self.fill_percent / 100 / (self.mix.mean_size() + ALLOWANCE);
        let mut prepared: Vec<_> = (0..slots)
            .map(|slot| self.exchange(slot, false, &mut rng))
            .collect();
        prepared.extend((0..slots).map(|_| self.random_exchange(slots, &mut rng)));
        let measured = (0..measured)
            .map(|_| self.random_exchange(slots, &mut rng))
            .collect();
        Script {
            slots,
            prepared,
            measured,
        }
    }

    fn random_exchange(&self, slots: usize, rng: &mut Rng) -> Exchange {
        let slot = rng.below(slots);
        let resize = rng.percent(self.resize_percent);
        self.exchange(slot, resize, rng)
    }

    fn exchange(&self, slot: usize, resize: bool, rng: &mut Rng) -> Exchange {
        let layout = self.mix.draw(rng);
        Exchange {
            slot: u32::try_from(slot).expect("fewer than 2^32 slots"),
            size: u32::try_from(layout.size()).expect("sizes below 4 GiB"),
            align: u16::try_from(layout.align()).expect("alignments below 64 KiB"),
            resize,
        }
    }
}
