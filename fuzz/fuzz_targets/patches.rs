//! libFuzzer's way into the target `patches`; what it does stands in `src/targets/patches.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| plimsoll_fuzz::targets::patches::run(input));
