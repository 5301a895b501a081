//! `rlsf record`: a program on our heap, and a trace of what it asked of it.
//!
//! The library writes events with bare addresses while the program runs; blocks get their numbers
//! here, when it has ended. That costs the program little more than a store, and takes no
//! memory from its heap.

use super::library::{Library, PLAIN};
use super::reach::Reach;
use super::{cannot_start, watch};
use crate::args::RecordOptions;
use crate::error::{say, Error};
use crate::units;
use rlsf_trace::convert::{convert, Converted};
use rlsf_trace::file;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use tempfile::TempPath;

/// The variable that tells the library where to record.
const RECORD: &str = "RLSF_RECORD";

/// Runs the user's command and writes the trace.
///
/// # Errors
///
/// The library is missing, the command cannot be started, nothing was recorded, or a file cannot
/// be written.
pub(crate) fn record(options: &RecordOptions) -> Result<ExitCode, Error> {
    let (program, arguments) = options.command.split_first().ok_or_else(|| {
        Error::Input("record: a command is missing (see rlsf record --help)".into())
    })?;
    let output = options.output.clone().unwrap_or_else(|| named(program));
    let library = Library::find(PLAIN)?;
    let recording = prepare(&output)?;
    let mut command = Command::new(program);
    command.args(arguments);
    library.preload_into(&mut command)?;
    command.env(RECORD, &recording);
    let reach = Reach::of(program, &library);
    if let Some(obstacle) = reach.obstacle() {
        say(format_args!("rlsf: {}: {obstacle}\n", program.display()));
    }
    let end = watch::run(&mut command).map_err(|error| cannot_start(program, &error))?;
    let line = finish(&recording, &output, program)?;
    say(format_args!("{line}\n"));
    // A signal that ends us, too, would leave the file.
    drop(recording);
    Ok(end.repeat())
}

/// The trace's file where none is named: the program's name in the present folder.
fn named(program: &OsStr) -> PathBuf {
    let mut name = Path::new(program).file_name().unwrap_or(program).to_owned();
    name.push(".trace.gz");
    PathBuf::from(name)
}

/// Makes sure that the trace can be written, and makes a file for the recording beside it, where
/// the user has chosen the disk.
fn prepare(output: &Path) -> Result<TempPath, Error> {
    let fault = |error| Error::Input(format!("{}: {error}", output.display()));
    let existed = output.exists();
    File::options()
        .append(true)
        .create(true)
        .open(output)
        .map_err(fault)?;
    let path = output.canonicalize().map_err(fault)?;
    if !existed {
        // Only a trace is to be left there.
        fs::remove_file(&path).map_err(fault)?;
    }
    let folder = path.parent().unwrap_or(Path::new("/"));
    let file = tempfile::Builder::new()
        .prefix(".rlsf-recording-")
        .tempfile_in(folder)
        .map_err(fault)?;
    Ok(file.into_temp_path())
}

/// Makes the trace, and says what is in it.
fn finish(recording: &Path, output: &Path, program: &OsStr) -> Result<String, Error> {
    let program = program.display();
    let file = File::open(recording).map_err(|error| Error::Run(error.to_string()))?;
    let converted = convert(&mut BufReader::new(file))
        .map_err(|error| Error::Run(format!("{program} left no trace: {error}")))?;
    let bytes = file::pack(&converted.trace)
        .and_then(|bytes| fs::write(output, &bytes).map(|()| bytes.len()))
        .map_err(|error| Error::Run(format!("{}: {error}", output.display())))?;
    Ok(summary(&converted, output, bytes as u64))
}

fn summary(converted: &Converted, output: &Path, bytes: u64) -> String {
    let figures = converted.trace.figures();
    let threads = match figures.threads {
        1 => "one thread".to_owned(),
        threads => format!("{threads} threads"),
    };
    let unknown = match converted.unknown {
        0 => String::new(),
        unknown => format!(" ({unknown} more on blocks from before)"),
    };
    format!(
        "rlsf: {}: {} operations of {threads}{unknown}, peak {} in {} blocks, {} on disk",
        output.display(),
        figures.steps(),
        units::bytes(figures.peak_bytes),
        figures.peak_blocks,
        units::bytes(bytes),
    )
}
