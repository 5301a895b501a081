//! The user's own file: read, checked, and told apart.

use crate::args::Kind;
use crate::error::Error;
use crate::workload::Workload;
use std::fs;
use std::io;
use std::path::Path;

/// What a user's file turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Recognised {
    /// The workload that suits it.
    pub(crate) workload: Workload,
    /// What the user should know about the choice.
    pub(crate) remark: Option<String>,
}

/// Reads a file of UTF-8 text.
///
/// # Errors
///
/// The file is missing, unreadable, no regular file, empty, or not UTF-8.
pub(crate) fn read(path: &Path) -> Result<String, Error> {
    let wrong = |fault: &str| Error::Input(format!("{}: {fault}", path.display()));
    let unreadable = |error: io::Error| wrong(&error.to_string());
    let kind = fs::metadata(path).map_err(unreadable)?.file_type();
    if kind.is_dir() {
        return Err(wrong("is a directory, not a file"));
    }
    if !kind.is_file() {
        return Err(wrong(
            "is not a regular file, which every run could read anew",
        ));
    }
    let bytes = fs::read(path).map_err(unreadable)?;
    if bytes.is_empty() {
        return Err(wrong("is empty"));
    }
    String::from_utf8(bytes).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        wrong(&format!(
            "is not UTF-8 text: invalid byte at offset {offset}"
        ))
    })
}

/// Chooses the workload for a file's text.
///
/// # Errors
///
/// The user says that it is JSON, and it is not.
pub(crate) fn recognise(path: &Path, text: &str, kind: Kind) -> Result<Recognised, Error> {
    let fault = match kind {
        Kind::Text => {
            return Ok(Recognised {
                workload: Workload::Words,
                remark: None,
            })
        }
        Kind::Auto | Kind::Json => serde_json::from_str::<serde_json::Value>(text).err(),
    };
    let Some(fault) = fault else {
        return Ok(Recognised {
            workload: Workload::Json,
            remark: None,
        });
    };
    if kind == Kind::Json {
        return Err(Error::Input(format!(
            "{}: is not JSON: {fault}",
            path.display()
        )));
    }
    let named_json = path
        .extension()
        .is_some_and(|extension| extension == "json");
    let remark = format!(
        "{}: taken as text, for it is not JSON: {fault}",
        path.display()
    );
    Ok(Recognised {
        workload: Workload::Words,
        remark: named_json.then_some(remark),
    })
}
