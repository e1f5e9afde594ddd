//! C and C++: lock files of Conan.

mod info;
mod lock;

use std::cmp::Ordering;

use plimsoll_core::{Ecosystem, Extractor, Unreadable};

pub use info::ConanInfo;
pub use lock::ConanLock;

use crate::versions;

/// The row of the table.
pub struct Conan;

/// The row of the table.
pub static CONAN: Conan = Conan;

impl Ecosystem for Conan {
    fn purl_type(&self) -> &'static str {
        "conan"
    }

    fn aliases(&self) -> &'static [&'static str] {
        &["ConanCenter"]
    }

    fn compare(&self, left: &str, right: &str) -> Result<Ordering, Unreadable> {
        versions::conan::compare(left, right)
    }

    fn extractors(&self) -> &'static [&'static dyn Extractor] {
        &[&ConanInfo, &ConanLock]
    }
}
