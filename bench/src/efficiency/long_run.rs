//! Fragmentation in the long run: a steady load, and the smallest pool that survives it.
//!
//! A thousand blocks live; in each operation a random one goes and another one comes.

use core::time::Duration;

use rlsf_bench_report::{Cell, Table};

use crate::clock::Stopwatch;
use crate::contestant::Contestant;
use crate::mix::{Alignments, Mix, Sizes};
use crate::open_heap::OpenHeap;
use crate::rng::Rng;
use crate::smallest::{smallest_pool, Try};
use crate::throughput::exchange::{Exchange, Slot};
use crate::throughput::Extent;

/// The blocks that live.
const BLOCKS: usize = 1_000;

/// Layouts that are drawn once, and then again and again.
const LAYOUTS: usize = 1 << 16;

/// Operations between two looks at the clock.
const STRETCH: usize = 4_096;

/// How long an operation may take on average, and what is granted beyond.
const PACE: Duration = Duration::from_nanos(400);
const GRACE: Duration = Duration::from_secs(1);

/// Operations, a free and an allocation together, and the part of the peak to which a pool is found.
const fn plan(extent: Extent) -> (usize, usize) {
    match extent {
        Extent::Full => (50_000_000, 500),
        Extent::Quick => (500_000, 50),
    }
}

/// The load: the same one for every heap.
struct Load {
    name: &'static str,
    layouts: Vec<(u32, u16)>,
    seed: u64,
    exchanges: usize,
}

fn loads(extent: Extent, seed: u64) -> [Load; 2] {
    let load = |name, sizes| {
        let mix = Mix {
            name,
            sizes,
            alignments: Alignments::Only(8),
        };
        let mut rng = Rng::new(seed);
        let mut draw = || {
            let layout = mix.draw(&mut rng);
            let size = u32::try_from(layout.size()).expect("sizes below 4 GiB");
            (size, u16::try_from(layout.align()).expect("aligned to 8"))
        };
        Load {
            name,
            layouts: (0..LAYOUTS).map(|_| draw()).collect(),
            seed,
            exchanges: plan(extent).0,
        }
    };
    [
        load("16 B-4 KiB", Sizes::LogUniform(16, 4 << 10)),
        load("embedded", Sizes::Embedded),
    ]
}

impl Load {
    /// Its operations.
    fn draw(&self) -> impl FnMut() -> Exchange + '_ {
        let mut rng = Rng::new(self.seed);
        move || {
            let (size, align) = self.layouts[rng.below(LAYOUTS)];
            Exchange {
                slot: u32::try_from(rng.below(BLOCKS)).expect("a thousand"),
                size,
                align,
                resize: false,
            }
        }
    }

    /// The most bytes that live at a time.
    fn peak(&self) -> usize {
        let mut draw = self.draw();
        let mut slots = [0; BLOCKS];
        let (mut live, mut most) = (0, 0);
        for _ in 0..self.exchanges {
            let exchange = draw();
            let slot = &mut slots[exchange.slot as usize];
            live = live - *slot + exchange.size as usize;
            *slot = exchange.size as usize;
            most = most.max(live);
        }
        most
    }

    /// Runs it in a fresh pool.
    fn attempt(&self, heap: &'static Contestant, pool_size: usize) -> Try {
        let mut heap = OpenHeap::new(heap, pool_size);
        let mut slots = vec![Slot::EMPTY; BLOCKS];
        let mut draw = self.draw();
        let start = Stopwatch::start();
        let mut allowed = GRACE;
        let mut left = self.exchanges;
        while left > 0 {
            let count = left.min(STRETCH);
            let exchanges: Vec<_> = (0..count).map(|_| draw()).collect();
            // SAFETY: the slots were filled by this heap alone.
            if unsafe { heap.exchange(&mut slots, &exchanges) } > 0 {
                return Try::Fails;
            }
            left -= count;
            allowed += PACE * u32::try_from(count).expect("a stretch is short");
            if start.elapsed() > allowed {
                return Try::Slow;
            }
        }
        Try::Completes
    }
}

/// Looks for the smallest pool of every heap.
pub(crate) fn measure(heaps: &[&'static Contestant], extent: Extent, seed: u64) -> Table {
    let loads = loads(extent, seed);
    let (exchanges, part) = plan(extent);
    let operations = 2 * exchanges;
    let title = format!(
        "smallest pool that survives {operations} operations of a steady load, ratio to its peak of live bytes"
    );
    let mut table = Table::new("long run", title, loads.iter().map(|load| load.name));
    let peaks: Vec<_> = loads.iter().map(Load::peak).collect();
    for heap in heaps {
        let mut cells = Vec::new();
        for (load, &peak) in loads.iter().zip(&peaks) {
            let attempt = |pool| load.attempt(heap, pool);
            let found = smallest_pool(peak, peak / part, attempt);
            cells.push(found.map_or(Cell::Missing, |pool| Cell::Number(ratio(pool, peak), 3)));
            if found == Err(Try::Slow) {
                let note = format!("{} takes too long for {}", heap.name, load.name);
                table.notes.push(note);
            }
        }
        table.push(heap.name, cells);
    }
    table
}

#[expect(clippy::cast_precision_loss, reason = "pools are far below 2^52 bytes")]
fn ratio(pool: usize, peak: usize) -> f64 {
    pool as f64 / peak as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::heaps::HEAPS;

    #[test]
    fn a_steady_load_survives_in_a_quarter_more_than_its_peak_and_not_in_less_than_it() {
        for load in loads(Extent::Quick, 1) {
            let peak = load.peak();
            assert_eq!(load.attempt(&HEAPS[0], peak), Try::Fails, "{}", load.name);
            let ample = peak + peak / 4;
            assert_eq!(load.attempt(&HEAPS[0], ample), Try::Completes);
        }
    }
}
