//! `rlsf run`: other programs on our heap.

use crate::program::{assert_refused, program, rlsf, static_program, Ended, Folder};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::{chown, PermissionsExt};
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};

/// Runs a line of shell with options of ours.
fn shell(options: &[&str], line: &str) -> Ended {
    rlsf(&[&["run"], options, &["--", "sh", "-c", line]].concat())
}

#[test]
fn the_program_s_output_and_exit_code_are_its_own() {
    for options in [&[][..], &["--stats"]] {
        let ended = shell(options, "echo out; echo err >&2; exit 7");
        assert_eq!(ended.code, Some(7));
        assert_eq!(ended.stdout, "out\n");
        assert!(ended.stderr.starts_with("err\n"), "{ended:?}");
        assert_eq!(ended.stderr == "err\n", options.is_empty(), "{ended:?}");
    }
}

#[test]
fn the_program_reads_the_standard_input() {
    for options in [&[][..], &["--stats"]] {
        let mut command = program();
        command.arg("run").args(options).args(["--", "cat"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.stderr(Stdio::null()).spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        input.write_all(b"through\n").unwrap();
        drop(input);
        assert_eq!(child.wait_with_output().unwrap().stdout, b"through\n");
    }
}

#[test]
fn the_library_is_preloaded_before_what_the_user_preloads() {
    let mut command = program();
    command.env("LD_PRELOAD", "librlsf_none.so");
    command.args([
        "run",
        "--",
        "sh",
        "-c",
        "echo $LD_PRELOAD; cat /proc/$$/maps",
    ]);
    let output = String::from_utf8(command.output().unwrap().stdout).unwrap();
    let list = output.lines().next().unwrap();
    assert!(
        list.ends_with("/librlsf_override.so:librlsf_none.so"),
        "{list}"
    );
    let is_mapped = |line: &str| line.ends_with("/librlsf_override.so");
    assert!(output.lines().any(is_mapped), "{output}");
}

#[test]
fn a_signal_that_ends_the_program_ends_us_and_leaves_nothing() {
    let folder = Folder::new();
    for options in [&[][..], &["--stats"]] {
        let mut command = program();
        command.env("TMPDIR", folder.path()).stderr(Stdio::null());
        command.arg("run").args(options);
        let status = command.args(["--", "sh", "-c", "kill -USR2 $$"]).status();
        assert_eq!(status.unwrap().signal(), Some(12));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}

#[test]
fn a_signal_that_is_sent_to_us_reaches_the_program() {
    for options in [&[][..], &["--stats"]] {
        let line = "trap 'exit 5' TERM; echo ready; while :; do sleep 0.01; done";
        let mut command = program();
        command
            .arg("run")
            .args(options)
            .args(["--", "sh", "-c", line]);
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        output.read_line(&mut String::new()).unwrap();
        let sent = Command::new("kill").arg(child.id().to_string()).status();
        assert!(sent.unwrap().success());
        assert_eq!(child.wait().unwrap().code(), Some(5));
    }
}

#[test]
fn a_command_that_cannot_be_started_ends_as_in_a_shell() {
    let folder = Folder::new();
    let text = folder.file("text", "no program");
    for (command, code) in [("no-such-program-here", 127), (text.as_str(), 126)] {
        for options in [&[][..], &["--stats"]] {
            let ended = rlsf(&[&["run"], options, &["--", command]].concat());
            assert_eq!(ended.code, Some(code), "{ended:?}");
            assert_eq!(ended.stderr.lines().count(), 1, "{ended:?}");
            assert!(ended.stderr.contains(command), "{ended:?}");
        }
    }
}

#[test]
fn what_makes_no_sense_is_refused_before_the_start() {
    let command = ["--", "echo", "started"];
    let refused = |options: &[&str], what: &str| {
        assert_refused(&rlsf(&[&["run"], options, &command].concat()), what);
    };
    refused(&["--reserve", "lots"], "--reserve");
    refused(&["--reserve", "1T"], "none of K, M, G");
    refused(&["--fail-at", "0"], "--fail-at");
    refused(&["--fail-every", "often"], "--fail-every");
    refused(&["--fail-over", "1T"], "none of K, M, G");
    refused(
        &["--stats-file", "no/such/folder/out"],
        "no/such/folder/out: No such",
    );
    refused(&["--stats-file", "/"], "/: Is a directory");
    assert_refused(&rlsf(&["run"]), "<COMMAND>");
    assert_refused(&rlsf(&["run", "--stats", "--"]), "<COMMAND>");
}

/// Asserts that a program ran, and that one line says why not on our heap.
fn assert_not_reached(path: &str, code: i32, why: &str) {
    let ended = rlsf(&["run", "--", path]);
    assert_eq!(ended.code, Some(code), "{ended:?}");
    assert_eq!(ended.stderr.lines().count(), 1, "{ended:?}");
    assert!(ended.stderr.contains(why), "{ended:?}");
    assert!(ended.stderr.contains("does not reach it"), "{ended:?}");
}

#[test]
fn a_statically_linked_program_runs_and_is_said_not_to_be_reached() {
    let folder = Folder::new();
    let Some(path) = static_program(&folder) else {
        return;
    };
    assert_not_reached(path.to_str().unwrap(), 3, "is statically linked");
    let script = folder.file("script", format!("#!{}\n", path.display()));
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    assert_not_reached(&script, 3, "is statically linked");
}

#[test]
fn a_program_that_changes_the_user_runs_and_is_said_not_to_be_reached() {
    let folder = Folder::new();
    let path = folder.path().join("true");
    fs::copy("/bin/true", &path).unwrap();
    if chown(&path, Some(12345), None).is_err() {
        eprintln!("skipped: only the superuser gives a file to another user");
        return;
    }
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o4755)).unwrap();
    assert_not_reached(path.to_str().unwrap(), 0, "changes the user");
}

#[test]
fn statistics_are_told_of_the_program_and_of_what_it_starts() {
    let ended = shell(&["--stats"], "sh -c 'exit 0'; ls / >/dev/null; exit 3");
    assert_eq!(ended.code, Some(3));
    let text = &ended.stderr;
    assert!(
        text.starts_with("rlsf: statistics of sh (process "),
        "{text}"
    );
    for line in ["  operations ", "  peak ", "  pages ", "  fragmentation "] {
        assert!(text.contains(line), "{text}");
    }
    assert!(text.contains("  and 2 more processes: "), "{text}");
}

#[test]
fn every_process_writes_a_line_of_json_to_the_user_s_file() {
    let folder = Folder::new();
    let path = folder.file("stats.jsonl", "of an earlier run\n");
    let line = "cd /; sh -c 'exit 0'; exit 3";
    let ended = shell(&["--stats-file", &path], line);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(3), ""));
    let lines = fs::read_to_string(path).unwrap();
    let records: Vec<serde_json::Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(records.len(), 2);
    for record in &records {
        assert_eq!(record["program"], "sh");
        assert!(record["operations"]["malloc"].as_u64().unwrap() > 0);
        assert!(record["peak_bytes"].as_u64().unwrap() > 0);
    }
    assert_eq!(records[0]["parent"], records[1]["pid"]);
}

#[test]
fn a_reserve_is_taken_before_the_program_starts() {
    let folder = Folder::new();
    let path = folder.path().join("stats.jsonl");
    let file = path.to_str().unwrap();
    let ended = shell(&["--reserve", "64M", "--stats-file", file], ":");
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    let record: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    assert!(record["pool_bytes"].as_u64().unwrap() >= 64 << 20);
}

#[test]
fn requests_fail_where_they_are_told_to() {
    let folder = Folder::new();
    let path = folder.path().join("stats.jsonl");
    let file = path.to_str().unwrap();
    let failed = |options: &[&str]| {
        let command = ["--stats-file", file, "--", "cat", "/dev/null"];
        rlsf(&[&["run"], options, &command].concat());
        let text = fs::read_to_string(&path).unwrap();
        let record: serde_json::Value = serde_json::from_str(&text).unwrap();
        record["failed"].as_u64().unwrap()
    };
    assert_eq!(failed(&[]), 0);
    assert_eq!(failed(&["--fail-at", "2"]), 1);
    assert_eq!(failed(&["--fail-at", "1000000"]), 0);
    assert!(failed(&["--fail-every", "1"]) >= 1);
    assert!(failed(&["--fail-over", "1"]) >= 1);
    assert_eq!(failed(&["--fail-over", "1G"]), 0);
}
