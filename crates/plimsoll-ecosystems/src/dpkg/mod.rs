//! Debian's packages, and those of all distributions that use dpkg.
//!
//! Reads dpkg's database as it lies in an image: the status file, distroless images' folder of
//! stanzas, and the lists of files. Never runs dpkg, and knows nothing of archives or feeds.

mod files;
mod stanza;
mod status;

use std::cmp::Ordering;

use plimsoll_core::{Ecosystem, Extractor, Unreadable};

pub use files::DpkgFiles;
pub use status::DpkgStatus;

/// Packages of purl type `deb`.
pub struct Deb;

/// The row of the table.
pub static DEB: Deb = Deb;

impl Ecosystem for Deb {
    fn purl_type(&self) -> &'static str {
        "deb"
    }

    fn aliases(&self) -> &'static [&'static str] {
        &["Debian", "Ubuntu", "dpkg"]
    }

    fn compare(&self, left: &str, right: &str) -> Result<Ordering, Unreadable> {
        crate::versions::dpkg::compare(left, right)
    }

    fn extractors(&self) -> &'static [&'static dyn Extractor] {
        &[&DpkgStatus, &DpkgFiles]
    }
}
