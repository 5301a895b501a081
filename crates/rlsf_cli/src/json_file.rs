//! The file that all figures are written to, for other programs to read.

use crate::error::Error;
use crate::report::Report;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// A file that is open for writing; what it held stays until it is written.
#[derive(Debug)]
pub(crate) struct JsonFile<'a> {
    path: &'a Path,
    file: File,
}

impl<'a> JsonFile<'a> {
    /// Opens the file, or makes it.
    ///
    /// # Errors
    ///
    /// It cannot be written to, or it is the `input`.
    pub(crate) fn open(path: &'a Path, input: Option<&Path>) -> Result<Self, Error> {
        let wrong = |fault: &str| Error::Input(format!("{}: {fault}", path.display()));
        if input.is_some_and(|input| is_same_file(path, input)) {
            return Err(wrong("is the input file, which --json would overwrite"));
        }
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        match options.open(path) {
            Ok(file) => Ok(Self { path, file }),
            Err(error) => Err(wrong(&error.to_string())),
        }
    }

    /// Replaces what the file held.
    ///
    /// # Errors
    ///
    /// The system refuses.
    pub(crate) fn write(self, report: &Report) -> Result<(), Error> {
        let path = self.path.display();
        replace(self.file, report).map_err(|error| Error::Run(format!("{path}: {error}")))
    }
}

fn is_same_file(path: &Path, other: &Path) -> bool {
    match (path.canonicalize(), other.canonicalize()) {
        (Ok(place), Ok(other_place)) => place == other_place,
        _ => false,
    }
}

fn replace(mut file: File, report: &Report) -> io::Result<()> {
    let mut text = serde_json::to_string_pretty(report)?;
    text.push('\n');
    if file.metadata()?.is_file() {
        file.set_len(0)?;
    }
    file.write_all(text.as_bytes())
}
