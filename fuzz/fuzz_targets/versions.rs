//! libFuzzer's way into the target `versions`; what it does stands in `src/targets/versions.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| plimsoll_fuzz::targets::versions::run(input));
