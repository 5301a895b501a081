//! What can go wrong, and how the user is told: one line and an exit code.

use core::fmt;
use std::io::{self, Write};
use std::process::ExitCode;

/// Why the program ends before its work is done.
#[derive(Debug)]
pub(crate) enum Error {
    /// The user's argument or file is wrong: exit code 2.
    Input(String),
    /// The work itself failed: exit code 1.
    Run(String),
    /// The user's command cannot be started: the exit code of shells, 126 or 127.
    Start(String, u8),
    /// Nobody reads the output any more, which is no fault: exit code 0.
    ClosedPipe,
}

impl Error {
    /// Sorts the failures of writing to the standard output.
    pub(crate) fn of_output(error: &io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Self::ClosedPipe
        } else {
            Self::Run(format!("the standard output: {error}"))
        }
    }

    /// Writes the line to the standard error and chooses the exit code.
    pub(crate) fn tell(&self) -> ExitCode {
        let (message, code) = match self {
            Self::Input(message) => (message, 2),
            Self::Run(message) => (message, 1),
            Self::Start(message, code) => (message, *code),
            Self::ClosedPipe => return ExitCode::SUCCESS,
        };
        say(format_args!("rlsf: {message}\n"));
        ExitCode::from(code)
    }
}

/// Writes to the standard error. One that takes nothing leaves nobody to tell.
pub(crate) fn say(what: fmt::Arguments<'_>) {
    let _ = io::stderr().write_fmt(what);
}
