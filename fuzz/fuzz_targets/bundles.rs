//! libFuzzer's way into the target `bundles`; what it does stands in `src/targets/bundles.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| plimsoll_fuzz::targets::bundles::run(input));
