//! Records with a share of their own inside a part: what tells them apart, and which of two is the
//! newer.
//!
//! Numbers only; nothing here reads a record.

use plimsoll_core::Timestamp;

/// Stands before the id in the name of a record that a newer one took the place of. No id begins
/// so; a file of an archive may, and is at worst read once more.
pub(crate) const PASSED_OVER: char = '-';

/// A number that changes with the record: its time in the upper half, in seconds since 1970 (0
/// where it has none), so that which of two is the newer can be told without reading them.
pub(crate) fn fingerprint(modified: Option<Timestamp>, content: &[u8]) -> u64 {
    let time = modified.and_then(|it| u32::try_from(it.0).ok()).unwrap_or(0);
    (u64::from(time) << 32) | (xxhash_rust::xxh3::xxh3_64(content) >> 32)
}

/// The time in a fingerprint.
pub(crate) fn time(fingerprint: u64) -> u32 {
    u32::try_from(fingerprint >> 32).unwrap_or(u32::MAX)
}

/// A number that stands for a name.
pub(crate) fn hash(name: &str) -> u64 {
    xxhash_rust::xxh3::xxh3_64(name.as_bytes())
}
