//! Lines of JSON: one for the run, one a table, one a record. They can be read back.

use std::io::{self, BufRead, Write};

use serde::{Deserialize, Serialize};

use crate::{Machine, Report, Table};

/// One line.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Line {
    Run {
        command: String,
        arguments: Vec<String>,
        about: String,
        machine: Machine,
    },
    Table(Table),
    Record(serde_json::Value),
}

impl Report {
    /// Writes the report as lines of JSON.
    ///
    /// # Errors
    /// The lines cannot be written.
    pub fn write_lines(&self, file: &mut dyn Write) -> io::Result<()> {
        let run = Line::Run {
            command: self.command.clone(),
            arguments: self.arguments.clone(),
            about: self.about.clone(),
            machine: self.machine.clone(),
        };
        let tables = self.tables.iter().cloned().map(Line::Table);
        let records = self.records.iter().cloned().map(Line::Record);
        for line in core::iter::once(run).chain(tables).chain(records) {
            serde_json::to_writer(&mut *file, &line)?;
            writeln!(file)?;
        }
        Ok(())
    }

    /// Reads what [`write_lines`](Self::write_lines) wrote.
    ///
    /// # Errors
    /// The file cannot be read, or a line is none of a report: its number, and why.
    pub fn read_lines(file: impl BufRead) -> io::Result<Self> {
        let mut report = None;
        for (index, text) in file.lines().enumerate() {
            let fault = |why: &dyn core::fmt::Display| {
                io::Error::new(
                    io::ErrorKind::InvalidData,
                    format!("line {}: {why}", index + 1),
                )
            };
            let line = serde_json::from_str(&text?).map_err(|error| fault(&error))?;
            match (&mut report, line) {
                (None, line) => report = Some(first(line).ok_or_else(|| fault(&"no run"))?),
                (Some(report), Line::Table(table)) => report.tables.push(table),
                (Some(report), Line::Record(record)) => report.records.push(record),
                (Some(_), Line::Run { .. }) => return Err(fault(&"a second run")),
            }
        }
        report.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "no line"))
    }
}

/// The report that its first line begins.
fn first(line: Line) -> Option<Report> {
    let Line::Run {
        command,
        arguments,
        about,
        machine,
    } = line
    else {
        return None;
    };
    Some(Report {
        command,
        arguments,
        about,
        machine,
        tables: Vec::new(),
        records: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Axis, Cell};

    #[test]
    fn what_was_written_is_read_back() {
        let mut report = Report::new("threads", Machine::here(vec!["talc 5".to_owned()]));
        let mut table = Table::new("time", "time, ratio", ["glibc", "talc"]);
        table.heaps = Axis::Columns;
        table.push("larson 1", vec![Cell::Number(1.0, 2), Cell::Best(0.5, 2)]);
        table.push("larson 2", vec![Cell::MedianAndMost(3, 4), Cell::Failed]);
        table.push("larson 4", vec![Cell::Missing, Cell::count(7)]);
        table.notes.push("a note".to_owned());
        report.tables.push(table);
        report.records.push(serde_json::json!({"seconds": 0.25}));
        let mut written = Vec::new();
        report.write_lines(&mut written).unwrap();
        assert_eq!(Report::read_lines(written.as_slice()).unwrap(), report);
    }

    #[test]
    fn a_fault_names_its_line() {
        let error = Report::read_lines("{\"record\":1}\n".as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), "line 1: no run");
        assert!(Report::read_lines("".as_bytes()).is_err());
    }
}
