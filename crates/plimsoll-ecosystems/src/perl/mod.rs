//! Perl: what CPAN clients installed.

mod cpan;

use std::cmp::Ordering;

use plimsoll_core::{Ecosystem, Extractor, Unreadable};

pub use cpan::CpanInstalled;
pub use cpan::CpanSnapshot;

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
        &[&CpanInstalled, &CpanSnapshot]
    }
}
