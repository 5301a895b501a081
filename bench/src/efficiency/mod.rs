//! The command `efficiency`: how much of a pool a heap can make use of.

mod aligned_fill;
mod arena;
mod free_again;
mod long_run;
mod mixes;
mod overhead;

use core::time::Duration;

use indicatif::ProgressBar;

use crate::contestant::Contestant;
use crate::heaps::PUBLISHED_VARIANTS;
use crate::throughput::Extent;
use rlsf_bench_report::{Cell, Table};

/// How long one run may take: a linear heap needs hours for what others do in a second.
const LIMIT: Duration = Duration::from_secs(10);

/// Measures and returns the tables.
#[must_use]
pub fn run(
    heaps: &[&'static Contestant],
    extent: Extent,
    seed: u64,
    progress: &ProgressBar,
) -> Vec<Table> {
    let variants = if heaps.len() > 1 {
        PUBLISHED_VARIANTS
    } else {
        &[]
    };
    let with_variants: Vec<_> = heaps.iter().copied().chain(variants).collect();
    let say = |test: &'static str| progress.set_message(format!("efficiency: {test}"));
    say("mixes");
    let mixes = mixes::measure(heaps, seed);
    say("efficiency");
    let arena = arena::measure(&with_variants, seed);
    say("aligned fill");
    let aligned_fill = aligned_fill::measure(heaps);
    say("free again");
    let free_again = free_again::measure(&with_variants);
    say("overhead");
    let overhead = overhead::measure(heaps);
    say("long run");
    let long_run = long_run::measure(heaps, extent, seed);
    vec![mixes, arena, aligned_fill, free_again, overhead, long_run]
}

/// A part of a whole in percent.
fn percent(part: usize, whole: usize) -> f64 {
    let exact =
        |bytes: usize| f64::from(u32::try_from(bytes).expect("pools here are smaller than 4 GiB"));
    100.0 * exact(part) / exact(whole)
}

/// The mean of percentages, or nothing if one of them is missing.
fn mean(shares: &[Option<f64>]) -> Cell {
    let count = u32::try_from(shares.len()).expect("a few");
    let sum: Option<f64> = shares.iter().copied().sum();
    sum.map_or(Cell::Missing, |sum| Cell::Number(sum / f64::from(count), 2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::heaps::HEAPS;

    /// Every figure is exact for a seed: what the heap has reached it must not lose.
    ///
    /// The heap efficiency is that of one seed and the mean of ten, 200 fills: that of one varies by
    /// a tenth with any change of the order in which blocks are found.
    #[test]
    fn what_a_pool_holds_has_not_become_less() {
        let ours = [&HEAPS[0]];
        assert_eq!(ours[0].name, "rlsf");
        let tables = run(&ours, Extent::Quick, 1, &ProgressBar::hidden());
        let least = [
            (0, "1-256 B", 90.8),
            (0, "embedded", 93.2),
            (0, "8 B-64 KiB", 95.5),
            (0, "over-aligned", 87.1),
            (0, "recorded", 53.2),
            (1, "efficiency", 97.3),
            (2, "then 32 B", 89.8),
            (2, "then 1000 B", 98.8),
        ];
        for (table, column, bound) in least {
            let cell = tables[table].cell("rlsf", column).expect("measured");
            let value = cell.value().expect("a number");
            assert!(value >= bound, "{column}: {value} is below {bound}");
        }
        let shares = (1..=10).map(|seed| {
            let table = arena::measure(&ours, seed);
            let cell = table.cell("rlsf", "efficiency").expect("measured");
            cell.value().expect("a number")
        });
        let efficiency = shares.sum::<f64>() / 10.0;
        assert!(efficiency >= 97.35, "efficiency: {efficiency}");
        let refused = tables[3].cell("rlsf", "fails, %").expect("measured");
        assert!(refused.value().expect("a number").abs() < f64::EPSILON);
    }
}
