//! The README's table of what is proven: written on request, and otherwise compared.

use core::fmt::Write;
use std::fs;

use anyhow::{Context, Result};

use super::{
    report::Row,
    target::{Shape, Target},
};
use crate::workspace::Workspace;

/// The document.
const FILE: &str = "README.md";

/// What stands around the table.
const MARKS: [&str; 2] = ["<!-- certify: begin -->\n", "<!-- certify: end -->"];

/// What a column tells.
struct Column {
    title: &'static str,
    target: Target,
    shape: Shape,
    is_cycles: bool,
}

/// The columns.
const COLUMNS: [Column; 6] = [
    instructions("x86-64, 28 × 32 bins", Target::X86_64, Shape::Large),
    instructions("x86-64, 12 × 16", Target::X86_64, Shape::Small),
    instructions("Cortex-M4", Target::Thumbv7em, Shape::Small),
    Column {
        is_cycles: true,
        ..instructions("its cycles", Target::Thumbv7em, Shape::Small)
    },
    instructions("Cortex-M0+", Target::Thumbv6m, Shape::Small),
    instructions("RV32IMAC", Target::Riscv32imac, Shape::Small),
];

/// The rows: an operation's number and what it is.
const LINES: [(u32, &str); 5] = [
    (1, "allocate, aligned to up to 8"),
    (0, "allocate, any alignment"),
    (2, "deallocate"),
    (3, "grow in place"),
    (4, "shrink in place"),
];

/// A column of instructions.
const fn instructions(title: &'static str, target: Target, shape: Shape) -> Column {
    Column {
        title,
        target,
        shape,
        is_cycles: false,
    }
}

/// Puts the figures into the document.
///
/// # Errors
///
/// The document has no place for them, or cannot be written.
pub(super) fn write(workspace: &Workspace, rows: &[Row]) -> Result<()> {
    let path = workspace.root().join(FILE);
    let text = fs::read_to_string(&path)?;
    let (before, _, after) = parts(&text)?;
    fs::write(path, format!("{before}{}{after}", table(rows)))?;
    Ok(())
}

/// The figures of the document that are not near those of `rows`.
///
/// # Errors
///
/// The document cannot be read, or has no table.
pub(super) fn differences(
    workspace: &Workspace,
    rows: &[Row],
    is_near: impl Fn(u64, u64) -> bool,
) -> Result<Vec<String>> {
    let text = fs::read_to_string(workspace.root().join(FILE))?;
    let (_, written, _) = parts(&text)?;
    let faults = compare(written, &table(rows), is_near);
    Ok(faults
        .into_iter()
        .map(|fault| format!("{FILE}: {fault}; `cargo xtask certify --write` puts it right"))
        .collect())
}

/// The document before the table, the table, and the document after it.
fn parts(text: &str) -> Result<(&str, &str, &str)> {
    let place = |mark: &str| {
        text.find(mark)
            .with_context(|| format!("{FILE} has no `{}`", mark.trim_end()))
    };
    let (begin, end) = (place(MARKS[0])? + MARKS[0].len(), place(MARKS[1])?);
    let table = text.get(begin..end).context("the marks are swapped")?;
    Ok((&text[..begin], table, &text[end..]))
}

/// What differs between two tables.
fn compare(written: &str, proven: &str, is_near: impl Fn(u64, u64) -> bool) -> Vec<String> {
    if written.lines().count() != proven.lines().count() {
        return vec!["the table has not the rows that it should have".to_owned()];
    }
    let mut faults = Vec::new();
    for (written, proven) in written.lines().zip(proven.lines()).skip(2) {
        let name = proven.split('|').nth(1).unwrap_or_default().trim();
        for (written, proven) in written.split('|').zip(proven.split('|')).skip(2) {
            let [old, new] = [number(written), number(proven)];
            // Nothing is known of a target that was not asked for.
            let is_same = new.is_none() || old.zip(new).is_some_and(|(old, new)| is_near(old, new));
            if !is_same {
                let [written, proven] = [written.trim(), proven.trim()];
                faults.push(format!("{name}: {proven}, not {written}"));
            }
        }
    }
    faults
}

/// The number at the start of a cell: what is proven. What was observed may change.
fn number(cell: &str) -> Option<u64> {
    cell.split_whitespace().next()?.parse().ok()
}

/// The table: what is proven, and in brackets the most that a run executed.
fn table(rows: &[Row]) -> String {
    let titles = COLUMNS.map(|column| column.title).join(" | ");
    let mut text = format!("| | {titles} |\n|---{}|\n", "|---".repeat(COLUMNS.len()));
    for (number, name) in LINES {
        let cells = COLUMNS
            .map(|column| cell(rows, &column, number))
            .join(" | ");
        writeln!(text, "| {name} | {cells} |").expect("a string takes any text");
    }
    text
}

/// What a column tells of an operation; nothing for a target that was not asked for.
fn cell(rows: &[Row], column: &Column, number: u32) -> String {
    let found = rows.iter().find(|row| {
        let operation = row.operation;
        row.target == column.target && operation.shape == column.shape && operation.number == number
    });
    match found {
        Some(row) if column.is_cycles => row.proof.cycles.to_string(),
        Some(row) => format!("{} ({})", row.proof.instructions, row.observed.most()),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRITTEN: &str = "| | a | b |\n|---|---|---|\n| free | 100 (90) | 7 |\n";

    fn differences(proven: &str) -> Vec<String> {
        compare(WRITTEN, proven, |a, b| a.abs_diff(b) <= 5)
    }

    #[test]
    fn figures_that_are_near_are_no_difference() {
        assert_eq!(differences(&WRITTEN.replace("100", "105")), [""; 0]);
    }

    #[test]
    fn a_figure_that_is_not_near_is_named() {
        let found = differences(&WRITTEN.replace("100", "106"));
        assert_eq!(found, ["free: 106 (90), not 100 (90)"]);
    }

    #[test]
    fn a_column_without_figures_is_not_compared() {
        assert_eq!(differences(&WRITTEN.replace('7', " ")), [""; 0]);
    }

    #[test]
    fn a_missing_row_is_a_difference() {
        assert_eq!(differences("| | a | b |\n|---|---|---|\n").len(), 1);
    }

    #[test]
    fn a_document_without_the_marks_is_an_error() {
        assert!(parts("no table").is_err());
    }
}
