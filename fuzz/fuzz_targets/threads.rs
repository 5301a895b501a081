//! Inputs for `rlsf_fuzz::threads`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let _ = rlsf_fuzz::threads::run::<rlsf_fuzz::Faithful>(data);
});
