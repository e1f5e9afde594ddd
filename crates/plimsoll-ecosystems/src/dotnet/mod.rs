//! .NET: dependency manifests of programs, shared frameworks and lock files.
//!
//! Never reads assemblies, and never runs or asks NuGet.

mod deps;
mod lock;

use std::borrow::Cow;
use std::cmp::Ordering;

use plimsoll_core::{Ecosystem, Evidence, Extractor, Package, Unreadable};

use crate::versions;

pub use deps::DotnetDeps;
pub use lock::DotnetLock;

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

    /// Ids know no case.
    fn normalize<'a>(&self, name: &'a str) -> Cow<'a, str> {
        if name.chars().any(char::is_uppercase) { name.to_lowercase().into() } else { name.into() }
    }

    fn compare(&self, left: &str, right: &str) -> Result<Ordering, Unreadable> {
        versions::nuget::compare(left, right)
    }

    fn extractors(&self) -> &'static [&'static dyn Extractor] {
        &[&DotnetDeps, &DotnetLock]
    }
}

/// A package that a list names.
fn package(name: &str, version: &str) -> Package {
    Package {
        kind: "nuget".to_owned(),
        name: name.to_owned(),
        version: version.to_owned(),
        evidence: Evidence::LockFile,
        ..Package::default()
    }
}

/// The content without the byte-order mark that programs for Windows put before it.
fn without_mark(content: &[u8]) -> &[u8] {
    content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content)
}
