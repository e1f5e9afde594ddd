//! Differences between two versions of a shard. The parts of the input: the old bytes, and a patch
//! or the new ones.

use plimsoll_vulndb::delta::{diff, patch};

/// No more may come out.
const SIZE_BYTES_MAX: u64 = 4 << 20;

/// Runs the target.
pub fn run(input: &[u8]) {
    let parts = super::parts(input, 2);
    let (old, second) = (parts[0], parts.get(1).copied().unwrap_or_default());
    if let Ok(new) = patch(old, second, SIZE_BYTES_MAX) {
        assert!(new.len() as u64 <= SIZE_BYTES_MAX);
    }
    let made = diff(old, second, 3).expect("small bytes can be compared");
    let new = patch(old, &made, SIZE_BYTES_MAX).expect("a patch fits what it was made from");
    assert!(new == second, "a patch that makes other bytes");
}
