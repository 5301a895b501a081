//! One child process: started, awaited, its answer read.

use crate::allocator::{HEAP_VARIABLE, METER_VARIABLE};
use crate::error::Error;
use crate::outcome::{Measured, Outcome};
use crate::workload::Workload;
use core::ffi::CStr;
use core::fmt;
use serde::Serialize;
use std::env;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::{Command, Stdio};

/// The heap that a process lives on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Heap {
    /// `rlsf::GlobalTlsf`.
    Rlsf,
    /// The C library's.
    System,
}

impl Heap {
    /// Both, in the order of the output.
    pub(crate) const BOTH: [Self; 2] = [Self::Rlsf, Self::System];
}

impl fmt::Display for Heap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rlsf => "rlsf",
            Self::System => "system",
        })
    }
}

/// What a child is to find out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Task {
    /// How long it takes, with nothing else going on.
    Time,
    /// Which calls it makes, and at which one the requested bytes peak.
    FindPeak,
    /// How long each call takes, and how the heap looks after call `peak_call`.
    Measure {
        /// The call's number.
        peak_call: u64,
        /// The cells of the picture, or zero.
        cells: usize,
    },
}

/// A child process to be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Job<'a> {
    pub(crate) workload: Workload,
    pub(crate) heap: Heap,
    pub(crate) seed: u64,
    pub(crate) file: Option<&'a Path>,
    pub(crate) task: Task,
}

impl Job<'_> {
    /// Runs the child.
    ///
    /// # Errors
    ///
    /// It cannot be started, fails, or answers something else than an outcome.
    pub(crate) fn run(&self) -> Result<Outcome, Error> {
        let output = self
            .command()?
            .stdin(Stdio::null())
            .output()
            .map_err(|error| self.failed(&error.to_string()))?;
        if !output.status.success() {
            let words = String::from_utf8_lossy(&output.stderr);
            let last = words.lines().last().unwrap_or_default();
            let fault = format!("{}. {last}", output.status);
            return Err(self.failed(fault.trim_end()));
        }
        serde_json::from_slice(&output.stdout).map_err(|error| self.failed(&error.to_string()))
    }

    /// Runs a child that measures.
    ///
    /// # Errors
    ///
    /// As of [`run`](Self::run), or it did not measure.
    pub(crate) fn run_measured(&self) -> Result<(Outcome, Measured), Error> {
        let mut outcome = self.run()?;
        let measured = outcome.measured.take();
        let measured = measured.ok_or_else(|| self.failed("it measured nothing"))?;
        Ok((outcome, measured))
    }

    fn command(&self) -> Result<Command, Error> {
        let program = env::current_exe().map_err(|error| self.failed(&error.to_string()))?;
        let mut command = Command::new(program);
        command
            .arg("child")
            .args(["--workload", self.workload.name()])
            .args(["--seed", &self.seed.to_string()])
            .env(name(HEAP_VARIABLE), self.heap.to_string())
            .env_remove(name(METER_VARIABLE));
        if let Some(file) = self.file {
            command.arg("--file").arg(file);
        }
        if self.task != Task::Time {
            command.env(name(METER_VARIABLE), "on");
        }
        if let Task::Measure { peak_call, cells } = self.task {
            command.args(["--look-at", &peak_call.to_string()]);
            command.args(["--cells", &cells.to_string()]);
        }
        Ok(command)
    }

    fn failed(&self, fault: &str) -> Error {
        let Self { workload, heap, .. } = self;
        Error::Run(format!("{workload} on the heap {heap}: {fault}"))
    }
}

fn name(variable: &'static CStr) -> &'static OsStr {
    OsStr::from_bytes(variable.to_bytes())
}
