//! libFuzzer's way into the target `extractors`; what it does stands in `src/targets/extractors.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| plimsoll_fuzz::targets::extractors::run(input));
