//! Requests that are made to fail.

use super::program::{has_cxx, library, preloaded, said, Workshop};
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Runs `command`, and counts the requests that needed memory, or nearly: it may be more.
fn requests(command: &mut Command, workshop: &Workshop) -> u64 {
    let path = workshop.path("statistics");
    let output = command.env("RLSF_STATS_FILE", &path).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let text = fs::read_to_string(&path).unwrap();
    let record: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    let kinds = ["malloc", "calloc", "realloc", "aligned", "new"];
    let counts = kinds.map(|kind| record["operations"][kind].as_u64().unwrap());
    counts.iter().sum()
}

fn fails_at(program: &Path, number: u64) -> Output {
    let mut command = preloaded(program);
    command.env("RLSF_FAIL_AT", number.to_string());
    command.output().unwrap()
}

#[test]
fn a_program_lives_with_the_failure_of_every_single_request() {
    let workshop = Workshop::new();
    let program = workshop.compile("faults", &["faults.c"], &[]);
    let last = requests(&mut preloaded(&program), &workshop);
    let mut failures = 0;
    for number in 1..=last {
        let output = fails_at(&program, number);
        match (said(&output).as_str(), output.status.code()) {
            ("done\n", Some(0)) => {}
            (text, Some(3)) if text.starts_with("no memory: ") => failures += 1,
            (text, _) => panic!("request {number}: {text}{}", output.status),
        }
    }
    // A stream does without its buffer, and not every `realloc` needs memory.
    assert!(failures >= last / 2, "{failures} of {last}");
    let output = fails_at(&program, last + 1);
    assert_eq!(said(&output), "done\n");
}

#[test]
fn every_second_request_may_fail() {
    let workshop = Workshop::new();
    let program = workshop.compile("faults", &["faults.c"], &[]);
    let fail_every = |number: &str| {
        let output = preloaded(&program).env("RLSF_FAIL_EVERY", number).output();
        said(&output.unwrap())
    };
    assert_eq!(fail_every("1"), "no memory: malloc\n");
    assert_eq!(fail_every("2"), "no memory: calloc\n");
    assert_eq!(fail_every("3"), "no memory: aligned_alloc\n");
    assert_eq!(fail_every("1000000"), "done\n");
}

#[test]
fn requests_over_a_size_fail_and_no_others() {
    let workshop = Workshop::new();
    let program = workshop.compile("faults", &["faults.c"], &[]);
    let fail_over = |bytes: &str| {
        let output = preloaded(&program).env("RLSF_FAIL_OVER", bytes).output();
        said(&output.unwrap())
    };
    assert_eq!(fail_over("99"), "no memory: malloc\n");
    assert_eq!(fail_over("100"), "no memory: calloc\n");
    assert_eq!(fail_over("4K"), "no memory: posix_memalign\n");
    assert_eq!(fail_over("1M"), "done\n");
}

#[test]
fn cxx_is_told_by_what_it_throws() {
    if !has_cxx() {
        return;
    }
    let workshop = Workshop::new();
    let program = workshop.compile("faults_cxx", &["faults.cpp"], &["-std=c++17".as_ref()]);
    // The C++ library takes 72 KiB at its start for exceptions, and does without.
    let output = preloaded(&program).env("RLSF_FAIL_OVER", "64K").output();
    let output = output.unwrap();
    assert_eq!(
        (said(&output).as_str(), output.status.code()),
        ("done\n", Some(0))
    );
}

/// Some numbers up to `last`: the first ones, and others evenly.
fn sample(last: u64) -> impl Iterator<Item = u64> {
    let step = (last / 60).max(1);
    (1..=last).filter(move |number| *number <= 40 || number % step == 0)
}

/// A real program ends by itself, whichever of its requests fails, and complains unless it prints
/// what it prints otherwise.
fn assert_survives(name: &str, arguments: &[&str]) {
    if Command::new(name).arg("-version").output().is_err() {
        eprintln!("skipped: {name} is missing");
        return;
    }
    let workshop = Workshop::new();
    let command = || {
        let mut command = preloaded(Path::new(name));
        command.args(arguments);
        command
    };
    let expected = said(&command().output().unwrap());
    let last = requests(&mut command(), &workshop);
    assert!(last > 200, "{name}: {last}");
    let mut failures = 0;
    for number in sample(last) {
        let fail_at = number.to_string();
        let output = command().env("RLSF_FAIL_AT", fail_at).output().unwrap();
        let text = said(&output);
        let signal = output.status.signal();
        assert_eq!(signal, None, "{name}, request {number}: {text}");
        let is_clean =
            !output.status.success() || text.contains("memory") || text.contains(&expected);
        assert!(is_clean, "{name}, request {number}: {text}");
        failures += usize::from(text != expected);
    }
    assert!(failures > 20, "{name}: {failures}");
}

#[test]
fn sqlite_ends_by_itself_whichever_request_fails() {
    let script = "CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT);
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200)
        INSERT INTO t SELECT i, printf('%d-%s', i, hex(i * 7919)) FROM n;
        CREATE INDEX tb ON t(b);
        SELECT count(*), max(b), group_concat(b, ';') FROM (SELECT b FROM t ORDER BY b DESC);";
    // Without a file of its own it would look for the user's home, and glibc crashes on that.
    let arguments = ["-init", "/dev/null", ":memory:", script];
    assert_survives("sqlite3", &arguments);
}

#[test]
fn lua_ends_by_itself_whichever_request_fails() {
    let script = "local t = {} for i = 1, 300 do t[i] = ('x'):rep(i) .. i end
        table.sort(t) print(#table.concat(t), t[77]:sub(-3))";
    assert_survives("lua5.4", &["-e", script]);
}

#[test]
fn a_process_that_is_killed_leaves_nothing_behind() {
    let workshop = Workshop::new();
    let program = workshop.compile("faults", &["faults.c"], &[]);
    let folder = workshop.path("work");
    fs::create_dir(&folder).unwrap();
    let mut command = preloaded(&program);
    command.arg("wait").current_dir(&folder);
    command.env("TMPDIR", &folder).stdout(Stdio::piped());
    let settings = [
        ("RLSF_STATS", "1"),
        ("RLSF_STATS_FILE", "statistics"),
        ("RLSF_RESERVE", "1M"),
        ("RLSF_FAIL_EVERY", "10"),
    ];
    let mut child = command.envs(settings).spawn().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    output.read_line(&mut String::new()).unwrap();
    let process = Path::new("/proc").join(child.id().to_string());
    let mapped = fs::read_to_string(process.join("maps")).unwrap();
    let open = fs::read_dir(process.join("fd")).unwrap().count();
    child.kill().unwrap();
    assert_eq!(child.wait().unwrap().signal(), Some(libc::SIGKILL));
    // What is shared would outlive the process, and so would what other files hold.
    let ours = library();
    let ours = ours.canonicalize().unwrap();
    let is_shared = |line: &str| line.split(' ').nth(1).is_some_and(|how| how.ends_with('s'));
    assert!(mapped.contains(&*ours.to_string_lossy()), "{mapped}");
    assert!(!mapped.lines().any(is_shared), "{mapped}");
    assert!(open >= 3);
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
}
