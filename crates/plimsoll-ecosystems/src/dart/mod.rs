//! Dart: pubspec.lock.

mod pubspec_lock;

use std::borrow::Cow;
use std::cmp::Ordering;

use plimsoll_core::{Ecosystem, Extractor, Unreadable};

pub use pubspec_lock::PubspecLock;

use crate::versions;

/// The row of the table.
pub struct Pub;

/// The row of the table.
pub static PUB: Pub = Pub;

impl Ecosystem for Pub {
    fn purl_type(&self) -> &'static str {
        "pub"
    }

    fn aliases(&self) -> &'static [&'static str] {
        &["Pub", "dart"]
    }

    /// Pub's names are in lower case.
    fn normalize<'a>(&self, name: &'a str) -> Cow<'a, str> {
        crate::lower_case(name)
    }

    fn compare(&self, left: &str, right: &str) -> Result<Ordering, Unreadable> {
        versions::dart::compare(left, right)
    }

    fn extractors(&self) -> &'static [&'static dyn Extractor] {
        &[&PubspecLock]
    }
}
