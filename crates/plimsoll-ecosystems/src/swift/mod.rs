//! Swift: Package.resolved.

mod package_resolved;

use std::borrow::Cow;
use std::cmp::Ordering;

use plimsoll_core::{Ecosystem, Extractor, Unreadable};

pub use package_resolved::PackageResolved;

use crate::versions;

/// The row of the table.
pub struct Swift;

/// The row of the table.
pub static SWIFT: Swift = Swift;

impl Ecosystem for Swift {
    fn purl_type(&self) -> &'static str {
        "swift"
    }

    fn aliases(&self) -> &'static [&'static str] {
        &["SwiftURL", "swift"]
    }

    /// Packages are addresses; how they are fetched does not count.
    fn normalize<'a>(&self, name: &'a str) -> Cow<'a, str> {
        let name = name.strip_prefix("https://").unwrap_or(name);
        Cow::Borrowed(name.strip_suffix(".git").unwrap_or(name))
    }

    fn compare(&self, left: &str, right: &str) -> Result<Ordering, Unreadable> {
        versions::semver::compare(left, right)
    }

    fn extractors(&self) -> &'static [&'static dyn Extractor] {
        &[&PackageResolved]
    }
}
