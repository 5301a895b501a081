//! The instructions that the stress has counted.

use anyhow::{bail, ensure, Context, Result};
use rlsf_bench_report::{Cell, Table};

use super::Run;

/// The heap that ratios refer to.
const BASELINE: &str = "published";

/// What is told of every heap.
const COLUMNS: [&str; 7] = [
    "free and allocate",
    "ratio",
    "allocate, up to 8 B",
    "16 or 32 B",
    "longest allocate",
    "longest free",
    "refused",
];

/// One heap's line.
struct Line {
    heap: String,
    /// Mean instructions of a free and an allocation; of an allocation at no more than 8 bytes; at 16 or 32.
    means: [f64; 3],
    /// The longest allocation, the longest free, requests that were refused.
    counts: [u32; 3],
}

/// The table of what the stress `run` has printed; no other program has one.
///
/// # Errors
///
/// A line is none of the stress, or our heap has refused a request.
pub(super) fn read(run: &Run, printed: &str) -> Result<Option<Table>> {
    if run.program != "stress" {
        return Ok(None);
    }
    let lines = printed
        .lines()
        .filter_map(|line| line.strip_prefix("figure "));
    let lines: Vec<_> = lines.map(parse).collect::<Result<_>>()?;
    let base = lines.iter().find(|line| line.heap == BASELINE);
    let base = base.with_context(|| format!("{run} has not measured rlsf 0.2.3"))?;
    let title = format!("{run}: instructions, means and the most");
    let mut table = Table::new(run.to_string(), title, COLUMNS);
    for line in &lines {
        let [longest_allocation, longest_free, refused] = line.counts;
        let is_ours = line.heap.starts_with("ours");
        ensure!(!is_ours || refused == 0, "{run}: we refused {refused}");
        let [pair, plain, aligned] = line.means;
        let ratio = Cell::Number(pair / base.means[0], 3);
        let [pair, plain, aligned] = [pair, plain, aligned].map(|mean| Cell::Number(mean, 2));
        let counts = [longest_allocation, longest_free, refused];
        let counts = counts.map(|count| Cell::count(count.into()));
        let cells = [pair, ratio, plain, aligned].into_iter().chain(counts);
        table.push(line.heap.replace('-', " "), cells.collect());
    }
    Ok(Some(table))
}

/// Reads one line.
fn parse(line: &str) -> Result<Line> {
    let mut words = line.split(' ');
    let heap = words.next().unwrap_or_default().to_owned();
    let numbers: Vec<u32> = words.map(str::parse).collect::<Result<_, _>>()?;
    let [pair, plain, aligned, longest_allocation, longest_free, refused] = numbers[..] else {
        bail!("`{line}` is no line of the stress");
    };
    Ok(Line {
        heap,
        means: [pair, plain, aligned].map(|hundredths| f64::from(hundredths) / 100.0),
        counts: [longest_allocation, longest_free, refused],
    })
}
