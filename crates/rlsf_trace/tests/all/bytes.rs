//! The format: what is written is read, and what breaks a rule is named with its place.

use crate::sample::{allocate, random, steps, Rng};
use rlsf_trace::step::{Operation, Step};
use rlsf_trace::{Trace, MOST_LIVE_BYTES};

const START: &[u8; 8] = b"rlsf-tr\x01";

/// The fault of a trace of so many steps in these bytes, as it is told.
fn fault(count: u8, words: &[u8]) -> String {
    let bytes = [START, &[count][..], words].concat();
    Trace::decode(&bytes).unwrap_err().to_string()
}

#[test]
fn a_trace_is_the_bytes_that_the_documentation_says() {
    let mut list = steps(&[
        allocate(3, 16),
        allocate(16, 64),
        Operation::Resize { id: 0, size: 200 },
    ]);
    list.push(Step {
        thread: 2,
        operation: Operation::Free { id: 1 },
    });
    let bytes = Trace::new(list).unwrap().encode();
    let words = [4, 3 << 3, 0x84, 0x01, 6, 1 << 2 | 2, 0xc8, 1, 2 << 3 | 3, 1];
    assert_eq!(bytes, [&START[..], &words].concat());
}

#[test]
fn random_traces_are_read_as_they_were_written() {
    let mut rng = Rng(1);
    for length in [0, 1, 2, 3, 10, 100, 1000, 10_000] {
        let trace = random(length, &mut rng);
        assert_eq!(Trace::decode(&trace.encode()).unwrap(), trace);
    }
}

#[test]
fn sizes_at_every_boundary_are_read_as_they_were_written() {
    for bits in 0..47 {
        for size in [(1 << bits) - 1, 1 << bits, (1 << bits) + 1] {
            let list = steps(&[allocate(size, 16), Operation::Resize { id: 0, size }]);
            let trace = Trace::new(list).unwrap();
            assert_eq!(Trace::decode(&trace.encode()).unwrap(), trace);
        }
    }
}

#[test]
fn every_shorter_piece_of_a_trace_ends_too_early() {
    let bytes = random(200, &mut Rng(2)).encode();
    for length in 0..bytes.len() {
        let fault = Trace::decode(&bytes[..length]).unwrap_err();
        assert_eq!(fault.what(), "it ends too early");
        assert_eq!(fault.offset(), length as u64);
    }
}

#[test]
fn what_does_not_begin_as_a_trace_is_none() {
    let told = Trace::decode(b"rlsf-xx\x01\0").unwrap_err().to_string();
    assert_eq!(told, "no trace: it does not begin as one (at byte 5)");
    let told = Trace::decode(b"rlsf-tr\x02\0").unwrap_err().to_string();
    assert!(told.contains("a version"), "{told}");
}

#[test]
fn every_broken_rule_is_named_with_its_place() {
    let cases: [(&[u8], &str); 10] = [
        (&[8, 0b111], "an unknown operation (at byte 10)"),
        (&[8, 0b101], "never allocated (at byte 10)"),
        (&[1, 0], "never allocated (at byte 9)"),
        (&[8, 1, 1], "that is not live (at byte 11)"),
        (&[8, 1, 2, 5], "that is not live (at byte 11)"),
        (&[0x84, 0, 4], "a malformed number (at byte 9)"),
        (&[4, 31], "no such alignment (at byte 9)"),
        (&[4, 200, 1], "no such alignment (at byte 9)"),
        (&[8, 8, 8, 8], "more after the last step (at byte 12)"),
        (
            &[0x83, 0x80, 0x80, 0x80, 0x80, 1, 8],
            "too many threads (at byte 9)",
        ),
    ];
    for (words, expected) in cases {
        let told = fault(3, words);
        assert!(told.ends_with(expected), "{words:?}: {told}");
    }
    let count = [&START[..], &[0x81, 0x80, 0x80, 0x80, 1]].concat();
    let told = Trace::decode(&count).unwrap_err().to_string();
    assert_eq!(told, "no trace: too many steps (at byte 8)");
}

#[test]
fn no_more_is_live_than_can_be_addressed() {
    let most = allocate(MOST_LIVE_BYTES, 16);
    Trace::new(steps(&[most, allocate(0, 16)])).unwrap();
    let cases = [
        vec![allocate(MOST_LIVE_BYTES + 1, 16)],
        vec![most, allocate(1, 16)],
        vec![most, allocate(0, 16), Operation::Resize { id: 1, size: 1 }],
        vec![allocate(u64::MAX, 16)],
    ];
    for case in cases {
        let fault = Trace::new(steps(&case)).unwrap_err();
        assert_eq!(fault.what(), "more bytes are live than can be addressed");
    }
}

#[test]
fn the_figures_are_those_of_the_steps() {
    let trace = Trace::new(steps(&[
        allocate(100, 16),
        allocate(50, 16),
        Operation::Resize { id: 0, size: 10 },
        Operation::Free { id: 1 },
        allocate(139, 16),
        allocate(0, 16),
    ]));
    let figures = trace.unwrap().figures();
    assert_eq!(
        (figures.allocations, figures.frees, figures.resizes),
        (4, 1, 1)
    );
    assert_eq!((figures.peak_bytes, figures.peak_blocks), (150, 3));
    assert_eq!((figures.left_blocks, figures.threads), (3, 1));
}
