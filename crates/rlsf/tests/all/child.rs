//! Code that runs in a process of its own: a child made by `fork`.

use core::panic::UnwindSafe;
use std::panic::catch_unwind;

/// How a child ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum End {
    Code(i32),
    Signal(i32),
}

/// A child that waits longer than this many seconds is stopped by a signal.
const PATIENCE: u32 = 60;

/// Runs `body` in a child and waits for its end: code 0 unless it panics.
pub(crate) fn in_child(body: impl FnOnce() + UnwindSafe) -> End {
    wait_for(start(body))
}

/// Starts a child; its number.
pub(crate) fn start(body: impl FnOnce() + UnwindSafe) -> i32 {
    // SAFETY: the child goes on with this thread only, and never returns from here.
    let child = unsafe { libc::fork() };
    assert!(child >= 0, "no process can be started");
    if child > 0 {
        return child;
    }
    // SAFETY: it sets a timer.
    unsafe { libc::alarm(PATIENCE) };
    let Err(panic) = catch_unwind(body) else {
        leave(0)
    };
    // What the test's thread prints is kept for a report that only the parent makes.
    let text = match (panic.downcast_ref::<String>(), panic.downcast_ref::<&str>()) {
        (Some(text), _) => text.as_str(),
        (_, Some(text)) => text,
        _ => "a panic without a text",
    };
    say(text);
    leave(1)
}

/// Writes to the standard error, past every lock that the parent's threads may have held.
fn say(text: &str) {
    let line = format!("a child: {text}\n");
    // SAFETY: it reads the line.
    unsafe { libc::write(2, line.as_ptr().cast(), line.len()) };
}

/// Ends the calling thread by the one system call that the strictest filter allows.
pub(crate) fn leave(code: i32) -> ! {
    // SAFETY: it does not return, and the process has this thread only.
    unsafe { libc::syscall(libc::SYS_exit, code) };
    unreachable!("the process has ended")
}

/// Waits for a child's end.
pub(crate) fn wait_for(child: i32) -> End {
    let mut status = 0;
    // SAFETY: writes the status.
    let waited = unsafe { libc::waitpid(child, &raw mut status, 0) };
    assert_eq!(waited, child);
    if libc::WIFEXITED(status) {
        End::Code(libc::WEXITSTATUS(status))
    } else {
        End::Signal(libc::WTERMSIG(status))
    }
}

/// Whether the program is instrumented, so that it touches pages and makes system calls
/// of its own; says that the test is skipped.
pub(crate) fn is_instrumented() -> bool {
    let flags = option_env!("RUSTFLAGS").unwrap_or("");
    let is_instrumented = flags.contains("sanitizer");
    if is_instrumented {
        println!("skipped: a sanitizer touches pages and replaces system calls");
    }
    is_instrumented
}
