//! Pointers that are none.

use super::program::{preloaded, said, Workshop};
use std::os::unix::process::ExitStatusExt;

/// Sizes of blocks that the heap keeps in different ways.
const SIZES: [&str; 3] = ["100", "5000", "400000"];

/// The heap refuses a pointer of each kind of blocks.
fn assert_refused(what: &str, function: &str, reason: &str) {
    for size in SIZES {
        assert_refused_at(size, what, function, reason);
    }
}

/// The program names the pointer, and so does the heap, which ends it.
fn assert_refused_at(size: &str, what: &str, function: &str, reason: &str) {
    let workshop = Workshop::new();
    let program = workshop.compile("misuse", &["misuse.c"], &[]);
    let output = preloaded(&program).args([what, size]).output().unwrap();
    let text = said(&output);
    assert_eq!(
        output.status.signal(),
        Some(libc::SIGABRT),
        "{what}: {text}"
    );
    let mut lines = text.lines();
    let pointer = lines.next().unwrap();
    let message = format!("rlsf: {function}({pointer}): ");
    let line = lines.next().unwrap();
    assert!(
        line.starts_with(&message) && line.contains(reason),
        "{line}"
    );
    assert_eq!(lines.next(), None);
}

#[test]
fn freeing_a_static_object_ends_the_program() {
    assert_refused("foreign", "free", "is not from this heap");
}

#[test]
fn freeing_an_object_of_the_stack_ends_the_program() {
    assert_refused("stack", "free", "is not from this heap");
}

#[test]
fn freeing_an_address_without_memory_ends_the_program() {
    assert_refused("unmapped", "free", "is not from this heap");
}

#[test]
fn freeing_an_odd_address_ends_the_program() {
    assert_refused("odd", "free", "is not aligned");
}

#[test]
fn freeing_the_inside_of_a_block_ends_the_program() {
    assert_refused("interior", "free", "or the pointer is not a payload's");
}

#[test]
fn freeing_twice_ends_the_program() {
    assert_refused("twice", "free", "the block is free already");
}

#[test]
fn freeing_twice_what_became_part_of_a_free_block_ends_the_program() {
    assert_refused("twice-merged", "free", "the block is free already");
}

#[test]
fn freeing_a_block_with_an_overwritten_header_ends_the_program() {
    // Small blocks have no header.
    for size in &SIZES[1..] {
        assert_refused_at(size, "overwritten", "free", "header is overwritten");
    }
}

#[test]
fn resizing_a_static_object_ends_the_program() {
    assert_refused("realloc-foreign", "realloc", "is not from this heap");
}

#[test]
fn resizing_what_was_freed_ends_the_program() {
    assert_refused("realloc-twice", "realloc", "the block is free already");
}
