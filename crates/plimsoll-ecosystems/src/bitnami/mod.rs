//! Bitnami: the documents that its images carry.

mod components;

use std::cmp::Ordering;

use plimsoll_core::{Ecosystem, Extractor, Unreadable};

pub use components::BitnamiComponents;

use crate::versions;

/// The row of the table.
pub struct Bitnami;

/// The row of the table.
pub static BITNAMI: Bitnami = Bitnami;

impl Ecosystem for Bitnami {
    fn purl_type(&self) -> &'static str {
        "bitnami"
    }

    fn aliases(&self) -> &'static [&'static str] {
        &["Bitnami"]
    }

    fn compare(&self, left: &str, right: &str) -> Result<Ordering, Unreadable> {
        versions::bitnami::compare(left, right)
    }

    fn extractors(&self) -> &'static [&'static dyn Extractor] {
        &[&BitnamiComponents]
    }
}
