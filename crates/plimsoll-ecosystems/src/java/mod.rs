//! Java: archives, whatever they are nested in, and what builds locked.

use std::cmp::Ordering;

use plimsoll_core::{Ecosystem, Extractor, Unreadable};

use crate::versions;

/// The row of the table.
pub struct Maven;

/// The row of the table.
pub static MAVEN: Maven = Maven;

impl Ecosystem for Maven {
    fn purl_type(&self) -> &'static str {
        "maven"
    }

    fn aliases(&self) -> &'static [&'static str] {
        &["java"]
    }

    fn compare(&self, left: &str, right: &str) -> Result<Ordering, Unreadable> {
        versions::maven::compare(left, right)
    }

    fn extractors(&self) -> &'static [&'static dyn Extractor] {
        &[]
    }
}
