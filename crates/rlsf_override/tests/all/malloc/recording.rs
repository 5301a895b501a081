//! Recordings: every operation of a process, in order, and nobody else's.

use super::program::{preloaded, said, Workshop};
use rlsf_trace::convert::{convert, Converted, Unusable};
use rlsf_trace::step::Operation;
use std::fs::{self, File};
use std::io::BufReader;
use std::path::Path;
use std::process::Output;

/// Runs the program, recorded, and returns how it ended and what was recorded.
fn record(kind: &str) -> (Output, Result<Converted, Unusable>) {
    let workshop = Workshop::new();
    let program = workshop.compile("recording", &["recording.c"], &[]);
    let path = workshop.path("recording.raw");
    let mut command = preloaded(&program);
    let output = command.arg(kind).env("RLSF_RECORD", &path).output();
    (output.unwrap(), read(&path))
}

fn read(path: &Path) -> Result<Converted, Unusable> {
    convert(&mut BufReader::new(File::open(path).unwrap()))
}

fn operations(recording: &Converted) -> Vec<Operation> {
    let steps = recording.trace.steps().iter();
    steps.map(|step| step.operation).collect()
}

const fn allocate(size: u64, align: u64) -> Operation {
    Operation::Allocate { size, align }
}

const fn free(id: u32) -> Operation {
    Operation::Free { id }
}

const fn resize(id: u32, size: u64) -> Operation {
    Operation::Resize { id, size }
}

/// What the program does as `all`.
const ALL: [Operation; 12] = [
    allocate(100, 16),
    allocate(150, 16),
    allocate(70_000, 4096),
    resize(0, 5000),
    resize(0, 20),
    free(1),
    allocate(7, 16),
    free(3),
    allocate(0, 64),
    free(4),
    free(2),
    free(0),
];

#[test]
fn every_kind_of_operation_is_recorded_as_it_was() {
    let (output, recording) = record("all");
    assert_eq!(
        (output.status.code(), said(&output)),
        (Some(0), String::new())
    );
    let recording = recording.unwrap();
    assert_eq!(operations(&recording), ALL);
    assert_eq!(recording.unknown, 0);
    assert!(recording.trace.steps().iter().all(|step| step.thread == 0));
}

#[test]
fn threads_are_recorded_in_an_order_that_a_heap_can_follow() {
    let (output, recording) = record("threads");
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let recording = recording.unwrap();
    assert_eq!(recording.unknown, 0);
    let sizes = |operation: &Operation| match *operation {
        Operation::Allocate { size, .. } => size % 37 == 1,
        Operation::Free { .. } => true,
        Operation::Resize { size, .. } => size == 3000,
    };
    let of_threads = recording.trace.steps().iter();
    let of_threads: Vec<_> = of_threads.filter(|step| step.thread != 0).collect();
    assert_eq!(of_threads.len(), 4 * 500 * (64 + 32 + 64));
    assert!(of_threads.iter().all(|step| sizes(&step.operation)));
    for thread in 1..=4 {
        let steps = of_threads.iter().filter(|step| step.thread == thread);
        let own = steps.count();
        // A thread that starts when another has ended may get its number.
        assert_eq!(own % (500 * (64 + 32 + 64)), 0, "thread {thread}");
    }
}

#[test]
// A recorder that wrote ends after the heap had acted failed this in five runs of five.
fn a_block_that_threads_hand_on_is_each_time_another_block() {
    let (output, recording) = record("large");
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let recording = recording.unwrap();
    assert_eq!(recording.unknown, 0);
    for thread in 1..=4 {
        let steps = recording.trace.steps().iter();
        let own = steps.filter(|step| step.thread == thread);
        let own: Vec<_> = own.map(|step| step.operation).collect();
        for three in own.chunks(3) {
            let [Operation::Allocate { size, .. }, Operation::Resize { id, .. }, last] = three
            else {
                panic!("{three:?}");
            };
            assert_eq!((*size, *last), (300_000, free(*id)));
        }
    }
}

#[test]
fn a_child_of_fork_is_silent_and_its_parent_goes_on_to_its_very_end() {
    let (output, recording) = record("forks");
    assert_eq!(output.status.code(), None, "it ends by abort");
    let expected = [allocate(111, 16), free(0), allocate(222, 16)];
    assert_eq!(operations(&recording.unwrap()), expected);
}

#[test]
fn a_recording_goes_on_in_further_windows() {
    let (output, recording) = record("long");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(operations(&recording.unwrap()).len(), 200_000);
}

#[test]
fn a_program_that_takes_the_process_over_is_recorded_from_its_start() {
    let (output, recording) = record("exec");
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert_eq!(operations(&recording.unwrap()), ALL);
}

#[test]
fn without_room_the_program_goes_on_and_one_line_says_so() {
    let (output, recording) = record("no-room");
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let text = said(&output);
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.contains("there is no room for the file"), "{text}");
    let window = (1 << 20) / 32 - 1;
    assert_eq!(operations(&recording.unwrap()).len(), window);
}

#[test]
fn a_process_leaves_the_recording_of_another_alone() {
    let workshop = Workshop::new();
    let program = workshop.compile("recording", &["recording.c"], &[]);
    let path = workshop.path("recording.raw");
    let run = |kind: &str| {
        let mut command = preloaded(&program);
        let output = command.arg(kind).env("RLSF_RECORD", &path).output();
        said(&output.unwrap())
    };
    assert_eq!(run("all"), "");
    let first = fs::read(&path).unwrap();
    assert_eq!(run("long"), "");
    assert_eq!(fs::read(&path).unwrap(), first);
}

#[test]
fn a_file_that_is_no_recording_is_left_alone_and_one_line_says_so() {
    let workshop = Workshop::new();
    let program = workshop.compile("recording", &["recording.c"], &[]);
    let path = workshop.path("notes.txt");
    fs::write(&path, "notes").unwrap();
    let mut command = preloaded(&program);
    let output = command.arg("all").env("RLSF_RECORD", &path).output();
    let text = said(&output.unwrap());
    assert!(text.contains("exists, and is no recording"), "{text}");
    assert_eq!(fs::read(&path).unwrap(), b"notes");
}
