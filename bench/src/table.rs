//! Tables: aligned on the terminal, structured in a file.

use core::fmt;

use comfy_table::{presets, CellAlignment};
use serde::{Serialize, Serializer};

/// One figure of a table.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// A number and how many digits of its fraction are shown.
    Number(f64, usize),
    /// A middle and the most, where it differs.
    MedianAndMost(u64, u64),
    /// As `Number`, and the best of its row.
    Best(f64, usize),
    /// What was measured did not pass its checks.
    Failed,
    /// No figure: not possible, or given up.
    Missing,
}

impl Cell {
    /// The figure by which rows are compared.
    #[must_use]
    pub fn value(&self) -> Option<f64> {
        match *self {
            Self::Number(value, _) | Self::Best(value, _) => Some(value),
            Self::MedianAndMost(median, _) => u32::try_from(median).ok().map(f64::from),
            Self::Failed | Self::Missing => None,
        }
    }
}

impl From<Option<u64>> for Cell {
    fn from(count: Option<u64>) -> Self {
        count.map_or(Self::Missing, |count| Self::MedianAndMost(count, count))
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Number(value, digits) => write!(formatter, "{value:.digits$}"),
            Self::MedianAndMost(median, most) if median == most => write!(formatter, "{median}"),
            Self::MedianAndMost(median, most) => write!(formatter, "{median} ({most})"),
            Self::Best(value, digits) => write!(formatter, "{value:.digits$}*"),
            Self::Failed => formatter.write_str("fails"),
            Self::Missing => formatter.write_str("-"),
        }
    }
}

impl Serialize for Cell {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match *self {
            Self::Number(value, _) | Self::Best(value, _) => serializer.serialize_f64(value),
            Self::MedianAndMost(median, most) => [median, most].serialize(serializer),
            Self::Failed => serializer.serialize_str("fails"),
            Self::Missing => serializer.serialize_none(),
        }
    }
}

/// A named row of figures.
#[derive(Debug, Serialize)]
pub struct Row {
    /// What the row is about.
    pub name: String,
    /// A figure a column.
    pub cells: Vec<Cell>,
}

/// A table with its title and what is to be said about it.
#[derive(Debug, Serialize)]
pub struct Table {
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
    /// An empty table.
    pub fn new<C: Into<String>>(
        title: impl Into<String>,
        columns: impl IntoIterator<Item = C>,
    ) -> Self {
        let columns = columns.into_iter().map(Into::into).collect();
        Self {
            title: title.into(),
            columns,
            rows: Vec::new(),
            notes: Vec::new(),
        }
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
        format!("### {}\n\n{grid}\n\n{notes}", self.title)
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
