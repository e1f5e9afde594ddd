//! libFuzzer's way into the target `layers`; what it does stands in `src/targets/layers.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| plimsoll_fuzz::targets::layers::run(input));
