//! Alpine's packages, and those of Wolfi, Chainguard and others that use apk.
//!
//! Reads apk's database of installed packages as it lies in an image. Never runs apk, and knows
//! nothing of repositories' indexes or feeds.

mod files;
mod installed;

use std::cmp::Ordering;

use plimsoll_core::{Ecosystem, Extractor, Pattern, Unreadable};

pub use files::ApkFiles;
pub use installed::ApkInstalled;

/// Packages of purl type `apk`.
pub struct Apk;

/// The row of the table.
pub static APK: Apk = Apk;

/// Where apk keeps its database; the second since version 3.
const DATABASES: &[Pattern] =
    &[Pattern::Path("lib/apk/db/installed"), Pattern::Path("usr/lib/apk/db/installed")];

impl Ecosystem for Apk {
    fn purl_type(&self) -> &'static str {
        "apk"
    }

    fn aliases(&self) -> &'static [&'static str] {
        &["Alpine", "Wolfi", "Chainguard"]
    }

    fn compare(&self, left: &str, right: &str) -> Result<Ordering, Unreadable> {
        crate::versions::apk::compare(left, right)
    }

    fn extractors(&self) -> &'static [&'static dyn Extractor] {
        &[&ApkInstalled, &ApkFiles]
    }
}

/// A line of the database: `P:musl`.
fn field(line: &[u8]) -> Option<(u8, &[u8])> {
    match line {
        [key, b':', value @ ..] => Some((*key, value)),
        _ => None,
    }
}
