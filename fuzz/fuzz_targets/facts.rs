//! libFuzzer's way into the target `facts`; what it does stands in `src/targets/facts.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| plimsoll_fuzz::targets::facts::run(input));
