//! Conda: what it installed into an environment.
//!
//! Reads conda's own records; never its channels or indexes.

mod installed;

use std::cmp::Ordering;

use plimsoll_core::{Ecosystem, Extractor, Unreadable};

use crate::versions;

pub use installed::CondaInstalled;

/// The row of the table.
pub struct Conda;

/// The row of the table.
pub static CONDA: Conda = Conda;

impl Ecosystem for Conda {
    fn purl_type(&self) -> &'static str {
        "conda"
    }

    fn aliases(&self) -> &'static [&'static str] {
        &["conda"]
    }

    fn compare(&self, left: &str, right: &str) -> Result<Ordering, Unreadable> {
        versions::conda::compare(left, right)
    }

    fn extractors(&self) -> &'static [&'static dyn Extractor] {
        &[&CondaInstalled]
    }
}
