//! A report as a document.

use core::fmt::Write;

use crate::Report;

impl Report {
    /// The report as Markdown.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let Self { command, .. } = self;
        let mut text = format!("# `rlsf-bench {command}`\n\n{}\n", self.describe());
        for table in &self.tables {
            write!(text, "\n{}", table.to_markdown()).expect("a string takes any text");
        }
        text
    }
}
