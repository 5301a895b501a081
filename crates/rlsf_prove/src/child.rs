//! A child process that may crash or hang.

use anyhow::{ensure, Result};

/// How a child ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Done,
    Code(i32),
    /// A fault of memory, an abort, or the alarm.
    Signal(i32),
}

/// Runs `body` in a child that is stopped by a signal after so many seconds.
///
/// # Errors
///
/// No process can be started.
pub(crate) fn run(seconds: u32, body: impl FnOnce()) -> Result<End> {
    // SAFETY: this process has one thread; the child ends below.
    let child = unsafe { libc::fork() };
    ensure!(child >= 0, "no process can be started");
    if child == 0 {
        // SAFETY: it sets a timer.
        unsafe { libc::alarm(seconds) };
        body();
        // SAFETY: it ends the child, which has written nothing that is to be flushed.
        unsafe { libc::_exit(0) };
    }
    let mut status = 0;
    // SAFETY: it writes the status.
    let waited = unsafe { libc::waitpid(child, &raw mut status, 0) };
    ensure!(waited == child, "the child is lost");
    Ok(match libc::WIFEXITED(status) {
        true if libc::WEXITSTATUS(status) == 0 => End::Done,
        true => End::Code(libc::WEXITSTATUS(status)),
        false => End::Signal(libc::WTERMSIG(status)),
    })
}
