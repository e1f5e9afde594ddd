//! libFuzzer's way into the target `documents`; what it does stands in `src/targets/documents.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| plimsoll_fuzz::targets::documents::run(input));
