//! Traces and recordings of any bytes: an error or a trace, which comes back as it was.

use crate::Input;
use rlsf_recording::{Event, Header, ALLOCATED, FREEING, KIND_BITS, MAGIC, RESIZED, RESIZING};
use rlsf_trace::convert::convert;
use rlsf_trace::file::{pack, unpack};
use rlsf_trace::step::{Operation, Step};
use rlsf_trace::Trace;

/// The most events and steps that are made up.
const MOST: usize = 1000;

/// Reads an input; the number of steps that came of it.
#[must_use]
pub fn run(data: &[u8]) -> usize {
    let mut input = Input::new(data);
    match input.number(6) {
        0 => file(input.rest()),
        1 => {
            let raw = [b"rlsf-tr\x01", input.rest()].concat();
            file(&raw)
        }
        2 => recording(input.rest()),
        3 => recording(&events(&mut input)),
        4 => Trace::new(steps(&mut input, false)).map_or(0, |trace| returns(&trace)),
        _ => {
            let trace = Trace::new(steps(&mut input, true));
            returns(&trace.expect("the steps keep the rules"))
        }
    }
}

/// Bytes as a file.
fn file(bytes: &[u8]) -> usize {
    match unpack(bytes) {
        Ok(trace) => returns(&trace),
        Err(error) => {
            assert!(!error.to_string().is_empty());
            0
        }
    }
}

/// Bytes as a recording.
fn recording(mut bytes: &[u8]) -> usize {
    match convert(&mut bytes) {
        Ok(converted) => returns(&converted.trace),
        Err(error) => {
            assert!(!error.to_string().is_empty());
            0
        }
    }
}

/// A trace comes back from its bytes, compressed or not; the number of its steps.
fn returns(trace: &Trace) -> usize {
    assert_eq!(Trace::decode(&trace.encode()).as_ref(), Ok(trace));
    let packed = pack(trace).expect("memory takes what is written");
    assert_eq!(&unpack(&packed).expect("as it was packed"), trace);
    let figures = trace.figures();
    assert_eq!(figures.steps(), trace.steps().len() as u64);
    assert_eq!(figures.left_blocks, figures.allocations - figures.frees);
    trace.steps().len()
}

/// A recording of a few addresses and threads.
fn events(input: &mut Input<'_>) -> Vec<u8> {
    let header = Header {
        magic: MAGIC,
        process: 1,
        ..Header::default()
    };
    let mut bytes = header.to_bytes().to_vec();
    for _ in 0..MOST {
        if input.is_empty() {
            break;
        }
        let kinds = [ALLOCATED, FREEING, RESIZING, RESIZED, 9];
        let kind = kinds[input.number(5)] | (input.number(66) as u64) << KIND_BITS;
        let event = Event {
            kind,
            thread: input.number(4) as u64,
            address: input.number(16) as u64,
            size: input.size(20) as u64,
        };
        bytes.extend(event.to_bytes());
    }
    bytes
}

/// Steps that keep the rules, or that need not.
fn steps(input: &mut Input<'_>, keep: bool) -> Vec<Step> {
    let mut steps = Vec::new();
    let (mut live, mut allocated) = (Vec::new(), 0_u32);
    while !input.is_empty() && steps.len() < MOST {
        let chosen = input.number(64);
        let known = live.get(chosen % live.len().max(1)).copied();
        let id = known.filter(|_| keep || chosen != 63).unwrap_or(7);
        let operation = match input.number(4) {
            0 if known.is_some() || !keep => {
                live.retain(|&other| other != id);
                Operation::Free { id }
            }
            1 if known.is_some() || !keep => Operation::Resize {
                id,
                size: input.number(1 << 20) as u64,
            },
            _ => {
                live.push(allocated);
                allocated += 1;
                Operation::Allocate {
                    size: input.number(1 << 20) as u64,
                    align: 1 << input.number(if keep { 31 } else { 64 }),
                }
            }
        };
        let thread = u32::from(input.number(8) == 7) * 3;
        steps.push(Step { thread, operation });
    }
    steps
}
