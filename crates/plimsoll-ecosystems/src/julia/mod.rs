//! Julia: Manifest.toml.

mod manifest;

use std::cmp::Ordering;

use plimsoll_core::{Ecosystem, Extractor, Unreadable};

pub use manifest::Manifest;

use crate::versions;

/// The row of the table.
pub struct Julia;

/// The row of the table.
pub static JULIA: Julia = Julia;

impl Ecosystem for Julia {
    fn purl_type(&self) -> &'static str {
        "julia"
    }

    fn aliases(&self) -> &'static [&'static str] {
        &["Julia"]
    }

    /// As pub does: the build of a binary package (`3.0.16+1`) counts.
    fn compare(&self, left: &str, right: &str) -> Result<Ordering, Unreadable> {
        versions::dart::compare(left, right)
    }

    fn extractors(&self) -> &'static [&'static dyn Extractor] {
        &[&Manifest]
    }
}
