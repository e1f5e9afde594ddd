//! Go: modules and the toolchain, as a program itself says.

use std::cmp::Ordering;

use plimsoll_core::{Ecosystem, Extractor, Unreadable};

use crate::versions;

/// The row of the table.
pub struct Golang;

/// The row of the table.
pub static GOLANG: Golang = Golang;

impl Ecosystem for Golang {
    fn purl_type(&self) -> &'static str {
        "golang"
    }

    fn aliases(&self) -> &'static [&'static str] {
        &["Go"]
    }

    fn compare(&self, left: &str, right: &str) -> Result<Ordering, Unreadable> {
        versions::go::compare(left, right)
    }

    fn extractors(&self) -> &'static [&'static dyn Extractor] {
        &[]
    }
}
