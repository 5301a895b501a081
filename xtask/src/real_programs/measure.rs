//! One run: what it printed, how long it took, how much memory it held.

use core::time::Duration;
use std::fs::File;
use std::io::{Read, Seek};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{ensure, Context, Result};
use wait4::Wait4;

/// A run that ended with 0.
#[derive(Clone)]
pub(super) struct Run {
    pub(super) output: String,
    /// From the start to the end.
    pub(super) time: Duration,
    /// The most bytes that any of its processes had in memory.
    pub(super) peak: u64,
}

/// Runs a command and all that it starts.
///
/// # Errors
///
/// It cannot be started, or ends otherwise than with 0.
pub(super) fn run(command: &mut Command) -> Result<Run> {
    let mut printed = tempfile::tempfile()?;
    let both = |file: &File| file.try_clone().map(Stdio::from);
    command.stdin(Stdio::null());
    command.stdout(both(&printed)?).stderr(both(&printed)?);
    let start = Instant::now();
    let mut child = command.spawn().context("cannot be started")?;
    let used = child.wait4().context("cannot be waited for")?;
    let time = start.elapsed();
    let mut output = Vec::new();
    printed.rewind()?;
    printed.read_to_end(&mut output)?;
    let output = String::from_utf8_lossy(&output).into_owned();
    ensure!(used.status.success(), "{}:\n{output}", used.status);
    Ok(Run {
        output,
        time,
        peak: used.rusage.maxrss,
    })
}
