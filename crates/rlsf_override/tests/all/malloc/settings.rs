//! The settings, and the statistics.

use super::program::{preloaded, said, Workshop};
use serde_json::Value;
use std::path::PathBuf;
use std::process::{Command, Output};

/// Runs the program with settings; its own exit code stays.
fn run(settings: &[(&str, &str)]) -> String {
    let workshop = Workshop::new();
    let program = workshop.compile("settings", &["settings.c"], &[]);
    let output = preloaded(&program)
        .envs(settings.iter().copied())
        .output()
        .unwrap();
    let text = said(&output);
    assert_eq!(output.status.code(), Some(7), "{text}");
    text
}

#[test]
fn without_settings_nothing_is_said() {
    assert_eq!(run(&[]), "");
}

#[test]
fn an_unknown_setting_is_reported_in_one_line() {
    let expected = "rlsf: RLSF_SPEED=9 is ignored: there is no such setting\n";
    assert_eq!(run(&[("RLSF_SPEED", "9")]), expected);
}

#[test]
fn a_malformed_value_is_reported_in_one_line() {
    let size = "it has to be a number of bytes, such as 4096, 64K, 10M or 1G";
    let request = "it has to be the number of a request, from 1";
    let much = "that is more than there is to address";
    let cases = [
        ("RLSF_STATS", "yes", "it has to be 0 or 1"),
        ("RLSF_LOCK_MEMORY", "", "it has to be 0 or 1"),
        ("RLSF_CALLS", "8", "it has to be 0 or 1"),
        ("RLSF_STATS_FILE", "", "it has to be the name of a file"),
        ("RLSF_RESERVE", "", size),
        ("RLSF_RESERVE", "-5", size),
        ("RLSF_RESERVE", "10T", size),
        ("RLSF_RESERVE", "+1", size),
        ("RLSF_RESERVE", "99999999999999999999", much),
        ("RLSF_FAIL_AT", "0", request),
        ("RLSF_FAIL_AT", "first", request),
        ("RLSF_FAIL_EVERY", "", request),
        ("RLSF_FAIL_EVERY", "99999999999999999999", request),
        ("RLSF_FAIL_OVER", "1T", size),
        ("RLSF_RESERVE", "9999999999G", much),
    ];
    for (name, value, fault) in cases {
        let expected = format!("rlsf: {name}={value} is ignored: {fault}\n");
        assert_eq!(run(&[(name, value)]), expected);
    }
}

#[test]
fn a_reserve_that_the_system_refuses_is_reported_in_one_line() {
    let text = run(&[("RLSF_RESERVE", "4000000G")]);
    assert!(text.starts_with("rlsf: no reserve of "), "{text}");
    assert_eq!(text.lines().count(), 1);
}

#[test]
fn a_report_names_the_program_and_counts_its_operations() {
    let text = run(&[("RLSF_STATS", "1")]);
    let first = text.lines().next().unwrap();
    assert!(first.starts_with("rlsf: settings (process "), "{text}");
    let line = text.lines().find(|line| line.contains(" malloc ")).unwrap();
    assert_eq!(line.split_whitespace().last(), Some("11"), "{text}");
    assert_eq!(run(&[("RLSF_STATS", "0")]), "");
}

#[test]
fn a_file_that_cannot_be_written_is_reported_in_one_line() {
    let expected = "rlsf: the statistics cannot be written to /nowhere/at/all\n";
    assert_eq!(run(&[("RLSF_STATS_FILE", "/nowhere/at/all")]), expected);
    let expected = "rlsf: the statistics cannot be written to /dev/full\n";
    assert_eq!(run(&[("RLSF_STATS_FILE", "/dev/full")]), expected);
}

/// Runs the program with a file for its statistics; the records.
fn records(arguments: &[&str], settings: &[(&str, &str)], file: &str) -> Vec<Value> {
    let workshop = Workshop::new();
    let program = workshop.compile("pro\"gram", &["settings.c"], &[]);
    let mut command: Command = preloaded(&program);
    command.args(arguments).envs(settings.iter().copied());
    command
        .env("RLSF_STATS_FILE", file)
        .current_dir(workshop.path(""));
    let output: Output = command.output().unwrap();
    assert_eq!(
        (said(&output).as_str(), output.status.code()),
        ("", Some(7))
    );
    let path: PathBuf = workshop.path(file);
    let text = std::fs::read_to_string(path).unwrap();
    let parsed = text.lines().map(serde_json::from_str);
    parsed.collect::<Result<_, _>>().unwrap()
}

#[test]
fn a_record_counts_what_the_program_did() {
    let records = records(&[], &[], "statistics");
    let [record] = &records[..] else {
        panic!("{records:?}")
    };
    assert_eq!(record["program"], "pro\"gram");
    assert_eq!(record["parent"], std::process::id());
    let operations = &record["operations"];
    let counts = [
        "malloc", "calloc", "realloc", "aligned", "new", "free", "delete",
    ]
    .map(|kind| operations[kind].as_u64().unwrap());
    assert_eq!(counts, [11, 1, 1, 1, 0, 3, 0]);
    assert_eq!(record["largest_request"], 123_456);
    assert_eq!(
        (&record["failed"], &record["live_blocks"]),
        (&0.into(), &10.into())
    );
    assert!(record["slowest_ns"].as_u64().unwrap() > 0 && record["slowest_kind"].is_string());
    let bytes = |name: &str| record[name].as_u64().unwrap();
    let parts = bytes("live_bytes") + bytes("free_bytes") + bytes("overhead_bytes");
    assert_eq!(parts, bytes("pool_bytes"));
    assert!(bytes("live_bytes") >= 11_000 && bytes("peak_bytes") >= 123_456 + 11_000);
    assert!(bytes("taken_bytes") >= bytes("pool_bytes") && bytes("given_back_bytes") == 0);
    assert!(bytes("largest_free") <= bytes("free_bytes"));
    assert!((0.0..=1.0).contains(&record["fragmentation"].as_f64().unwrap()));
}

#[test]
fn a_forked_child_has_a_record_of_its_own_that_counts_from_zero() {
    let records = records(&["fork"], &[], "statistics");
    let [child, parent] = &records[..] else {
        panic!("{records:?}")
    };
    assert_eq!(child["parent"], parent["pid"]);
    assert_eq!(
        (&child["operations"]["malloc"], &child["operations"]["free"]),
        (&1.into(), &1.into())
    );
    assert_eq!(parent["operations"]["malloc"], 11);
}

#[test]
fn a_reserve_is_taken_before_the_program_begins() {
    for (value, least) in [("3000000", 3_000_000), ("64K", 1 << 16), ("20m", 20 << 20)] {
        let records = records(&[], &[("RLSF_RESERVE", value)], "statistics");
        assert!(
            records[0]["pool_bytes"].as_u64().unwrap() > least,
            "{records:?}"
        );
    }
}

#[test]
fn a_program_that_ends_at_once_leaves_its_record_and_its_exit_code() {
    let workshop = Workshop::new();
    let program = workshop.compile("exits", &["exits.c"], &[]);
    for way in ["_exit", "_Exit", "quick_exit"] {
        let file = workshop.path(way);
        let mut command = preloaded(&program);
        let output = command.arg(way).env("RLSF_STATS_FILE", &file).output();
        assert_eq!(output.unwrap().status.code(), Some(7), "{way}");
        let lines = std::fs::read_to_string(file).unwrap_or_default();
        assert_eq!(lines.lines().count(), 1, "{way}");
    }
}

#[test]
fn a_signal_handler_may_end_the_program_while_the_heap_works() {
    let workshop = Workshop::new();
    let program = workshop.compile("exits", &["exits.c"], &[]);
    let mut command = preloaded(&program);
    command
        .arg("handlers")
        .env("RLSF_STATS_FILE", workshop.path("file"));
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(7), "{}", said(&output));
}
