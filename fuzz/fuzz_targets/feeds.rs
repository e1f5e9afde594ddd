//! libFuzzer's way into the target `feeds`; what it does stands in `src/targets/feeds.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| plimsoll_fuzz::targets::feeds::run(input));
