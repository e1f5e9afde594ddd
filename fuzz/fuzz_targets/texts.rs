//! libFuzzer's way into the target `texts`; what it does stands in `src/targets/texts.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| plimsoll_fuzz::targets::texts::run(input));
