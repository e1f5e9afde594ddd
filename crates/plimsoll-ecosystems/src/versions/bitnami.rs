//! The order of Bitnami's packages: SemVer, but a number behind the hyphen is the revision of
//! the package and comes after the version without one (`1.2.3 < 1.2.3-1`).
//!
//! Own code, on the pieces of [`semver`](super::semver). Bitnami's own library (`go-version`)
//! takes every pre-release for a revision. We do so only where it begins with a number: its
//! advisories also hold upstream's release candidates, and an image of `8.0.0-0` is not older
//! than `8.0.0-rc1`. Missing numbers are zero.
//!
//! Passed: the 11 pairs of that library's own tests, as unit tests here.

use std::cmp::Ordering;

use plimsoll_core::Unreadable;

use super::semver::{Version, compare_identifiers};

/// Orders two versions: pre-releases, the version itself, its revisions.
///
/// # Errors
/// The first of the two that is no version.
pub fn compare(left: &str, right: &str) -> Result<Ordering, Unreadable> {
    let (left, right) = (Version::read(left)?, Version::read(right)?);
    Ok(left.compare_core(&right).then_with(|| {
        let (left, right) = (left.pre_release, right.pre_release);
        stage(left).cmp(&stage(right)).then_with(|| match (left, right) {
            (Some(left), Some(right)) => compare_identifiers(left, right),
            _ => Ordering::Equal,
        })
    }))
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    PreRelease,
    Release,
    Revision,
}

fn stage(suffix: Option<&str>) -> Stage {
    match suffix {
        None => Stage::Release,
        Some(suffix) if suffix.split('.').next().is_some_and(super::is_number) => Stage::Revision,
        Some(_) => Stage::PreRelease,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::testing;
    use super::*;

    #[test]
    fn revisions_come_after_the_version() {
        let check = |chain| testing::check(compare, chain);
        check("1.2.3 < 1.4.5 < 2.2.2 < 2.2.3");
        check("1.2.3 < 1.2.3-0 < 1.2.3-1 < 1.2.3-2 < 1.2.3-10 < 1.2.4");
        check("1.2.3+foo = 1.2.3+bar");
        check("1.2.0 < 1.2.0-1+metadata");
    }

    #[test]
    fn release_candidates_come_before_it() {
        testing::check(compare, "8.0.0-beta1 < 8.0.0-rc1 < 8.0.0 < 8.0.0-0");
    }

    #[test]
    fn what_is_no_version_is_unreadable() {
        for version in ["", "foo", "1.2.beta", "1.0-", "foo1.2.3", "\n1.2"] {
            testing::check_unreadable(compare, version);
        }
    }

    proptest! {
        #[test]
        fn it_is_an_order(versions in prop::collection::vec("[0-1](\\.[0-1]){0,2}(-[01ab.-]{1,4})?", 3..7)) {
            testing::check_laws(compare, &versions);
        }
    }
}
