//! libFuzzer's way into the target `archives`; what it does stands in `src/targets/archives.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| plimsoll_fuzz::targets::archives::run(input));
