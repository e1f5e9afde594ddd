//! The order of NuGet's versions: SemVer 2.0.0 with an optional fourth number, in which letters'
//! case does not count.
//!
//! Own code, after NuGet.Versioning (`VersionComparer.Default`): build metadata is ignored, and
//! missing numbers are zero. Refused are more than four numbers, as NuGet does.
//!
//! Passed: all 35 pairs of osv-scalibr's sample. There is no NuGet to be had as a Debian package
//! that more pairs could be compared with.

use std::cmp::Ordering;

use plimsoll_core::Unreadable;

use super::semver::{Version, compare_identifiers};
use super::unreadable;

/// Orders two versions as NuGet does.
///
/// # Errors
/// The first of the two that is no version.
pub fn compare(left: &str, right: &str) -> Result<Ordering, Unreadable> {
    let (left, right) = (read(left)?, read(right)?);
    Ok(left.compare_core(&right).then_with(|| match (left.pre_release, right.pre_release) {
        (Some(left), Some(right)) => {
            compare_identifiers(&left.to_ascii_lowercase(), &right.to_ascii_lowercase())
        }
        (left, right) => right.is_some().cmp(&left.is_some()),
    }))
}

fn read(text: &str) -> Result<Version<'_>, Unreadable> {
    let version = Version::read(text)?;
    if version.count() > 4 {
        return Err(unreadable(text, "it has more than four numbers"));
    }
    Ok(version)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::testing;
    use super::*;

    #[track_caller]
    fn check(chain: &str) {
        testing::check(compare, chain);
    }

    #[test]
    fn a_fourth_number_counts() {
        check("1.0 = 1.0.0.0 < 1.0.0.1-alpha < 1.0.0.1-pre < 1.0.0.1");
        check("1.0.01 = 1.0.1.0");
        check("1.0.0-pre < 1.0.0 < 1.0.0.1-alpha");
    }

    #[test]
    fn case_and_build_do_not_count() {
        check("1.0.0-BETA = 1.0.0-beta = 1.0.0-Beta+AA");
        check("1.0.0 = 1.0.0+beta");
        check("1.0.0-BETA.X.y.5.77.0+AA < 1.0.0-beta.x.y.5.79.0+aa");
    }

    #[test]
    fn what_is_no_version_is_unreadable() {
        for version in ["", "1.0.0.0.0", "1.0.*", "[1.0,2.0)", "1.0.0-a b"] {
            testing::check_unreadable(compare, version);
        }
    }

    proptest! {
        #[test]
        fn it_is_an_order(versions in prop::collection::vec("[0-1](\\.[0-1]){0,3}(-[01aA.-]{1,4})?", 3..7)) {
            testing::check_laws(compare, &versions);
        }
    }
}
