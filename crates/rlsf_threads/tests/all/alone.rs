//! Tests in a process of their own, in which no other test runs.

use crate::noted::read_notes;
use core::any::type_name;
use core::ffi::CStr;
use core::sync::atomic::{AtomicUsize, Ordering};
use std::env;
use std::fs;
use std::process::Command;
use std::thread;

/// Set in such a process.
const VARIABLE: &str = "RLSF_THREADS_TEST_ALONE";

/// The words of the call that runs a program of this machine, if that is another one than the host.
const EMULATOR: &CStr = c"RLSF_THREADS_TEST_EMULATOR";

/// Such a process that takes longer than this many seconds is stopped by a signal.
const PATIENCE: u32 = 300;

/// The threads that the process had when the test began.
static AT_START: AtomicUsize = AtomicUsize::new(0);

/// The threads of this process.
fn threads() -> usize {
    fs::read_dir("/proc/self/task").unwrap().count()
}

/// Returns when the thread that has started the test does nothing but wait for its end.
fn await_rest_of_main_thread() {
    let path = format!("/proc/self/task/{}/stat", std::process::id());
    // The thread's name stands in parentheses, its state behind them.
    while !fs::read_to_string(&path).unwrap().contains(") S ") {
        thread::yield_now();
    }
}

/// A call of this program; where an emulator runs it, through that one.
fn this_program() -> Command {
    let program = env::current_exe().unwrap();
    let Ok(emulator) = env::var(EMULATOR.to_str().unwrap()) else {
        return Command::new(program);
    };
    let mut words = emulator.split(' ');
    let mut command = Command::new(words.next().unwrap());
    command.args(words).arg(program);
    command
}

/// Runs the test that calls this in a process of its own; `body` is the test's.
pub(crate) fn alone<F: FnOnce()>(body: F) {
    if env::var_os(VARIABLE).is_some() {
        // SAFETY: it sets a timer.
        unsafe { libc::alarm(PATIENCE) };
        AT_START.store(threads(), Ordering::Relaxed);
        await_rest_of_main_thread();
        return body();
    }
    // The crate, the test, and the closure.
    let path = type_name::<F>().split_once("::").unwrap().1;
    let test = path.strip_suffix("::{{closure}}").unwrap();
    let output = this_program()
        .args(["--exact", test, "--test-threads=1", "--nocapture"])
        .env(VARIABLE, "")
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    let is_passed = output.status.success() && printed.contains("1 passed");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(is_passed, "{}\n{printed}\n{said}", output.status);
}

/// The bytes of this process that are in memory: counted page by page, where `statm` may be
/// behind by some pages for each processor.
pub(crate) fn resident() -> usize {
    let text = fs::read_to_string("/proc/self/smaps_rollup").unwrap();
    let line = text.lines().find(|line| line.starts_with("Rss:")).unwrap();
    let kib: usize = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kib << 10
}

/// Whether a tool watches or emulates the program that has memory of its own for each byte and each
/// thread, and makes it slow. The program's allocator asks, so this must not allocate.
pub(crate) fn is_instrumented() -> bool {
    // SAFETY: a string, and no test changes the environment.
    let is_emulated = !unsafe { libc::getenv(EMULATOR.as_ptr()) }.is_null();
    is_emulated || option_env!("RUSTFLAGS").is_some_and(|flags| flags.contains("sanitizer"))
}

/// A number of repetitions, fewer when they are slow.
pub(crate) fn repetitions(number: usize) -> usize {
    if is_instrumented() {
        number / 20 + 1
    } else {
        number
    }
}

/// Checks every invariant of all heaps.
///
/// # Safety
///
/// The test is alone, and its threads have been joined.
pub(crate) unsafe fn validate() {
    // A thread that has been joined by `std` may still be giving its heap away.
    while threads() > AT_START.load(Ordering::Relaxed) {
        thread::yield_now();
    }
    read_notes();
    // SAFETY: the caller's promise.
    let valid = unsafe { rlsf_threads::ThreadedTlsf::new().validate() };
    assert_eq!(valid, Ok(()));
}
