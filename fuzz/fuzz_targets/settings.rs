//! libFuzzer's way into the target `settings`; what it does stands in `src/targets/settings.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| plimsoll_fuzz::targets::settings::run(input));
