//! `rlsf run`: the program's end is ours, whatever happens to it and to us.

use crate::program::program;
use std::fs::File;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, ExitStatus, Output, Stdio};

/// The options with which the program takes our process over, and with which we watch it.
const BOTH: [&[&str]; 2] = [&[], &["--stats"]];

/// How a line of shell ends on our heap.
fn ended(options: &[&str], line: &str) -> ExitStatus {
    under(&[], Some(options), &["sh", "-c", line]).status
}

#[test]
fn a_standard_error_that_takes_nothing_leaves_the_exit_code() {
    for options in BOTH {
        let mut command = program();
        command.arg("run").args(options);
        command.args(["--", "sh", "-c", "exit 9"]);
        let full = File::options().write(true).open("/dev/full").unwrap();
        assert_eq!(command.stderr(full).status().unwrap().code(), Some(9));
    }
}

/// What comes of a command when its caller ignores these signals, and no others: a shell's command in the background
/// ignores some, and so would these tests.
fn under(ignored: &[i32], options: Option<&[&str]>, command: &[&str]) -> Output {
    let (mut caller, rest) = match options {
        None => (Command::new(command[0]), &command[1..]),
        Some(options) => {
            let mut caller = program();
            caller.arg("run").args(options).arg("--");
            (caller, command)
        }
    };
    let ignored = ignored.to_vec();
    let ignore = move || {
        for signal in 1..=libc::SIGRTMAX() {
            let is_ignored = ignored.contains(&signal);
            let answer = if is_ignored {
                libc::SIG_IGN
            } else {
                libc::SIG_DFL
            };
            // SAFETY: no function of ours is called.
            unsafe { libc::signal(signal, answer) };
        }
        Ok(())
    };
    // SAFETY: system calls only.
    unsafe { caller.pre_exec(ignore) };
    caller.args(rest).output().unwrap()
}

/// The set of signals in the line of `/proc/self/status`, but the two that the C library has for itself.
fn set(status: &Output) -> u64 {
    let line = String::from_utf8_lossy(&status.stdout);
    let digits = line.trim().rsplit('\t').next().unwrap();
    u64::from_str_radix(digits, 16).unwrap() & !(3 << 31)
}

#[test]
fn signals_that_the_caller_ignores_the_program_ignores() {
    let command = ["grep", "SigIgn", "/proc/self/status"];
    let signals = [
        libc::SIGHUP,
        libc::SIGINT,
        libc::SIGUSR1,
        libc::SIGPIPE,
        libc::SIGCHLD,
    ];
    for ignored in signals.chunks(1).chain([&signals[..], &[]]) {
        let expected = under(ignored, None, &command);
        for options in BOTH {
            let found = under(ignored, Some(options), &command);
            assert_eq!(found.status.code(), Some(0), "{ignored:?}: {found:?}");
            assert_eq!(set(&found), set(&expected), "{ignored:?}, {options:?}");
        }
    }
}

#[test]
fn the_exit_code_is_kept_where_the_caller_ignores_the_ends_of_its_children() {
    for options in BOTH {
        let ended = under(&[libc::SIGCHLD], Some(options), &["sh", "-c", "exit 9"]);
        assert_eq!(ended.status.code(), Some(9), "{ended:?}");
    }
}

#[test]
fn a_signal_that_the_caller_ignores_is_passed_on_to_a_program_that_does_not() {
    let perl = "$SIG{USR1} = sub { exit 5 }; kill 'USR1', getppid; sleep 20;";
    let ended = under(&[libc::SIGUSR1], Some(&["--stats"]), &["perl", "-e", perl]);
    assert_eq!(ended.status.code(), Some(5), "{ended:?}");
}

#[test]
fn every_signal_that_ends_the_program_ends_us() {
    // Of a real-time signal, and of those that few know.
    for signal in [1, 2, 6, 9, 11, 13, 14, 16, 24, 29, 30, 31, 40] {
        for options in BOTH {
            let status = ended(options, &format!("ulimit -c 0; kill -{signal} $$"));
            assert_eq!(status.signal(), Some(signal), "{options:?}: {status:?}");
        }
    }
}

#[test]
fn what_is_told_at_the_end_does_not_end_the_program_by_a_signal() {
    // The system signals a write beyond the limit.
    let status = ended(&["--stats"], "ulimit -f 0; exit 9");
    assert_eq!(status.code(), Some(9), "{status:?}");
    // And one that nobody reads.
    let mut command = program();
    command.args(["run", "--", "sh", "-c", "read line; exit 9"]);
    command.env("RLSF_STATS", "1");
    command.stdin(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stderr.take());
    drop(child.stdin.take());
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(9), "{status:?}");
}
