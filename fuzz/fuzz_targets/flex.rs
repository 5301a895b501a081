//! Inputs for `rlsf_fuzz::flex`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let _ = rlsf_fuzz::flex::run::<rlsf_fuzz::Faithful>(data);
});
