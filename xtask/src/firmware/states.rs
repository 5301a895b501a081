//! The longest operations in the states that the search has found.

use anyhow::{ensure, Context, Result};
use rlsf_bench_report::{Cell, Table};

use super::Run;

/// What is told of every heap, with a hundred free fragments and with a thousand.
const COLUMNS: [&str; 6] = [
    "100: allocate",
    "100: any alignment",
    "100: free",
    "1000: allocate",
    "1000: any alignment",
    "1000: free",
];

/// The table of what `states` has printed; no other program has one.
///
/// # Errors
///
/// A line is none of the program.
pub(super) fn read(run: &Run, printed: &str) -> Result<Option<Table>> {
    if run.program != "states" {
        return Ok(None);
    }
    let title = format!(
        "{run}: instructions of the longest operations that a search found, with so many free fragments"
    );
    let mut table = Table::new(run.to_string(), title, COLUMNS);
    let lines = printed.lines();
    for line in lines.filter_map(|line| line.strip_prefix("figure ")) {
        let (heap, counts) = line.split_once(' ').context("a line without figures")?;
        let counts: Vec<u64> = counts
            .split(' ')
            .map(str::parse)
            .collect::<Result<_, _>>()?;
        ensure!(
            counts.len() == COLUMNS.len(),
            "`{line}` is no line of {run}"
        );
        let cells = counts.into_iter().map(Cell::count).collect();
        table.push(heap.replace('-', " "), cells);
    }
    Ok(Some(table))
}
