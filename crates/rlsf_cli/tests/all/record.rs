//! `rlsf record`: traces of programs on our heap.

use crate::program::{assert_refused, program, rlsf, static_program, Ended, Folder};
use rlsf_trace::file;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;

/// Runs a line of shell, recorded in a file.
fn record(output: &Path, line: &str) -> Ended {
    let output = output.to_str().unwrap();
    rlsf(&["record", "-o", output, "--", "sh", "-c", line])
}

#[test]
fn the_program_s_output_and_exit_code_are_its_own_and_a_line_tells_of_the_trace() {
    let folder = Folder::new();
    let path = folder.path().join("sh.trace.gz");
    let ended = record(&path, "echo out; exit 7");
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(7), "out\n"));
    let figures = file::read(&path).unwrap().figures();
    let line = ended.stderr.strip_suffix('\n').unwrap();
    assert!(!line.contains('\n'), "{line}");
    let (steps, blocks) = (figures.steps(), figures.peak_blocks);
    assert!(steps > 0);
    let told = format!("sh.trace.gz: {steps} operations of one thread, peak ");
    assert!(line.contains(&told), "{line}");
    assert!(line.contains(&format!(" in {blocks} blocks, ")), "{line}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn without_a_name_the_trace_has_the_program_s_in_the_present_folder() {
    let folder = Folder::new();
    let mut command = program();
    command.args(["record", "--", "/bin/sh", "-c", "exit 0"]);
    let status = command.current_dir(folder.path()).output().unwrap().status;
    assert!(status.success());
    file::read(&folder.path().join("sh.trace.gz")).unwrap();
}

#[test]
fn a_program_that_a_signal_ends_leaves_its_trace_and_nothing_else() {
    let folder = Folder::new();
    let path = folder.path().join("trace");
    let mut command = program();
    command.args(["record", "-o"]).arg(&path);
    let output = command.args(["--", "sh", "-c", "kill -KILL $$"]).output();
    assert_eq!(output.unwrap().status.signal(), Some(9));
    assert!(file::read(&path).unwrap().figures().steps() > 0);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn what_cannot_be_written_is_refused_before_the_start() {
    let ended = rlsf(&["record", "-o", "no/such/folder/x", "--", "echo", "started"]);
    assert_refused(&ended, "no/such/folder/x: No such");
    assert_refused(
        &rlsf(&["record", "-o", "/", "--", "echo"]),
        "/: Is a directory",
    );
    assert_refused(&rlsf(&["record"]), "<COMMAND>");
}

#[test]
fn a_command_that_cannot_be_started_leaves_nothing() {
    let folder = Folder::new();
    let path = folder.path().join("trace");
    let output = path.to_str().unwrap();
    let ended = rlsf(&["record", "-o", output, "--", "no-such-program-here"]);
    assert_eq!(ended.code, Some(127), "{ended:?}");
    assert_eq!(ended.stderr.lines().count(), 1, "{ended:?}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_program_that_is_not_reached_leaves_no_trace_and_a_line_says_so() {
    let folder = Folder::new();
    let Some(program) = static_program(&folder) else {
        return;
    };
    let path = folder.path().join("trace");
    let output = path.to_str().unwrap();
    let ended = rlsf(&["record", "-o", output, "--", program.to_str().unwrap()]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let told = "three left no trace: nothing was recorded\n";
    assert!(ended.stderr.ends_with(told), "{ended:?}");
    assert!(!path.exists());
}

#[test]
fn a_trace_is_replayed_on_our_heap_and_drawn() {
    let folder = Folder::new();
    let path = folder.path().join("sh.trace.gz");
    record(&path, "exit 0");
    let path = path.to_str().unwrap();
    let ended = rlsf(&["replay", path]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    for part in [
        "sh.trace.gz",
        " allocate, ",
        "the heap is sound",
        "in use",
        "█",
    ] {
        assert!(
            ended.stdout.to_lowercase().contains(part),
            "{}",
            ended.stdout
        );
    }
    let plain = rlsf(&["replay", "--no-picture", path]);
    assert!(!plain.stdout.contains('█'), "{}", plain.stdout);
}

#[test]
fn what_is_no_trace_is_not_replayed() {
    let folder = Folder::new();
    let path = folder.file("notes", "rlsf-tr\u{1}\u{3}\u{8}\u{7}");
    assert_refused(
        &rlsf(&["replay", &path]),
        "an unknown operation (at byte 10)",
    );
    assert_refused(&rlsf(&["replay", "no/such/file"]), "no/such/file: No such");
}
