//! The comparison as a table of the README.

use core::fmt::{self, Write};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::allocator::Allocator;
use super::measure::Run;
use super::program::Program;

const BEGIN: &str = "<!-- real-programs: cargo xtask real-programs --write -->\n";
const END: &str = "<!-- end -->";

/// The table: a row a program, for each allocator time and peak memory as parts of the first one's.
pub(super) struct Table {
    names: Vec<&'static str>,
    rows: Vec<Row>,
}

struct Row {
    program: &'static str,
    seconds: f64,
    mebibytes: f64,
    /// Of every allocator but the first: time and peak memory.
    ratios: Vec<[f64; 2]>,
}

impl Table {
    pub(super) fn new(allocators: &[Allocator]) -> Self {
        Self {
            names: allocators.iter().map(|allocator| allocator.name).collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a program's runs on each allocator; the row as text.
    pub(super) fn add(&mut self, program: &Program, runs: &[Vec<Run>]) -> String {
        let figures: Vec<[f64; 2]> = runs.iter().map(|runs| medians(runs)).collect();
        let [seconds, bytes] = figures[0];
        let row = Row {
            program: program.name,
            seconds,
            mebibytes: bytes / f64::from(1 << 20),
            ratios: figures[1..]
                .iter()
                .map(|figure| [figure[0] / seconds, figure[1] / bytes])
                .collect(),
        };
        let text = row.to_string();
        self.rows.push(row);
        text
    }

    /// The geometric mean over the programs of one figure of an allocator.
    fn mean(&self, allocator: usize, figure: usize) -> f64 {
        let logarithms = self
            .rows
            .iter()
            .map(|row| row.ratios[allocator][figure].ln());
        #[allow(clippy::cast_precision_loss)] // a few
        let count = self.rows.len() as f64;
        (logarithms.sum::<f64>() / count).exp()
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (program, seconds, mebibytes) = (self.program, self.seconds, self.mebibytes);
        write!(f, "| {program} | {seconds:.2} s, {mebibytes:.0} MiB |")?;
        for [time, peak] in &self.ratios {
            write!(f, " {time:.2}, {peak:.2} |")?;
        }
        Ok(())
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| | {} |", self.names.join(" | "))?;
        writeln!(f, "|{}", "---|".repeat(self.names.len() + 1))?;
        for row in &self.rows {
            writeln!(f, "{row}")?;
        }
        let mut means = String::new();
        for allocator in 0..self.names.len() - 1 {
            let (time, peak) = (self.mean(allocator, 0), self.mean(allocator, 1));
            write!(means, " **{time:.2}, {peak:.2}** |")?;
        }
        writeln!(f, "| geometric mean | 1, 1 |{means}")
    }
}

/// The medians of time in seconds and of peak memory in bytes.
fn medians(runs: &[Run]) -> [f64; 2] {
    #[allow(clippy::cast_precision_loss)] // three digits are shown
    let peaks = runs.iter().map(|run| run.peak as f64).collect();
    [
        median(runs.iter().map(|run| run.time.as_secs_f64()).collect()),
        median(peaks),
    ]
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Replaces the table in a document.
pub(super) fn write_into(path: &Path, table: &str) -> Result<()> {
    let text = fs::read_to_string(path)?;
    let replaced = replace(&text, table)
        .with_context(|| format!("{} has no place for the table", path.display()))?;
    fs::write(path, replaced).with_context(|| format!("cannot write {}", path.display()))
}

fn replace(text: &str, table: &str) -> Option<String> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}{table}{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::time::Duration;

    fn run(seconds: u64, peak: u64) -> Run {
        Run {
            output: String::new(),
            time: Duration::from_secs(seconds),
            peak,
        }
    }

    #[test]
    fn medians_are_compared_with_the_first_allocator_s() {
        let mut table = Table {
            names: vec!["glibc", "rlsf"],
            rows: Vec::new(),
        };
        let program = &super::super::program::PROGRAMS[0];
        let system = vec![run(2, 1 << 20), run(9, 9 << 20), run(2, 1 << 20)];
        let ours = vec![run(1, 4 << 20), run(1, 4 << 20), run(7, 1 << 20)];
        let row = table.add(program, &[system, ours]);
        assert_eq!(row, "| python | 2.00 s, 1 MiB | 0.50, 4.00 |");
        assert!(table.to_string().contains("| 1, 1 | **0.50, 4.00** |"));
    }

    #[test]
    fn only_the_table_s_place_is_replaced() {
        let text = format!("a\n{BEGIN}old\n{END}\nb\n");
        let expected = format!("a\n{BEGIN}new\n{END}\nb\n");
        assert_eq!(replace(&text, "new\n"), Some(expected));
        assert_eq!(replace("nothing", "new\n"), None);
    }
}
