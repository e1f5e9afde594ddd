//! Python: installed distributions and what locks them.

use std::cmp::Ordering;

use plimsoll_core::{Ecosystem, Extractor, Unreadable};

use crate::versions;

/// The row of the table.
pub struct Pypi;

/// The row of the table.
pub static PYPI: Pypi = Pypi;

impl Ecosystem for Pypi {
    fn purl_type(&self) -> &'static str {
        "pypi"
    }

    fn aliases(&self) -> &'static [&'static str] {
        &["PyPI", "python", "pip"]
    }

    fn compare(&self, left: &str, right: &str) -> Result<Ordering, Unreadable> {
        versions::pep440::compare(left, right)
    }

    fn extractors(&self) -> &'static [&'static dyn Extractor] {
        &[]
    }
}
