//! A report as one page that needs nothing else.

use maud::{html, Markup, PreEscaped, DOCTYPE};

use crate::{chart, Report, Table};

/// How the page looks.
const STYLE: &str = "body{font-family:sans-serif;margin:2em;max-width:75em}\
    table{border-collapse:collapse;margin:1em 0}\
    th,td{padding:.2em .7em;border-bottom:1px solid #ccc;text-align:right}\
    th:first-child,td:first-child{text-align:left}\
    svg{max-width:100%;height:auto}";

impl Report {
    /// The report as a page: machine, versions, tables and charts.
    #[must_use]
    pub fn to_html(&self) -> String {
        let title = format!("rlsf-bench {}", self.command);
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    title { (title) }
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    h1 { (title) }
                    p { (self.describe()) }
                    p { code { "rlsf-bench " (self.arguments.join(" ")) } }
                    @for table in &self.tables { (section(table)) }
                }
            }
        };
        page.into_string()
    }
}

/// A table and its chart.
fn section(table: &Table) -> Markup {
    html! {
        h2 { (table.title) }
        table {
            tr {
                th {}
                @for column in &table.columns { th { (column) } }
            }
            @for row in &table.rows {
                tr {
                    td { (row.name) }
                    @for cell in &row.cells { td { (cell) } }
                }
            }
        }
        @if !table.notes.is_empty() {
            ul { @for note in &table.notes { li { (note) } } }
        }
        (PreEscaped(chart::to_svg(table)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Cell, Machine};

    #[test]
    fn the_page_has_the_figures_the_chart_and_the_machine_and_nothing_from_elsewhere() {
        let mut report = Report::new("instructions", Machine::here(Vec::new()));
        let mut table = Table::new("allocate", "allocate <counts>", ["split", "fail"]);
        table.push("rlsf", vec![Cell::count(105), Cell::MedianAndMost(3, 4)]);
        table.push("talc", vec![Cell::count(9_000), Cell::Missing]);
        report.tables.push(table);
        let page = report.to_html();
        assert!(page.contains("<td>105</td>") && page.contains("<td>3 (4)</td>"));
        assert!(page.contains("allocate &lt;counts&gt;") && page.contains("<rect"));
        assert!(page.contains("glibc 2."), "{page}");
        assert!(!page.contains("src=") && !page.contains("href="));
    }
}
