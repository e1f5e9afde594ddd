//! Arch Linux's packages, and those of others that use pacman.
//!
//! Reads pacman's database of installed packages as it lies in an image, a folder for each
//! package. Never runs pacman, and knows nothing of repositories' databases or feeds.

mod desc;

use std::cmp::Ordering;

use plimsoll_core::{Ecosystem, Extractor, Unreadable};

pub use desc::AlpmDesc;

/// Packages of purl type `alpm`.
pub struct Alpm;

/// The row of the table.
pub static ALPM: Alpm = Alpm;

impl Ecosystem for Alpm {
    fn purl_type(&self) -> &'static str {
        "alpm"
    }

    fn aliases(&self) -> &'static [&'static str] {
        &["pacman"]
    }

    fn compare(&self, left: &str, right: &str) -> Result<Ordering, Unreadable> {
        crate::versions::alpm::compare(left, right)
    }

    fn extractors(&self) -> &'static [&'static dyn Extractor] {
        &[&AlpmDesc]
    }
}
