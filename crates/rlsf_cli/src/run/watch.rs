//! A program that runs under our eyes: signals go through, and its end becomes ours.

use super::ignored;
use signal_hook::consts::{
    SIGCHLD, SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH,
};
use signal_hook::iterator::exfiltrator::WithOrigin;
use signal_hook::iterator::SignalsInfo;
use signal_hook::low_level::siginfo::Cause;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitCode, ExitStatus};
use std::thread;

/// What a user may send to us and means for the program.
const SIGNALS: [i32; 8] = [
    SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGCONT, SIGWINCH,
];

/// How the program ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct End {
    pub(super) pid: u32,
    status: ExitStatus,
}

impl End {
    /// Ends as the program did: with its exit code, or by the signal that ended it.
    pub(super) fn repeat(self) -> ExitCode {
        if let Some(signal) = self.status.signal() {
            let no_core = libc::rlimit {
                rlim_cur: 0,
                rlim_max: 0,
            };
            // SAFETY: it reads the limits given. The program has left its own core.
            unsafe { libc::setrlimit(libc::RLIMIT_CORE, &raw const no_core) };
            end_by(signal);
        }
        let code = self.status.code().and_then(|code| u8::try_from(code).ok());
        code.map_or(ExitCode::FAILURE, ExitCode::from)
    }
}

/// Ends this process by a signal; returns only if that ends nothing.
fn end_by(signal: i32) {
    ignored::set_action(signal, libc::SIG_DFL);
    let mut signals = core::mem::MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: room for a set.
    unsafe { libc::sigemptyset(signals.as_mut_ptr()) };
    // SAFETY: just made empty.
    unsafe { libc::sigaddset(signals.as_mut_ptr(), signal) };
    // SAFETY: a set.
    unsafe { libc::pthread_sigmask(libc::SIG_UNBLOCK, signals.as_ptr(), core::ptr::null_mut()) };
    // SAFETY: no function of ours is called.
    unsafe { libc::raise(signal) };
}

/// Runs the program to its end.
///
/// What a terminal sends goes to the program by itself; what another process sends to us
/// is passed on.
///
/// # Errors
///
/// It cannot be started.
pub(super) fn run(command: &mut Command) -> io::Result<End> {
    let ours = [&SIGNALS[..], &[SIGCHLD]].concat();
    ignored::pass_to(command, &ours);
    // Whoever ignores it is told of no end.
    ignored::set_action(SIGCHLD, libc::SIG_DFL);
    let mut signals = SignalsInfo::<WithOrigin>::new(SIGNALS)?;
    let handle = signals.handle();
    let mut child = command.spawn()?;
    let pid = child.id();
    let passing = thread::spawn(move || {
        for signal in &mut signals {
            if matches!(signal.cause, Cause::Sent(_)) {
                send(pid, signal.signal);
            }
        }
    });
    // The number stays the program's own until it is waited for.
    await_end(pid);
    handle.close();
    // It does nothing that can fail.
    let _ = passing.join();
    let status = child.wait()?;
    Ok(End { pid, status })
}

/// Sends a signal to a child that was not waited for.
fn send(pid: u32, signal: i32) {
    // SAFETY: it touches no memory.
    unsafe { libc::kill(pid.cast_signed(), signal) };
}

/// Returns when a child has ended, and leaves it to be waited for.
fn await_end(pid: u32) {
    let mut info = core::mem::MaybeUninit::<libc::siginfo_t>::uninit();
    let options = libc::WEXITED | libc::WNOWAIT;
    loop {
        // SAFETY: room for what is found.
        let done = unsafe { libc::waitid(libc::P_PID, pid, info.as_mut_ptr(), options) };
        if done == 0 || io::Error::last_os_error().kind() != io::ErrorKind::Interrupted {
            return;
        }
    }
}
