//! The child process: one workload on one heap, from an empty heap to the end.

use crate::args::ChildOptions;
use crate::error::Error;
use crate::input;
use crate::meter::Tally;
use crate::outcome::{AtPeak, Calls, Measured, Outcome, Picture};
use crate::workload::Prepared;
use crate::ALLOCATOR;
use std::fs;
use std::io::{self, Write};
use std::time::Instant;

/// Runs the workload and answers on the standard output.
///
/// # Errors
///
/// The input file cannot be read any more, or nobody reads the answer.
pub(crate) fn run(options: &ChildOptions) -> Result<(), Error> {
    let text = options.file.as_deref().map(input::read).transpose()?;
    let prepared = Prepared::new(options.workload, options.seed, text);
    let clock = clock_cost();
    ALLOCATOR.open(options.look_at, options.cells);
    let start = Instant::now();
    let checksum = prepared.run();
    let nanoseconds = u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX);
    let tally = ALLOCATOR.close();
    let outcome = Outcome {
        about: prepared.about(),
        checksum,
        nanoseconds,
        peak_resident: peak_resident(),
        measured: ALLOCATOR.is_metered().then(|| measured(&tally, clock)),
    };
    let answer = serde_json::to_string(&outcome)
        .map_err(|error| Error::Run(format!("the answer: {error}")))?;
    writeln!(io::stdout(), "{answer}").map_err(|error| Error::of_output(&error))
}

fn measured(tally: &Tally, clock: u64) -> Measured {
    let (at_peak, picture) = seen();
    Measured {
        calls: Calls {
            allocations: tally.allocations,
            frees: tally.frees,
            resizes: tally.resizes,
        },
        peak_live: tally.peak_live,
        peak_call: tally.peak_call,
        worst: tally.worst,
        p999: tally.latencies.quantile(999),
        clock,
        at_peak,
        picture,
    }
}

/// What was read at the peak.
fn seen() -> (Option<AtPeak>, Option<Picture>) {
    let view = ALLOCATOR.view();
    let at_peak = view.figures.map(|figures| AtPeak {
        live: view.live,
        held: figures.held,
        taken: figures.taken,
    });
    let picture = Picture::of(&view.map);
    (at_peak, (!picture.cells.is_empty()).then_some(picture))
}

/// The least time between two readings of the clock, in nanoseconds.
fn clock_cost() -> u64 {
    let pairs = (0..1000).map(|_| Instant::now().elapsed().as_nanos());
    u64::try_from(pairs.min().unwrap_or(0)).unwrap_or(u64::MAX)
}

/// The kernel's high-water mark of this process's memory, in bytes.
fn peak_resident() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}
