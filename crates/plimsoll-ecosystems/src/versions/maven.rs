//! To be written.

use std::cmp::Ordering;

use plimsoll_core::Unreadable;

/// Orders two versions.
pub fn compare(left: &str, _right: &str) -> Result<Ordering, Unreadable> {
    Err(super::unreadable(left, "this order is not written yet"))
}
