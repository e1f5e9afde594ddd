//! The fuzz targets as ordinary functions, so that libFuzzer (`fuzz_targets/`), the replay on
//! stable Rust (`src/bin/replay.rs`) and a debugger can all run them.
//!
//! A target panics on a bug and returns on everything else.
#![forbid(unsafe_code)]

pub mod targets;

/// Every target by its name; the file of the same name is in `src/targets` and `fuzz_targets`.
pub static TARGETS: &[(&str, fn(&[u8]))] = &[
    ("texts", targets::texts::run),
    ("documents", targets::documents::run),
    ("layers", targets::layers::run),
    ("streams", targets::streams::run),
    ("extractors", targets::extractors::run),
    ("versions", targets::versions::run),
    ("feeds", targets::feeds::run),
    ("snapshots", targets::snapshots::run),
    ("archives", targets::archives::run),
    ("bodies", targets::bodies::run),
    ("bundles", targets::bundles::run),
    ("facts", targets::facts::run),
    ("foreign", targets::foreign::run),
    ("lists", targets::lists::run),
    ("patches", targets::patches::run),
    ("policies", targets::policies::run),
    ("settings", targets::settings::run),
    ("shards", targets::shards::run),
];
