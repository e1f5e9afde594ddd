//! .NET: dependency manifests of programs, shared frameworks and lock files.

use std::cmp::Ordering;

use plimsoll_core::{Ecosystem, Extractor, Unreadable};

use crate::versions;

/// The row of the table.
pub struct Nuget;

/// The row of the table.
pub static NUGET: Nuget = Nuget;

impl Ecosystem for Nuget {
    fn purl_type(&self) -> &'static str {
        "nuget"
    }

    fn aliases(&self) -> &'static [&'static str] {
        &["dotnet"]
    }

    fn compare(&self, left: &str, right: &str) -> Result<Ordering, Unreadable> {
        versions::nuget::compare(left, right)
    }

    fn extractors(&self) -> &'static [&'static dyn Extractor] {
        &[]
    }
}
