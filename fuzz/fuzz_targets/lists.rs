//! libFuzzer's way into the target `lists`; what it does stands in `src/targets/lists.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| plimsoll_fuzz::targets::lists::run(input));
