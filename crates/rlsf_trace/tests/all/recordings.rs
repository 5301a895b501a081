//! Traces made of recordings.

use crate::sample::{allocate, Rng};
use rlsf_recording::{Event, Header, ALLOCATED, FREEING, KIND_BITS, MAGIC, RESIZED, RESIZING};
use rlsf_trace::convert::{convert, Converted, Unusable};
use rlsf_trace::step::Operation;

const HEADER: Header = Header {
    magic: MAGIC,
    process: 77,
    reserved: [0; 2],
};

fn event(kind: u64, thread: u64, address: u64, size: u64) -> Event {
    Event {
        kind,
        thread,
        address,
        size,
    }
}

fn allocated(thread: u64, address: u64, size: u64) -> Event {
    event(ALLOCATED | 4 << KIND_BITS, thread, address, size)
}

fn bytes(events: &[Event]) -> Vec<u8> {
    let events = events.iter().map(|event| event.to_bytes());
    core::iter::once(HEADER.to_bytes())
        .chain(events)
        .collect::<Vec<_>>()
        .concat()
}

fn converted(events: &[Event]) -> Converted {
    convert(&mut bytes(events).as_slice()).unwrap()
}

fn operations(events: &[Event]) -> Vec<Operation> {
    let converted = converted(events);
    let steps = converted.trace.steps().iter();
    steps.map(|step| step.operation).collect()
}

#[test]
fn addresses_become_numbers_and_threads_too() {
    let events = [
        allocated(900, 0x1000, 5),
        allocated(800, 0x2000, 6),
        event(FREEING, 800, 0x1000, 0),
        allocated(900, 0x1000, 7),
        event(FREEING, 900, 0x2000, 0),
    ];
    let free = |id| Operation::Free { id };
    let expected = [
        allocate(5, 16),
        allocate(6, 16),
        free(0),
        allocate(7, 16),
        free(1),
    ];
    assert_eq!(operations(&events), expected);
    let converted = converted(&events);
    let threads = converted.trace.steps().iter().map(|step| step.thread);
    assert_eq!(threads.collect::<Vec<_>>(), [0, 1, 1, 0, 0]);
    assert_eq!((converted.process, converted.unknown), (77, 0));
}

#[test]
fn a_place_that_a_block_leaves_while_it_is_resized_may_be_another_s_at_once() {
    let events = [
        allocated(1, 0x1000, 5),
        event(RESIZING, 1, 0x1000, 0),
        allocated(2, 0x1000, 6),
        event(RESIZED, 1, 0x3000, 50),
        event(FREEING, 2, 0x1000, 0),
        event(FREEING, 1, 0x3000, 0),
    ];
    let expected = [
        allocate(5, 16),
        allocate(6, 16),
        Operation::Resize { id: 0, size: 50 },
        Operation::Free { id: 1 },
        Operation::Free { id: 0 },
    ];
    assert_eq!(operations(&events), expected);
}

#[test]
fn a_resize_that_failed_leaves_the_block_where_it_was() {
    let events = [
        allocated(1, 0x1000, 5),
        event(RESIZING, 1, 0x1000, 0),
        event(RESIZED, 1, 0, 50),
        event(FREEING, 1, 0x1000, 0),
    ];
    let expected = [allocate(5, 16), Operation::Free { id: 0 }];
    assert_eq!(operations(&events), expected);
}

#[test]
fn blocks_from_before_the_recording_are_counted_and_left_out() {
    let events = [
        event(FREEING, 1, 0x1000, 0),
        event(RESIZING, 1, 0x2000, 0),
        event(RESIZED, 1, 0x3000, 9),
        allocated(1, 0x1000, 5),
    ];
    assert_eq!(operations(&events), [allocate(5, 16)]);
    assert_eq!(converted(&events).unknown, 2);
}

#[test]
fn a_recording_ends_where_no_event_was_written_any_more() {
    let mut bytes = bytes(&[allocated(1, 0x1000, 5)]);
    bytes.extend([0; 200]);
    bytes.extend([1; 64]);
    let converted = convert(&mut bytes.as_slice()).unwrap();
    assert_eq!(converted.trace.steps().len(), 1);
}

#[test]
fn what_is_no_recording_is_refused() {
    let refused = |bytes: &[u8]| convert(&mut &*bytes).unwrap_err();
    assert!(matches!(refused(&[]), Unusable::Empty));
    assert!(matches!(refused(&[0; 64]), Unusable::Empty));
    assert!(matches!(refused(&[9; 64]), Unusable::Malformed(0)));
    let unknown = bytes(&[allocated(1, 16, 5), event(9, 1, 2, 3)]);
    assert!(matches!(refused(&unknown), Unusable::Malformed(64)));
    let alone = bytes(&[event(RESIZED, 1, 2, 3)]);
    assert!(matches!(refused(&alone), Unusable::Malformed(32)));
    let aligned = bytes(&[event(ALLOCATED | 64 << KIND_BITS, 1, 2, 3)]);
    assert!(matches!(refused(&aligned), Unusable::Malformed(32)));
}

#[test]
fn random_events_give_a_trace_that_keeps_the_rules_or_are_refused() {
    let mut rng = Rng(9);
    for _ in 0..2_000 {
        let mut random = || {
            let kind = rng.below(5) | rng.below(32) << KIND_BITS;
            event(kind, rng.below(3), rng.below(8) << 4, rng.below(1 << 20))
        };
        let events: Vec<_> = (0..50).map(|_| random()).collect();
        // Either is fine: that it comes back is what is asked.
        let _ = convert(&mut bytes(&events).as_slice());
    }
}
