//! libFuzzer's way into the target `policies`; what it does stands in `src/targets/policies.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| plimsoll_fuzz::targets::policies::run(input));
