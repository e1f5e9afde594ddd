//! libFuzzer's way into the target `foreign`; what it does stands in `src/targets/foreign.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| plimsoll_fuzz::targets::foreign::run(input));
