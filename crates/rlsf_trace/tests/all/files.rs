//! Traces in files.

use crate::sample::{random, Rng};
use rlsf_trace::file::{pack, read, unpack};
use std::path::Path;

#[test]
fn a_compressed_trace_is_read_as_it_was_written_and_always_the_same() {
    let trace = random(5_000, &mut Rng(6));
    let bytes = pack(&trace).unwrap();
    assert_eq!(bytes, pack(&trace).unwrap());
    assert!(bytes.len() < trace.encode().len());
    assert_eq!(unpack(&bytes).unwrap(), trace);
}

#[test]
fn a_trace_that_is_not_compressed_is_read_too() {
    let trace = random(50, &mut Rng(7));
    assert_eq!(unpack(&trace.encode()).unwrap(), trace);
}

#[test]
fn a_compressed_file_that_is_cut_is_refused() {
    let bytes = pack(&random(500, &mut Rng(8))).unwrap();
    for length in 0..bytes.len() {
        let told = unpack(&bytes[..length]).unwrap_err().to_string();
        assert!(told.starts_with("no trace: "), "{told}");
    }
}

#[test]
fn a_file_that_is_not_there_is_named_as_the_system_does() {
    let told = read(Path::new("/no/such/file")).unwrap_err().to_string();
    assert!(told.starts_with("No such file"), "{told}");
}
