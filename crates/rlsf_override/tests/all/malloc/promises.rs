//! The manual's promises, on our heap and, to check the checks, on the C library's.

use super::program::{preloaded, said, Workshop};
use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Output};

const PARTS: [&str; 8] = [
    "promises.c",
    "libraries.c",
    "allocation.c",
    "failures.c",
    "alignments.c",
    "figures.c",
    "threads.c",
    "processes.c",
];

/// What comes of all parts, compiled with options, by the command that is made of the program.
pub(crate) fn output_of(options: &[&OsStr], command: impl FnOnce(&Path) -> Command) -> Output {
    let workshop = Workshop::new();
    let plugin = workshop.compile(
        "plugin.so",
        &["plugin.c"],
        &["-shared".as_ref(), "-fPIC".as_ref()],
    );
    let program = workshop.compile("promises", &PARTS, options);
    command(&program).env("PLUGIN", plugin).output().unwrap()
}

/// All promises were kept, and there were as many as there should be.
pub(crate) fn assert_kept(output: &Output) {
    let text = said(output);
    assert!(output.status.success(), "{text}{}", output.status);
    let last = text.lines().last().unwrap();
    let passed: u32 = last
        .strip_suffix(" passed, 0 failed")
        .unwrap()
        .parse()
        .unwrap();
    assert!(passed >= 105, "{text}");
}

#[test]
fn every_promise_of_the_manual_is_kept() {
    assert_kept(&output_of(&["-ldl".as_ref()], preloaded));
}

#[test]
fn the_c_library_keeps_the_same_promises() {
    assert_kept(&output_of(&["-ldl".as_ref()], |program| {
        Command::new(program)
    }));
}
