//! Inputs for `rlsf_fuzz::c_abi`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let _ = rlsf_fuzz::c_abi::run::<rlsf_fuzz::Faithful>(data);
});
