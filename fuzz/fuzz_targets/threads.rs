//! Inputs for `rlsf_fuzz::threads`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    rlsf_fuzz::threads::run::<rlsf_fuzz::Faithful>(data);
});
