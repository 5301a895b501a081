//! Inputs for `rlsf_fuzz::core`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let _ = rlsf_fuzz::core::run::<rlsf_fuzz::Faithful>(data);
});
