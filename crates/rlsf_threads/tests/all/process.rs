//! Code that runs in a process of its own, and what the system tells of it.

use core::panic::UnwindSafe;
use std::fs;
use std::panic::catch_unwind;

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
        leave(1);
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

/// Has the system give this process so many bytes of address space at the most.
pub(crate) fn limit(bytes: u64) {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: writes the limits.
    unsafe { libc::getrlimit(libc::RLIMIT_AS, &raw mut limit) };
    limit.rlim_cur = bytes.min(limit.rlim_max);
    // SAFETY: reads the limits.
    let set = unsafe { libc::setrlimit(libc::RLIMIT_AS, &raw const limit) };
    assert_eq!(set, 0);
}
