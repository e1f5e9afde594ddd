//! .NET: dependency manifests of programs, shared frameworks and lock files.
//!
//! Never reads assemblies, and never runs or asks NuGet.

mod deps;
mod lock;

use std::borrow::Cow;
use std::cmp::Ordering;

use plimsoll_core::{Ecosystem, Evidence, Extractor, Package, Problem, ProblemKind, Unreadable};

use crate::notes::Notes;
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

    /// NuGet's ids know no case.
    fn normalize<'a>(&self, name: &'a str) -> Cow<'a, str> {
        crate::lower_case(name)
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

/// Bytes of one list; the largest honest one seen has 2 MB. What is made of JSON is some twenty
/// times as large.
const LIST_BYTES_MAX: usize = 16 << 20;

/// Whether a list is larger than is read, which is then said.
fn is_too_large(content: &[u8], notes: &mut Notes<'_>) -> bool {
    let is_too_large = content.len() > LIST_BYTES_MAX;
    if is_too_large {
        let what = format!("it has more than {LIST_BYTES_MAX} bytes and was not read");
        notes.note(Problem::new(ProblemKind::Limit, what));
    }
    is_too_large
}

/// The content without the byte-order mark that programs for Windows put before it.
fn without_mark(content: &[u8]) -> &[u8] {
    content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content)
}
