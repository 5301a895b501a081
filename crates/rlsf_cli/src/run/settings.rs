//! What the library is told: variables of the environment.

use super::record::Record;
use super::summary;
use crate::args::RunOptions;
use crate::error::Error;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempPath;

const STATS_FILE: &str = "RLSF_STATS_FILE";
const RESERVE: &str = "RLSF_RESERVE";
const LOCK_MEMORY: &str = "RLSF_LOCK_MEMORY";
const CALLS: &str = "RLSF_CALLS";

/// Sets the variables that the options ask for; what the environment says already stays.
pub(super) fn apply(options: &RunOptions, records: Option<&Path>, command: &mut Command) {
    if let Some(path) = records {
        command.env(STATS_FILE, path);
    }
    if let Some(bytes) = options.reserve {
        command.env(RESERVE, bytes.to_string());
    }
    if options.lock_memory {
        command.env(LOCK_MEMORY, "1");
    }
    if options.checks.calls {
        command.env(CALLS, "1");
    }
    let faults = &options.faults;
    let numbers = [
        ("RLSF_FAIL_AT", faults.at),
        ("RLSF_FAIL_EVERY", faults.every),
        ("RLSF_FAIL_OVER", faults.over),
    ];
    for (name, number) in numbers {
        if let Some(number) = number {
            command.env(name, number.to_string());
        }
    }
}

/// A number of bytes: decimal, with K, M or G for multiples of 1024.
///
/// # Errors
///
/// It is no such number, or larger than any memory.
pub(crate) fn parse_bytes(text: &str) -> Result<u64, String> {
    let (digits, unit) = match text.char_indices().next_back() {
        Some((last, letter)) if letter.is_ascii_alphabetic() => (&text[..last], letter),
        _ => (text, 'B'),
    };
    let unit = match unit.to_ascii_uppercase() {
        'B' => 1,
        'K' => 1 << 10,
        'M' => 1 << 20,
        'G' => 1 << 30,
        other => return Err(format!("the unit `{other}` is none of K, M, G")),
    };
    let number: u64 = digits
        .parse()
        .map_err(|_| "a number of bytes is expected, as in 512K, 64M or 1G".to_owned())?;
    number
        .checked_mul(unit)
        .filter(|&bytes| i64::try_from(bytes).is_ok())
        .ok_or_else(|| "that is more than any memory".to_owned())
}

/// The file into which each process writes a line when it ends.
#[derive(Debug)]
pub(super) enum Records {
    /// The user does not ask for any.
    None,
    /// The user's own file.
    Kept(PathBuf),
    /// One that goes with this program.
    Temporary(TempPath),
}

impl Records {
    /// Empties the user's file, or makes one if statistics are to be shown.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub(super) fn prepare(options: &RunOptions) -> Result<Self, Error> {
        if let Some(path) = &options.stats_file {
            let fault = |error| Error::Input(format!("{}: {error}", path.display()));
            File::create(path).map_err(fault)?;
            // The program may change its folder.
            return path.canonicalize().map(Self::Kept).map_err(fault);
        }
        if !options.stats {
            return Ok(Self::None);
        }
        let file = tempfile::Builder::new().prefix("rlsf-").tempfile();
        let file = file.map_err(|error| Error::Run(format!("a temporary file: {error}")))?;
        Ok(Self::Temporary(file.into_temp_path()))
    }

    /// The file.
    pub(super) fn path(&self) -> Option<&Path> {
        match self {
            Self::None => None,
            Self::Kept(path) => Some(path),
            Self::Temporary(path) => Some(path),
        }
    }

    /// What the processes left, for people; `pid` is the one that was started.
    pub(super) fn summary(&self, pid: u32, program: &OsStr) -> String {
        let text = self.path().map(fs::read_to_string).and_then(Result::ok);
        let records = text.map_or(Vec::new(), |text| Record::parse_all(&text));
        summary::render(&records, pid, &program.to_string_lossy())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_have_units_of_1024() {
        assert_eq!(parse_bytes("0"), Ok(0));
        assert_eq!(parse_bytes("17"), Ok(17));
        assert_eq!(parse_bytes("17b"), Ok(17));
        assert_eq!(parse_bytes("512K"), Ok(512 << 10));
        assert_eq!(parse_bytes("64m"), Ok(64 << 20));
        assert_eq!(parse_bytes("2G"), Ok(2 << 30));
    }

    #[test]
    fn what_is_no_number_of_bytes_is_refused_with_a_sentence() {
        for text in [
            "",
            "K",
            "-1",
            "1.5G",
            "1T",
            "0x10",
            "1é",
            "99999999999999999999",
        ] {
            assert!(parse_bytes(text).is_err(), "{text}");
        }
        assert!(parse_bytes("9000000000G")
            .unwrap_err()
            .contains("more than"));
    }
}
