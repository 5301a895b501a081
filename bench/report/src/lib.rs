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
            arguments: std::env::args().skip(1).collect(),
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
