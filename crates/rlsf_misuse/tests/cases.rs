//! The program's cases, in processes of their own.

use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output};

/// What an honest program prints.
const WHOLE: &str = "begin\ndone\nnext\nend\n";

fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rlsf-misuse"));
    command.env("RUST_BACKTRACE", "0");
    command
        .args(arguments)
        .output()
        .expect("the program starts")
}

fn printed(output: &Output) -> &str {
    core::str::from_utf8(&output.stdout).expect("it prints text")
}

#[test]
fn a_double_free_ends_glibc_in_the_misuse() {
    let output = run(&["double-free-small"]);
    assert_eq!(printed(&output), "begin\n");
    assert_eq!(output.status.signal(), Some(6), "{output:?}");
    assert!(!output.stderr.is_empty());
}

#[test]
fn an_overflow_into_slack_is_seen_by_none_but_a_hardened_heap() {
    for heap in ["c", "tlsf", "global"] {
        let output = run(&["--heap", heap, "overflow-1-same-odd"]);
        if cfg!(feature = "hardened") && heap != "c" {
            assert_eq!(printed(&output), "begin\ndone\n", "{heap}: {output:?}");
            assert!(!output.status.success());
        } else {
            assert_eq!(printed(&output), WHOLE, "{heap}: {output:?}");
            assert!(output.status.success() && output.stderr.is_empty());
        }
    }
}

#[test]
fn every_case_without_its_misuse_comes_to_its_end_on_every_heap() {
    for heap in ["c", "tlsf", "slab", "global"] {
        let list = run(&["--heap", heap, "--list"]);
        let names = printed(&list)
            .lines()
            .map(|line| line.split_once('\t').unwrap().1);
        for name in names {
            let output = run(&["--heap", heap, "--control", name]);
            assert_eq!(printed(&output), WHOLE, "{heap} {name}: {output:?}");
            assert!(output.status.success() && output.stderr.is_empty());
        }
    }
}

#[test]
fn a_case_that_a_heap_cannot_run_is_refused() {
    let output = run(&["--heap", "tlsf", "usable-size-stack-middle"]);
    assert!(!output.status.success() && output.stdout.is_empty());
}
