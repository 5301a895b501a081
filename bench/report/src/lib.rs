//! What a comparison of heaps found: one model for every command, and its forms.
//!
//! A [`Report`] is the machine, the [`Table`]s and, where a command keeps them, the single runs. [`Output`] is
//! what the command line says of files; the forms are lines of JSON, which can be read back, Markdown, an SVG
//! with a chart a table, and a page that has all of it.

mod ceiling;
mod cell;
mod chart;
mod lines;
mod machine;
mod markdown;
mod output;
mod page;
mod table;

pub use cell::Cell;
pub use machine::Machine;
pub use output::{Files, Output};
pub use table::{Axis, Figure, Row, Table};

/// What one run of a command found.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The command's name.
    pub command: String,
    /// What the command line said, to be said again.
    pub arguments: Vec<String>,
    /// How the figures came about: rounds, what is marked.
    pub about: String,
    /// Where and with what.
    pub machine: Machine,
    /// The figures.
    pub tables: Vec<Table>,
    /// The single runs, in whatever form the command gives them.
    pub records: Vec<serde_json::Value>,
}

impl Report {
    /// A report without figures, of the program that runs with these arguments.
    #[must_use]
    pub fn new(command: &str, machine: Machine) -> Self {
        Self {
            command: command.to_owned(),
            arguments: std::env::args()
                .skip(1)
                .map(|argument| from_here(&argument))
                .collect(),
            about: String::new(),
            machine,
            tables: Vec::new(),
            records: Vec::new(),
        }
    }

    /// The table of a name.
    #[must_use]
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.name == name)
    }

    /// One paragraph: where, with what, and how.
    #[must_use]
    pub fn describe(&self) -> String {
        let machine = self.machine.describe();
        format!("{machine} {}", self.about).trim_end().to_owned()
    }
}

/// An argument as it would be given in the present directory: a path below it without that.
fn from_here(argument: &str) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    let path = std::path::Path::new(argument).strip_prefix(here);
    path.map_or_else(|_| argument.to_owned(), |path| path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_below_the_present_directory_is_told_without_that() {
        let here = std::env::current_dir().unwrap();
        let below = here.join("results/x.jsonl").display().to_string();
        assert_eq!(from_here(&below), "results/x.jsonl");
        for other in ["--json", "results/x.jsonl", "/elsewhere/x.jsonl", ""] {
            assert_eq!(from_here(other), other);
        }
    }
}
