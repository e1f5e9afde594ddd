//! libFuzzer's way into the target `shards`; what it does stands in `src/targets/shards.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| plimsoll_fuzz::targets::shards::run(input));
