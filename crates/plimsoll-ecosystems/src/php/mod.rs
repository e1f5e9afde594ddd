//! PHP: what Composer installed or locked.

use std::cmp::Ordering;

use plimsoll_core::{Ecosystem, Extractor, Unreadable};

use crate::versions;

/// The row of the table.
pub struct Composer;

/// The row of the table.
pub static COMPOSER: Composer = Composer;

impl Ecosystem for Composer {
    fn purl_type(&self) -> &'static str {
        "composer"
    }

    fn aliases(&self) -> &'static [&'static str] {
        &["Packagist", "php"]
    }

    fn compare(&self, left: &str, right: &str) -> Result<Ordering, Unreadable> {
        versions::composer::compare(left, right)
    }

    fn extractors(&self) -> &'static [&'static dyn Extractor] {
        &[]
    }
}
