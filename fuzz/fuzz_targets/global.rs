//! Inputs for `rlsf_fuzz::global`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let _ = rlsf_fuzz::global::run::<rlsf_fuzz::Faithful>(data);
});
