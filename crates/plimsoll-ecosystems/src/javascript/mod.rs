//! JavaScript: what npm, yarn, pnpm and bun installed or locked.

use std::cmp::Ordering;

use plimsoll_core::{Ecosystem, Extractor, Unreadable};

use crate::versions;

/// The row of the table.
pub struct Npm;

/// The row of the table.
pub static NPM: Npm = Npm;

impl Ecosystem for Npm {
    fn purl_type(&self) -> &'static str {
        "npm"
    }

    fn aliases(&self) -> &'static [&'static str] {
        &["npmjs", "javascript", "node"]
    }

    fn compare(&self, left: &str, right: &str) -> Result<Ordering, Unreadable> {
        versions::semver::compare(left, right)
    }

    fn extractors(&self) -> &'static [&'static dyn Extractor] {
        &[]
    }
}
