//! Damaged bytes give a trace that keeps the rules, or a fault: never a panic.

use crate::sample::{random, Rng};
use rlsf_trace::file::{pack, unpack};
use rlsf_trace::Trace;

/// Changes, removes or doubles a few bytes at random places.
fn damage(bytes: &mut Vec<u8>, rng: &mut Rng) {
    for _ in 0..=rng.below(4) {
        let place = usize::try_from(rng.below(bytes.len() as u64)).unwrap();
        let byte = u8::try_from(rng.below(256)).unwrap();
        match rng.below(4) {
            0 => bytes.insert(place, byte),
            1 if bytes.len() > 1 => drop(bytes.remove(place)),
            2 => bytes[place] ^= 1 << (byte % 8),
            _ => bytes[place] = byte,
        }
    }
}

#[test]
fn a_damaged_trace_is_read_by_the_rules_or_refused() {
    let mut rng = Rng(3);
    let (mut read, mut refused) = (0, 0);
    for _ in 0..20_000 {
        let mut bytes = random(40, &mut rng).encode();
        damage(&mut bytes, &mut rng);
        match Trace::decode(&bytes) {
            Ok(trace) => {
                read += 1;
                assert_eq!(Trace::new(trace.steps().to_vec()).unwrap(), trace);
            }
            Err(fault) => {
                refused += 1;
                assert!(fault.offset() <= bytes.len() as u64);
            }
        }
    }
    assert!(read > 100 && refused > 10_000, "{read} {refused}");
}

#[test]
fn random_bytes_after_the_start_are_read_by_the_rules_or_refused() {
    let mut rng = Rng(4);
    for _ in 0..20_000 {
        let mut bytes = b"rlsf-tr\x01".to_vec();
        let length = rng.below(60);
        bytes.extend((0..length).map(|_| u8::try_from(rng.below(256)).unwrap()));
        if let Ok(trace) = Trace::decode(&bytes) {
            Trace::new(trace.steps().to_vec()).unwrap();
        }
    }
}

#[test]
fn a_damaged_file_is_refused() {
    let mut rng = Rng(5);
    for _ in 0..2_000 {
        let trace = random(200, &mut rng);
        let mut bytes = pack(&trace).unwrap();
        let whole = bytes.clone();
        damage(&mut bytes, &mut rng);
        // The head has bytes that mean nothing, such as the time.
        match unpack(&bytes) {
            Ok(read) => assert!(read == trace && bytes[10..] == whole[10..]),
            Err(error) => assert_eq!(error.to_string().lines().count(), 1),
        }
    }
}
