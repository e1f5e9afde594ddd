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
        let ((left, left_revision), (right, right_revision)) = (divided(left), divided(right));
        Ok(versions::semver::compare(left, right)?.then(left_revision.cmp(&right_revision)))
    }

    fn extractors(&self) -> &'static [&'static dyn Extractor] {
        &[&BitnamiComponents]
    }
}

/// Version and revision of `17.2.0-8`: the revision counts Bitnami's builds of a version, and is
/// no prerelease. Advisories name none, which is the first of them.
fn divided(version: &str) -> (&str, u64) {
    let divided = version.rsplit_once('-');
    let revision = divided.filter(|(_, revision)| revision.bytes().all(|byte| byte.is_ascii_digit()));
    match revision.and_then(|(version, revision)| Some((version, revision.parse().ok()?))) {
        Some(divided) => divided,
        None => (version, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revision_is_no_prerelease() {
        assert_eq!(divided("17.2.0-8"), ("17.2.0", 8));
        assert_eq!(divided("17.2.0"), ("17.2.0", 0));
        assert_eq!(divided("17.2.0-rc1"), ("17.2.0-rc1", 0));
        assert_eq!(divided("17.2.0-"), ("17.2.0-", 0));
    }
}
