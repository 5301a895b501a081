//! Code that runs in a process of its own, and what the system tells of it.

use core::panic::UnwindSafe;
use std::fs;
use std::panic::{catch_unwind, set_hook};

/// A child that takes longer than this many seconds is stopped by a signal.
const PATIENCE: u32 = 60;

/// Runs `body` in a child; the exit code, or the signal's number below zero.
pub(crate) fn in_child(body: impl FnOnce() + UnwindSafe) -> i32 {
    // SAFETY: the child goes on with this thread only, and never returns from here.
    let child = unsafe { libc::fork() };
    assert!(child >= 0, "no process can be started");
    if child == 0 {
        // SAFETY: it sets a timer.
        unsafe { libc::alarm(PATIENCE) };
        // What the test's thread says is kept for a report that only the parent makes.
        set_hook(Box::new(|panic| say(&format!("a child: {panic}\n"))));
        leave(i32::from(catch_unwind(body).is_err()));
    }
    let mut status = 0;
    // SAFETY: writes the status.
    let waited = unsafe { libc::waitpid(child, &raw mut status, 0) };
    assert_eq!(waited, child);
    if libc::WIFEXITED(status) {
        libc::WEXITSTATUS(status)
    } else {
        -libc::WTERMSIG(status)
    }
}

/// Writes to the standard error.
fn say(text: &str) {
    // SAFETY: it reads the text.
    unsafe { libc::write(2, text.as_ptr().cast(), text.len()) };
}

/// Ends the calling thread by the one system call that the strictest filter allows.
pub(crate) fn leave(code: i32) -> ! {
    // SAFETY: it does not return, and the process has this thread only.
    unsafe { libc::syscall(libc::SYS_exit, code) };
    unreachable!("the process has ended")
}

/// The bytes of this process that are in memory: counted page by page, where `statm` may be
/// behind by some pages for each processor.
pub(crate) fn resident() -> usize {
    let text = fs::read_to_string("/proc/self/smaps_rollup").unwrap();
    let line = text.lines().find(|line| line.starts_with("Rss:")).unwrap();
    let kib: usize = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kib << 10
}

/// The page faults of this process so far.
pub(crate) fn faults() -> i64 {
    // SAFETY: all zeros are a value of the type.
    let mut usage: libc::rusage = unsafe { core::mem::zeroed() };
    // SAFETY: writes the figures.
    unsafe { libc::getrusage(libc::RUSAGE_SELF, &raw mut usage) };
    usage.ru_minflt + usage.ru_majflt
}
