//! Runs that succeed.

use crate::program::{program, rlsf, Ended, Folder};
use serde_json::Value;
use std::fs;
use std::process::Stdio;

const TEXT: &str = "A heap gives blocks, and takes blocks back.\nBlocks, blocks, blocks!\n";

/// Asserts success and gives the table's rows, word by word.
fn rows(ended: &Ended) -> Vec<Vec<&str>> {
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(ended.stderr, "");
    let words = ended
        .stdout
        .lines()
        .map(|line| line.split_whitespace().collect());
    words
        .skip_while(|line: &Vec<&str>| !line.starts_with(&["load", "heap"]))
        .skip(1)
        .take_while(|line| !line.is_empty())
        .collect()
}

#[test]
fn three_workloads_run_on_both_heaps_and_their_heaps_are_drawn() {
    let ended = rlsf(&["--repeat", "1"]);
    let rows = rows(&ended);
    let names: Vec<&str> = rows.iter().map(|row| row[0]).collect();
    assert_eq!(
        names,
        ["json", "system", "words", "system", "lru", "system"]
    );
    assert_eq!(ended.stdout.matches("a character is").count(), 3);
    let is_narrow = |line: &str| line.chars().count() <= 80;
    assert!(ended.stdout.lines().all(is_narrow), "{}", ended.stdout);
}

#[test]
fn the_pictures_can_be_left_out() {
    let folder = Folder::new();
    let path = folder.file("text.txt", TEXT);
    let ended = rlsf(&["--repeat", "1", "--no-picture", "--file", &path]);
    assert_eq!(rows(&ended).len(), 2);
    assert!(!ended.stdout.contains("a character is"));
}

#[test]
fn a_json_file_is_rebuilt() {
    let folder = Folder::new();
    let path = folder.file("data", r#"{"numbers": [1, 2, 3], "text": "two words"}"#);
    let ended = rlsf(&["demo", "--repeat", "1", "--file", &path]);
    let rows = rows(&ended);
    assert_eq!(rows.len(), 2);
    assert!(rows[0].starts_with(&["json", "rlsf"]) && rows[1].starts_with(&["system"]));
    assert!(ended.stdout.contains("parsed, rebuilt and written"));
    assert!(ended.stdout.contains("json: a character is"));
}

#[test]
fn a_text_file_is_counted() {
    let folder = Folder::new();
    let ended = rlsf(&["--repeat", "1", "--file", &folder.file("text.txt", TEXT)]);
    let rows = rows(&ended);
    assert_eq!(rows.len(), 2);
    assert!(rows[0].starts_with(&["words", "rlsf"]));
}

#[test]
fn a_text_that_happens_to_be_json_can_be_counted() {
    let folder = Folder::new();
    let path = folder.file("number.txt", "12345\n");
    let ended = rlsf(&["--repeat", "1", "--file", &path, "--as", "text"]);
    assert!(rows(&ended)[0].starts_with(&["words", "rlsf"]));
}

#[test]
fn a_broken_json_file_is_counted_as_text_with_a_remark() {
    let folder = Folder::new();
    let ended = rlsf(&[
        "--repeat",
        "1",
        "--file",
        &folder.file("broken.json", "{ broken"),
    ]);
    assert!(rows(&ended)[0].starts_with(&["words", "rlsf"]));
    assert!(ended.stdout.contains("broken.json: taken as text"));
    assert!(ended.stdout.contains("line 1 column 3"));
}

#[test]
fn ascii_output_has_only_ascii_characters() {
    let folder = Folder::new();
    let path = folder.file("text.txt", TEXT);
    let ended = rlsf(&["--repeat", "1", "--ascii", "--file", &path]);
    assert_eq!(rows(&ended).len(), 2);
    assert!(ended.stdout.is_ascii());
    let output = program()
        .env("LC_ALL", "C")
        .args(["--repeat", "1", "--file", &path])
        .output();
    assert!(output.unwrap().stdout.is_ascii());
}

#[test]
fn figures_are_written_as_json() {
    let folder = Folder::new();
    let text = folder.file("text.txt", TEXT);
    let out = folder.file("out.json", "x".repeat(1 << 20));
    let ended = rlsf(&["--repeat", "2", "--file", &text, "--json", &out]);
    assert_eq!(rows(&ended).len(), 2);
    let report: Value = serde_json::from_str(&fs::read_to_string(out).unwrap()).unwrap();
    let words = &report["workloads"][0];
    assert_eq!(words["workload"], "words");
    for heap in ["rlsf", "system"] {
        assert_eq!(words[heap]["times"].as_array().unwrap().len(), 2);
        assert_eq!(words[heap]["worsts"].as_array().unwrap().len(), 2);
    }
    let at_peak = &words["rlsf"]["at_peak"];
    assert_eq!(at_peak["live"], words["peak_live"]);
    assert!(at_peak["held"].as_u64() >= at_peak["live"].as_u64());
    assert!(at_peak["taken"].as_u64() >= at_peak["held"].as_u64());
}

#[test]
fn a_closed_pipe_ends_the_program_quietly() {
    let folder = Folder::new();
    let path = folder.file("text.txt", TEXT);
    for arguments in [&["--help"][..], &["--repeat", "1", "--file", &path]] {
        let mut child = program()
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        assert!(output.stderr.is_empty());
    }
}
