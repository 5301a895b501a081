//! `rlsf run`: any program on our heap.
//!
//! ```text
//! library    where the library is that takes the place of the C library's functions
//! reach      whether the loader will preload it into this program
//! settings   what the library is told, as variables of the environment
//! ignored    signals that are to do nothing
//! watch      the program runs: signals go through, its end becomes ours
//! record     what the library wrote when a process ended
//! summary    the same for people
//! trace      `rlsf record`: the same with a trace of every operation
//! ```
//!
//! Without statistics nothing of us stays: the program takes this process over.

mod ignored;
mod library;
mod reach;
mod record;
mod settings;
mod summary;
mod trace;
mod watch;

pub(crate) use settings::parse_bytes;
pub(crate) use trace::record;

use crate::args::RunOptions;
use crate::error::{say, Error};
use library::{Library, HARDENED, PLAIN};
use reach::Reach;
use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

/// Runs the user's command on our heap.
///
/// # Errors
///
/// The library is missing, a setting makes no sense, or the command cannot be started.
pub(crate) fn run(options: &RunOptions) -> Result<ExitCode, Error> {
    let (program, arguments) = options
        .command
        .split_first()
        .ok_or_else(|| Error::Input("run: a command is missing (see rlsf run --help)".into()))?;
    let library = Library::find(if options.checks.hardened {
        HARDENED
    } else {
        PLAIN
    })?;
    let records = settings::Records::prepare(options)?;
    let mut command = Command::new(program);
    command.args(arguments);
    library.preload_into(&mut command)?;
    settings::apply(options, records.path(), &mut command);
    let reach = Reach::of(program, &library);
    if let Some(obstacle) = reach.obstacle() {
        say(format_args!("rlsf: {}: {obstacle}\n", program.display()));
    }
    if !options.stats {
        ignored::pass_to(&mut command, &[]);
        return Err(cannot_start(program, &command.exec()));
    }
    let end = watch::run(&mut command).map_err(|error| cannot_start(program, &error))?;
    say(format_args!("{}", records.summary(end.pid, program)));
    // A signal that ends us, too, would leave the file.
    drop(records);
    Ok(end.repeat())
}

/// What a shell says, and how it ends, when a command cannot be started.
fn cannot_start(program: &OsString, error: &std::io::Error) -> Error {
    let code = match error.kind() {
        std::io::ErrorKind::NotFound => 127,
        _ => 126,
    };
    Error::Start(format!("{}: {error}", program.display()), code)
}
