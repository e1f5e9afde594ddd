//! One module a target, and what they share.

use plimsoll_core::Limits;

pub mod archives;
pub mod bodies;
pub mod bundles;
pub mod documents;
pub mod extractors;
pub mod facts;
pub mod feeds;
pub mod foreign;
pub mod layers;
pub mod lists;
pub mod patches;
pub mod policies;
pub mod settings;
pub mod shards;
pub mod snapshots;
pub mod streams;
pub mod texts;
pub mod versions;

/// Between the parts of an input that has several.
pub const SEPARATOR: &[u8] = b"\n--8<--\n";

/// The parts of an input, at most `count`; the last one keeps further separators.
pub fn parts(input: &[u8], count: usize) -> Vec<&[u8]> {
    let mut parts = Vec::new();
    let mut rest = input;
    while parts.len() + 1 < count
        && let Some(at) = rest.windows(SEPARATOR.len()).position(|it| it == SEPARATOR)
    {
        parts.push(&rest[..at]);
        rest = &rest[at + SEPARATOR.len()..];
    }
    parts.push(rest);
    parts
}

/// Limits small enough that a fuzzer reaches them.
pub fn small_limits() -> Limits {
    Limits {
        layer_entries: 2_000,
        path_bytes: 1 << 10,
        extended_header_bytes: 16 << 10,
        layer_bytes: 16 << 20,
        image_bytes: 32 << 20,
        ratio: 100,
        ratio_from_bytes: 64 << 10,
        wanted_file_bytes: 1 << 20,
        wanted_layer_bytes: 2 << 20,
        ..Limits::standard()
    }
}
