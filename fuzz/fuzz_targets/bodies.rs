//! libFuzzer's way into the target `bodies`; what it does stands in `src/targets/bodies.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| plimsoll_fuzz::targets::bodies::run(input));
