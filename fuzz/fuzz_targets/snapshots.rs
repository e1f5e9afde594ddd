//! libFuzzer's way into the target `snapshots`; what it does stands in `src/targets/snapshots.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| plimsoll_fuzz::targets::snapshots::run(input));
