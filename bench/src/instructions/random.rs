//! A random run: the middle, the rare and the worst count of allocate and free.

use nix::errno::Errno;

use crate::contestant::Contestant;
use crate::mix::{Alignments, Mix, Sizes};
use crate::open_heap::{Block, OpenHeap};
use crate::rng::Rng;
use rlsf_bench_report::{Cell, Table};
use rlsf_stepper::{announce, Outcome, Trace};

use super::{count as count_calls, for_each_heap, Measure, LIMIT};

/// The number of blocks that may live at once.
const SLOTS: usize = 400;

/// Ample, so that no request fails.
const POOL_SIZE: usize = 16 << 20;

/// The places of the two operations in the list of counted functions.
const ALLOCATE: usize = 0;
const FREE: usize = 1;

/// One random run.
pub(crate) struct Run {
    pub(crate) title: &'static str,
    name: &'static str,
    pub(crate) seen_by_others: bool,
    mix: Mix,
}

/// The run with ordinary requests, and one with over-aligned requests among them.
pub(crate) fn runs() -> [Run; 2] {
    let run = |name, title, seen_by_others, percent| Run {
        title,
        name,
        seen_by_others,
        mix: Mix {
            name,
            sizes: Sizes::LogUniform(16, 32 << 10),
            alignments: Alignments::Over(percent),
        },
    };
    [
        run("random", "random run, 16 B-32 KiB", true, 0),
        run(
            "random aligned",
            "random run, 20 % of the requests aligned to 16-4096",
            false,
            20,
        ),
    ]
}

/// The columns.
const COLUMNS: [&str; 6] = [
    "allocate median",
    "allocate 99.9 %",
    "allocate most",
    "free median",
    "free 99.9 %",
    "free most",
];

/// Counts the run for each heap; a table for each of what is counted, all of one trace.
pub(crate) fn count(
    run: &Run,
    heaps: &[&'static Contestant],
    operations: usize,
    seed: u64,
    measures: &[Measure],
) -> Result<Vec<Table>, Errno> {
    let traces = for_each_heap(heaps, |heap| {
        let mut opened = OpenHeap::new(heap, POOL_SIZE);
        let operations = || operate(&mut opened, &run.mix, operations, seed);
        count_calls(heap, measures[0], LIMIT, operations)
    })?;
    let tables = measures
        .iter()
        .map(|&measure| table(run, heaps, &traces, measure));
    Ok(tables.collect())
}

fn table(run: &Run, heaps: &[&'static Contestant], traces: &[Trace], measure: Measure) -> Table {
    let title = format!("{}: {}", run.title, measure.name());
    let name = match measure {
        Measure::LinesWritten => format!("{} written", run.name),
        _ => run.name.to_owned(),
    };
    let mut table = Table::new(name, title, COLUMNS);
    for (heap, Trace { samples, outcome }) in heaps.iter().zip(traces) {
        let note = shortfall(*outcome, samples.len());
        table
            .notes
            .extend(note.map(|why| format!("{}: {why}", heap.name)));
        let counts_of = |function| {
            let of_it = samples
                .iter()
                .filter(move |sample| sample.function == function);
            of_it.map(|sample| measure.of(sample))
        };
        let cells = [ALLOCATE, FREE].map(|function| spread(counts_of(function)));
        table.push(heap.name, cells.into_iter().flatten().collect());
    }
    table
}

/// What is to be said about a run that did not come to its end.
fn shortfall(outcome: Outcome, operations: usize) -> Option<String> {
    match outcome {
        Outcome::Finished => None,
        Outcome::Failed => Some(format!("a request failed after {operations} operations")),
        Outcome::TimeIsUp => Some(format!("only {operations} operations, as time was up")),
    }
}

/// Draws a slot each time: a block in it is freed, otherwise one is allocated.
fn operate(heap: &mut OpenHeap, mix: &Mix, operations: usize, seed: u64) -> Option<()> {
    let mut rng = Rng::new(seed);
    let mut slots: Vec<Option<Block>> = (0..SLOTS).map(|_| None).collect();
    for _ in 0..operations {
        let slot = &mut slots[rng.below(SLOTS)];
        let block = slot.take();
        let layout = mix.draw(&mut rng);
        announce(0);
        match block {
            Some(block) => heap.free(block),
            None => *slot = Some(heap.allocate(layout)?),
        }
    }
    Some(())
}

/// The median, the 99.9th percentile and the maximum.
fn spread(counts: impl Iterator<Item = u64>) -> [Cell; 3] {
    let mut counts: Vec<u64> = counts.collect();
    counts.sort_unstable();
    [500, 999, 1000].map(|mille| {
        counts
            .get((counts.len() * mille / 1000).min(counts.len().wrapping_sub(1)))
            .copied()
            .into()
    })
}
