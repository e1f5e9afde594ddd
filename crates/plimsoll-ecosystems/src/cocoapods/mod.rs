//! CocoaPods: Podfile.lock.

mod podfile_lock;

use std::cmp::Ordering;

use plimsoll_core::{Ecosystem, Extractor, Unreadable};

pub use podfile_lock::PodfileLock;

use crate::versions;

/// The row of the table.
pub struct Cocoapods;

/// The row of the table.
pub static COCOAPODS: Cocoapods = Cocoapods;

impl Ecosystem for Cocoapods {
    fn purl_type(&self) -> &'static str {
        "cocoapods"
    }

    fn aliases(&self) -> &'static [&'static str] {
        &["CocoaPods"]
    }

    fn compare(&self, left: &str, right: &str) -> Result<Ordering, Unreadable> {
        versions::gem::compare(left, right)
    }

    fn extractors(&self) -> &'static [&'static dyn Extractor] {
        &[&PodfileLock]
    }
}
