//! Perl: what CPAN clients installed.

use std::cmp::Ordering;

use plimsoll_core::{Ecosystem, Extractor, Unreadable};

use crate::versions;

/// The row of the table.
pub struct Cpan;

/// The row of the table.
pub static CPAN: Cpan = Cpan;

impl Ecosystem for Cpan {
    fn purl_type(&self) -> &'static str {
        "cpan"
    }

    fn aliases(&self) -> &'static [&'static str] {
        &["CPAN"]
    }

    fn compare(&self, left: &str, right: &str) -> Result<Ordering, Unreadable> {
        versions::perl::compare(left, right)
    }

    fn extractors(&self) -> &'static [&'static dyn Extractor] {
        &[]
    }
}
