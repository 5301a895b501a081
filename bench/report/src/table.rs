//! Tables: aligned on the terminal, structured in a file.

use core::fmt;

use comfy_table::{presets, CellAlignment};
use serde::{Deserialize, Serialize};

use crate::Cell;

/// A named row of figures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// What the row is about.
    pub name: String,
    /// A figure a column.
    pub cells: Vec<Cell>,
}

/// Where a table has its heaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Axis {
    /// A row a heap.
    Rows,
    /// A column a heap.
    Columns,
    /// The table tells of something else.
    Nowhere,
}

/// A table with its title and what is to be said about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// One or two words by which the table is found again; no other one of the report has them.
    pub name: String,
    /// Where the heaps are.
    pub heaps: Axis,
    /// What the figures are, with their unit.
    pub title: String,
    /// The names of the columns, without that of the row names.
    pub columns: Vec<String>,
    /// The rows.
    pub rows: Vec<Row>,
    /// Remarks below the table.
    pub notes: Vec<String>,
}

impl Table {
    /// An empty table with a row a heap.
    pub fn new<C: Into<String>>(
        name: impl Into<String>,
        title: impl Into<String>,
        columns: impl IntoIterator<Item = C>,
    ) -> Self {
        let columns = columns.into_iter().map(Into::into).collect();
        Self {
            name: name.into(),
            heaps: Axis::Rows,
            title: title.into(),
            columns,
            rows: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// The same table with a column a heap.
    #[must_use]
    pub fn with_heaps(self, heaps: Axis) -> Self {
        Self { heaps, ..self }
    }

    /// Shows a heap that was not measured, since it did not pass its checks.
    pub fn push_failing(&mut self, heap: &str, fault: &str) {
        match self.heaps {
            Axis::Nowhere => return,
            Axis::Rows => {
                let cells = vec![Cell::Failed; self.columns.len()];
                self.push(heap, cells);
            }
            Axis::Columns => {
                self.columns.push(heap.to_owned());
                for row in &mut self.rows {
                    row.cells.push(Cell::Failed);
                }
            }
        }
        self.notes.push(format!("{heap} fails: {fault}"));
    }

    /// Adds a row.
    pub fn push(&mut self, name: impl Into<String>, cells: Vec<Cell>) {
        self.rows.push(Row {
            name: name.into(),
            cells,
        });
    }

    /// The cell of a row and a column.
    #[must_use]
    pub fn cell(&self, row: &str, column: &str) -> Option<&Cell> {
        let column = self.columns.iter().position(|name| name == column)?;
        self.rows
            .iter()
            .find(|known| known.name == row)?
            .cells
            .get(column)
    }

    /// The same table with every figure divided by that of the row `baseline`, or nothing without
    /// such a row.
    #[must_use]
    pub fn ratios_to(&self, baseline: &str) -> Option<Self> {
        let base = self.rows.iter().find(|row| row.name == baseline)?;
        let mut ratios = Self::new(
            format!("{} ratio", self.name),
            format!("{}, ratio to {baseline}", self.title),
            self.columns.clone(),
        );
        for row in &self.rows {
            let cells = row
                .cells
                .iter()
                .zip(&base.cells)
                .map(|(cell, base)| ratio(cell, base))
                .collect();
            ratios.push(row.name.clone(), cells);
        }
        Some(ratios)
    }

    /// Notes where this run is more than `tolerance` (a fraction) away from what others published.
    pub fn compare_with(&mut self, figures: &[Figure], tolerance: f64) {
        let differences: Vec<String> = figures
            .iter()
            .filter_map(|figure| self.difference(figure, tolerance))
            .collect();
        if !differences.is_empty() {
            self.notes.push(format!(
                "differs from what others saw: {}",
                differences.join("; ")
            ));
        }
    }

    /// Marks the least number of the last row as the best, numbers as good as it as well.
    pub fn mark_least(&mut self) {
        let Some(row) = self.rows.last_mut() else {
            return;
        };
        let least = row.cells.iter().filter_map(Cell::value);
        let least = least.fold(f64::INFINITY, f64::min);
        for cell in &mut row.cells {
            if let Cell::Number(value, digits) = *cell {
                if value <= least {
                    *cell = Cell::Best(value, digits);
                }
            }
        }
    }

    /// The table as Markdown.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let notes = self.notes.iter().map(|note| format!("- {note}\n"));
        let notes: String = notes.collect();
        let grid = self.grid(presets::ASCII_MARKDOWN);
        let gap = if notes.is_empty() { "" } else { "\n" };
        format!("## {}\n\n{grid}\n{gap}{notes}", self.title)
    }

    /// The cells, with numbers flush right.
    fn grid(&self, preset: &str) -> comfy_table::Table {
        let mut grid = comfy_table::Table::new();
        grid.load_preset(preset);
        grid.set_header(core::iter::once(String::new()).chain(self.columns.iter().cloned()));
        for row in &self.rows {
            let cells = row.cells.iter().map(ToString::to_string);
            grid.add_row(core::iter::once(row.name.clone()).chain(cells));
        }
        for column in grid.column_iter_mut().skip(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        grid
    }

    fn difference(&self, &(row, column, seen): &Figure, tolerance: f64) -> Option<String> {
        let here = self.cell(row, column)?.value()?;
        let differs = (here - seen).abs() > tolerance * seen;
        differs.then(|| format!("{row} {column} {here:.1}, not {seen}"))
    }
}

/// A row, a column and the figure that others saw there.
pub type Figure = (&'static str, &'static str, f64);

fn ratio(cell: &Cell, base: &Cell) -> Cell {
    match (cell.value(), base.value()) {
        (Some(value), Some(base)) if base > 0.0 => Cell::Number(value / base, 2),
        _ => Cell::Missing,
    }
}

impl fmt::Display for Table {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let grid = self.grid(presets::NOTHING);
        writeln!(formatter, "{}\n{}", self.title, grid.trim_fmt())?;
        self.notes
            .iter()
            .try_for_each(|note| writeln!(formatter, "  {note}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heap_that_fails_is_shown_wherever_the_heaps_are() {
        let mut table = Table::new("a", "a table", ["x", "y"]);
        table.push("one", vec![Cell::count(1), Cell::count(2)]);
        table.push_failing("other", "overlaps");
        assert_eq!(table.cell("other", "y"), Some(&Cell::Failed));
        let mut table = Table::new("a", "a table", ["one"]).with_heaps(Axis::Columns);
        table.push("x", vec![Cell::count(1)]);
        table.push_failing("other", "overlaps");
        assert_eq!(table.cell("x", "other"), Some(&Cell::Failed));
        assert_eq!(table.notes, ["other fails: overlaps"]);
    }

    #[test]
    fn the_least_of_a_row_is_marked() {
        let mut table = Table::new("a", "a table", ["x", "y", "z"]);
        let cells = [2.0, 1.0, 1.0].map(|value| Cell::Number(value, 0));
        table.push("row", cells.to_vec());
        table.mark_least();
        assert_eq!(table.cell("row", "x"), Some(&Cell::Number(2.0, 0)));
        assert_eq!(table.cell("row", "z"), Some(&Cell::Best(1.0, 0)));
    }
}
