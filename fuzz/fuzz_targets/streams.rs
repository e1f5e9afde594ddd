//! libFuzzer's way into the target `streams`; what it does stands in `src/targets/streams.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| plimsoll_fuzz::targets::streams::run(input));
