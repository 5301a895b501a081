//! `bench/tables.toml`: which figures of the results stand where.

use core::fmt::Write;
use std::{collections::BTreeMap, fs};

use anyhow::{Context, Result};
use rlsf_bench_report::{Axis, Cell, Report, Table};
use serde::Deserialize;

use crate::workspace::Workspace;

/// Where the file is.
const FILE: &str = "bench/tables.toml";

/// The file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Spec {
    tables: Vec<TableSpec>,
}

/// A table of a document: a column a heap, a row a measure.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TableSpec {
    /// Its name in the document's comment.
    pub(super) name: String,
    document: String,
    /// The heaps: their names in the results, and in the document.
    heaps: Vec<[String; 2]>,
    rows: Vec<RowSpec>,
}

/// A row: one or more figures of each heap.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RowSpec {
    title: String,
    /// The file of the results, without `.jsonl`.
    results: String,
    /// The table in there.
    table: String,
    /// The columns, or rows, of that table.
    figures: Vec<String>,
    /// The digits behind the point, if not as many as in the results.
    digits: Option<usize>,
}

impl Spec {
    /// Reads the file of the checkout.
    pub(super) fn read(workspace: &Workspace) -> Result<Self> {
        let text = fs::read_to_string(workspace.root().join(FILE)).context(FILE)?;
        toml_edit::de::from_str(&text).context(FILE)
    }

    /// The documents, each once.
    pub(super) fn documents(&self) -> Vec<&str> {
        let mut documents: Vec<_> = self.tables.iter().map(|it| it.document.as_str()).collect();
        documents.sort_unstable();
        documents.dedup();
        documents
    }

    /// The tables of a document.
    pub(super) fn tables_of<'a>(
        &'a self,
        document: &'a str,
    ) -> impl Iterator<Item = &'a TableSpec> + 'a {
        self.tables.iter().filter(move |it| it.document == document)
    }
}

impl TableSpec {
    /// The table with its figures, as Markdown.
    ///
    /// # Errors
    ///
    /// There is no such figure.
    pub(super) fn fill(&self, reports: &BTreeMap<String, Report>) -> Result<String> {
        let titles: Vec<_> = self.heaps.iter().map(|[_, title]| title.as_str()).collect();
        let rule = "---|".repeat(titles.len() + 1);
        let mut text = format!("| | {} |\n|{rule}\n", titles.join(" | "));
        for row in &self.rows {
            let report = reports.get(&row.results);
            let table = report.and_then(|report| report.table(&row.table));
            let missing = || format!("{}: no table `{}`", row.results, row.table);
            let table = table.with_context(missing)?;
            write!(text, "| {} |", row.title)?;
            for [heap, _] in &self.heaps {
                write!(text, " {} |", row.cell(table, heap)?)?;
            }
            text.push('\n');
        }
        Ok(text)
    }
}

impl RowSpec {
    /// The figures of a heap.
    fn cell(&self, table: &Table, heap: &str) -> Result<String> {
        let figure = |figure: &String| {
            let cell = if table.heaps == Axis::Columns {
                table.cell(figure, heap)
            } else {
                table.cell(heap, figure)
            };
            let missing = || format!("{} {}: no {figure} of {heap}", self.results, self.table);
            Ok(self.show(cell.with_context(missing)?))
        };
        let figures = self.figures.iter().map(figure);
        Ok(figures.collect::<Result<Vec<_>>>()?.join(", "))
    }

    /// A figure without marks, with the row's digits.
    fn show(&self, cell: &Cell) -> String {
        match (cell.unmarked(), self.digits) {
            (Cell::Number(value, _), Some(digits)) => format!("{value:.digits$}"),
            (cell, _) => cell.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rlsf_bench_report::Machine;

    const TEXT: &str = "
        [[tables]]
        name = \"one\"
        document = \"README.md\"
        heaps = [[\"rlsf\", \"ours\"], [\"talc\", \"talc 5\"]]
        rows = [
            { title = \"allocate\", results = \"r\", table = \"counts\", figures = [\"split\", \"fail\"] },
            { title = \"time\", results = \"r\", table = \"time\", figures = [\"mean\"], digits = 1 },
        ]";

    fn reports() -> BTreeMap<String, Report> {
        let mut report = Report::new("r", Machine::here(Vec::new()));
        let mut counts = Table::new("counts", "counts", ["split", "fail"]);
        counts.push("rlsf", vec![Cell::MedianAndMost(5, 7), Cell::count(3)]);
        counts.push("talc", vec![Cell::Failed, Cell::Missing]);
        let mut time = Table::new("time", "time", ["rlsf", "talc"]).with_heaps(Axis::Columns);
        time.push("mean", vec![Cell::Best(0.26, 2), Cell::Number(1.0, 2)]);
        report.tables = vec![counts, time];
        BTreeMap::from([("r".to_owned(), report)])
    }

    #[test]
    fn figures_come_from_whichever_way_the_results_have_them() {
        let spec: Spec = toml_edit::de::from_str(TEXT).unwrap();
        let text = spec.tables[0].fill(&reports()).unwrap();
        let expected = "| | ours | talc 5 |\n|---|---|---|\n\
            | allocate | 5 (7), 3 | fails, - |\n| time | 0.3 | 1.0 |\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn a_figure_that_is_missing_is_named() {
        let spec: Spec = toml_edit::de::from_str(&TEXT.replace("mean", "most")).unwrap();
        let error = spec.tables[0].fill(&reports()).unwrap_err();
        assert_eq!(error.to_string(), "r time: no most of rlsf");
    }
}
