//! R: DESCRIPTION of installed packages.

mod description;
mod renv_lock;

use std::cmp::Ordering;

use plimsoll_core::{Ecosystem, Extractor, Unreadable};

pub use description::Description;
pub use renv_lock::RenvLock;

use crate::versions;

/// The row of the table.
pub struct Cran;

/// The row of the table.
pub static CRAN: Cran = Cran;

impl Ecosystem for Cran {
    fn purl_type(&self) -> &'static str {
        "cran"
    }

    fn aliases(&self) -> &'static [&'static str] {
        &["CRAN", "Bioconductor"]
    }

    fn compare(&self, left: &str, right: &str) -> Result<Ordering, Unreadable> {
        versions::cran::compare(left, right)
    }

    fn extractors(&self) -> &'static [&'static dyn Extractor] {
        &[&Description, &RenvLock]
    }
}
