//! What is told of a misuse before the operation that met it ends.

use crate::corruption::{arena, Heap, Scene};
use crate::verbs::{free, heap_over, take, word, WORD};
use core::cell::Cell;
use core::panic::AssertUnwindSafe;
use core::ptr::NonNull;
use rlsf::{set_misuse_handler, Misuse, Operation, Report};
use std::panic::{catch_unwind, resume_unwind};

std::thread_local! {
    /// Whether this thread's misuses are told to [`report_of`].
    static WATCHED: Cell<bool> = const { Cell::new(false) };
    static MET: Cell<Option<Report>> = const { Cell::new(None) };
}

/// Hands the report over without the noise of a panic.
fn hand_over(report: &Report) {
    if WATCHED.with(Cell::get) {
        MET.with(|met| met.set(Some(*report)));
        resume_unwind(Box::new(()));
    }
}

/// The report of the misuse that ends an operation.
pub(crate) fn report_of(operation: impl FnOnce()) -> Option<Report> {
    set_misuse_handler(Some(hand_over));
    WATCHED.with(|watched| watched.set(true));
    let end = catch_unwind(AssertUnwindSafe(operation));
    WATCHED.with(|watched| watched.set(false));
    let report = MET.with(Cell::take);
    assert_eq!(end.is_err(), report.is_some());
    report
}

fn freeing(heap: &mut Heap<'_>, block: NonNull<u8>) -> Report {
    let report = report_of(|| free(heap, block)).unwrap();
    assert_eq!(report.operation, Operation::Deallocate);
    assert_eq!(report.pointer, block);
    report
}

fn header_of(block: NonNull<u8>) -> usize {
    // SAFETY: the word before a block of the pool, or before its end.
    unsafe { word(block, -1).read() }
}

fn behind(block: NonNull<u8>, bytes: usize) -> NonNull<u8> {
    NonNull::new(block.as_ptr().wrapping_add(bytes)).unwrap()
}

#[test]
fn a_report_has_the_headers_of_the_block_and_of_the_one_behind_it() {
    let arena = arena();
    let mut scene = Scene::new(&arena);
    let report = freeing(&mut scene.heap, scene.b);
    assert_eq!(report.misuse, Misuse::Free);
    assert_eq!(report.header, Some(header_of(scene.b)));
    assert_eq!(report.next_header, Some(header_of(scene.c)));
    let words = [report.header, report.next_header].map(Option::unwrap);
    let expected = format!(
        "rlsf: the block is free already (deallocate, {:p}, header {:#x}, next {:#x})",
        scene.b, words[0], words[1]
    );
    assert!(report.to_string().starts_with(&expected), "{report}");
}

/// It ends where the pool's blocks do, and begins where they do.
#[test]
fn the_words_of_the_only_block_of_a_pool_are_told_too() {
    let arena = arena();
    let mut heap: Heap<'_> = heap_over(&arena);
    let block = take(&mut heap, 480 - WORD);
    free(&mut heap, block);
    let report = freeing(&mut heap, block);
    assert_eq!(report.header, Some(header_of(block)));
    assert_eq!(report.next_header, Some(header_of(behind(block, 480))));
}

#[test]
fn no_word_is_told_of_where_no_block_can_be() {
    let (arena, other) = (arena(), arena());
    let mut scene = Scene::new(&arena);
    let odd = behind(scene.a, 1);
    let elsewhere = Scene::new(&other).a;
    // The word before the first header, and what follows the pool's end.
    let before = NonNull::new(scene.a.as_ptr().wrapping_sub(8)).unwrap();
    let past = behind(scene.a, 480 + 8);
    let places = [
        (odd, Misuse::Misaligned),
        (elsewhere, Misuse::Foreign),
        (before, Misuse::Foreign),
        (past, Misuse::Foreign),
    ];
    for (place, misuse) in places {
        let report = freeing(&mut scene.heap, place);
        assert_eq!(report.misuse, misuse);
        assert_eq!((report.header, report.next_header), (None, None));
        assert!(!report.to_string().contains("header 0x"));
    }
}

#[test]
fn a_header_that_leads_to_no_other_one_is_told_alone() {
    // A size that is none, one that is less than a block's, and one that leads out.
    for wrong in [1, 9, 0x4440] {
        let arena = arena();
        let mut scene = Scene::new(&arena);
        // SAFETY: a word of the pool.
        unsafe { word(scene.a, -1).write(wrong) };
        let report = freeing(&mut scene.heap, scene.a);
        assert_eq!(report.misuse, Misuse::Header);
        assert_eq!((report.header, report.next_header), (Some(wrong), None));
    }
}

/// The flags of the first header are no part of the way to the second one.
#[test]
fn the_header_that_was_overrun_is_told_as_it_is() {
    let arena = arena();
    let mut scene = Scene::new(&arena);
    // SAFETY: a word of the pool.
    unsafe { word(scene.d, -1).write(0x4242) };
    let report = freeing(&mut scene.heap, scene.c);
    assert_eq!(report.misuse, Misuse::Next);
    assert_eq!(report.header, Some(header_of(scene.c)));
    assert_eq!(report.next_header, Some(0x4242));
}
