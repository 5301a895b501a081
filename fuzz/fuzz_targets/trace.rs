//! Inputs for `rlsf_fuzz::trace`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let _ = rlsf_fuzz::trace::run(data);
});
