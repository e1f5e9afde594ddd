//! The order of rpm's versions, `[epoch:]version[-release]`.
//!
//! The segments are compared by the crate `rpm-version`; cutting the text apart is done here,
//! where that crate differs from rpm (an epoch that is no number, more than one hyphen). There
//! are two orders: [`order`], which is rpm's own, and [`compare`] for matching, which takes a
//! missing release for any release. The latter is no total order, as it cannot be.
//!
//! Nearly everything is readable to rpm; refused are only texts that are empty or have blanks
//! or control characters.
//!
//! Passed ([`order`]): rpm's own 91 cases, all 82 pairs of osv-scalibr's sample, and the 1,500
//! that the differential test gives to rpm itself.

use std::cmp::Ordering;

use plimsoll_core::Unreadable;
use rpm_version::Evr;

use super::{compare_numbers, unreadable};

/// Orders two versions for matching: where one of them has no release, releases do not count.
///
/// # Errors
/// The first of the two that is no version.
pub fn compare(left: &str, right: &str) -> Result<Ordering, Unreadable> {
    let (left, right) = (Version::read(left)?, Version::read(right)?);
    Ok(left.compare_upstream(&right).then_with(|| match (left.release, right.release) {
        (Some(left), Some(right)) => compare_segments(left, right),
        _ => Ordering::Equal,
    }))
}

/// Orders two versions as rpm does: no release comes before any.
///
/// # Errors
/// The first of the two that is no version.
pub fn order(left: &str, right: &str) -> Result<Ordering, Unreadable> {
    let (left, right) = (Version::read(left)?, Version::read(right)?);
    Ok(left.compare_upstream(&right).then_with(|| match (left.release, right.release) {
        (Some(left), Some(right)) => compare_segments(left, right),
        (left, right) => left.is_some().cmp(&right.is_some()),
    }))
}

/// The release of Red Hat's distribution that a version was built for, and its minor release
/// where the version says one: (9, 7) of `5.14.0-611.5.1.el9_7`, (8, 6) of
/// `2-1.module+el8.6.0+7+ab`. Only the last such mark counts.
pub fn built_for(version: &str) -> Option<(u32, Option<u32>)> {
    let (_, release) = version.rsplit_once('-')?;
    let is_module = release.contains("module+el") || release.contains("module_el");
    let mut found = None;
    for piece in release.split('+') {
        let mut parts = piece.split('.').peekable();
        while let Some(part) = parts.next() {
            if let Some((major, minor)) = mark(part) {
                // `el8_10` says the minor release itself; in a module's build it stands behind a
                // dot. Behind a plus stands the number of the build.
                let behind = parts.peek().filter(|_| is_module).and_then(|it| it.parse().ok());
                found = Some((major, minor.or(behind)));
            }
        }
    }
    found
}

/// `el9`, `el9_7`, `module_el8`, `ael7b`.
fn mark(part: &str) -> Option<(u32, Option<u32>)> {
    let part = part.strip_prefix("module_").or(part.strip_prefix('a')).unwrap_or(part);
    let rest = part.strip_prefix("el")?;
    let end = rest.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len());
    let major = rest.get(..end)?.parse().ok()?;
    let minor = rest.get(end..)?.strip_prefix('_').and_then(|it| {
        let end = it.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(it.len());
        it.get(..end)?.parse().ok()
    });
    Some((major, minor))
}

/// A version taken apart.
struct Version<'a> {
    epoch: &'a str,
    version: &'a str,
    release: Option<&'a str>,
}

impl<'a> Version<'a> {
    fn read(text: &'a str) -> Result<Version<'a>, Unreadable> {
        if text.is_empty() {
            return Err(unreadable(text, "it is empty"));
        }
        if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(unreadable(text, "it has a blank or a control character"));
        }
        let (epoch, rest) = match text.split_once(':') {
            Some((epoch, rest)) if epoch.bytes().all(|byte| byte.is_ascii_digit()) => (epoch, rest),
            _ => ("", text),
        };
        let (version, release) = match rest.rsplit_once('-') {
            Some((version, release)) => (version, Some(release)),
            None => (rest, None),
        };
        Ok(Version { epoch, version, release })
    }

    fn compare_upstream(&self, other: &Version<'_>) -> Ordering {
        compare_numbers(self.epoch.as_bytes(), other.epoch.as_bytes())
            .then_with(|| compare_segments(self.version, other.version))
    }
}

/// `rpmvercmp` of two versions or two releases.
fn compare_segments(left: &str, right: &str) -> Ordering {
    Evr::new("", left, "").cmp(&Evr::new("", right, ""))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::testing;
    use super::*;

    #[test]
    fn a_build_says_which_release_it_is_for_and_its_number_is_none_of_it() {
        for (version, expected) in [
            ("5.14.0-611.5.1.el9_7", Some((9, Some(7)))),
            ("2-1.module+el8.6.0+7+ab", Some((8, Some(6)))),
            ("1-1.module+el8+2577+1aca3413", Some((8, None))),
            ("1-1.module_el8.3.0+2165+af250afe", Some((8, Some(3)))),
            ("1-1.el8.6", Some((8, None))),
            ("1-1", None),
        ] {
            assert_eq!(built_for(version), expected, "{version}");
        }
    }

    #[track_caller]
    fn check(chain: &str) {
        testing::check(compare, chain);
        testing::check(order, chain);
    }

    #[test]
    fn segments_are_numbers_or_words() {
        check("10.0001 = 10.1");
        check("2.0 = 2_0");
        check("6.0.rc1 > 6.0");
        check("xyz.4 < 2");
        check("10xyz < 10.1xyz");
        check("1.0aa > 1.0a");
    }

    #[test]
    fn tilde_before_and_caret_after_the_version() {
        check("1.0~rc1 < 1.0~rc1^git1 < 1.0 < 1.0^git1~pre < 1.0^git1 < 1.0^git2 < 1.01");
        check("1.0^20160101 < 1.0^20160101^git1 < 1.0^20160102 < 1.0.1");
    }

    #[test]
    fn other_characters_separate_and_do_not_count() {
        check("1.1.\u{3b1} = 1.1.\u{3b2}");
        check("1.1.\u{3b1} < 1.1.a");
        check("1-1.module_el8.3.0+757 = 1-1.module+el8.3.0+757");
    }

    #[test]
    fn the_epoch_is_a_number_and_zero_where_it_is_missing() {
        check("3 < 1:2");
        check("01:2 = 1:2");
        check("0:1-1 = 1-1 = :1-1");
        check("4294967296:1 > 9:1");
        check("a:1 < b:1");
    }

    #[test]
    fn releases_are_compared_like_versions() {
        check("3.10.0-229.el7 < 3.10.0-229.1.2.ael7b");
        check("8.3.1-5.el8.4 < 8.3.1-5.el8.5");
        check("1-1.el8.40 > 1-1.el8.5");
        check("1.5.4-2.el7 < 1.5.4-2.el7_9");
        check("1-1.el8 < 1-1.el8.0.0");
        check("2-1.el9_7 < 2-1.el9_8");
        check("1:1.1.1b-1.el8 < 1:1.1.1c-2.el8 < 2:1.1.1b-1.el8");
    }

    #[test]
    fn a_missing_release_is_any_release_when_matching() {
        testing::check(compare, "1 = 1-1");
        testing::check(compare, "1-9 < 2");
        testing::check(order, "1 < 1-0 < 1-1");
        testing::check(order, "1 < 1-");
    }

    #[test]
    fn blanks_are_unreadable() {
        for version in ["", "1 2", "1\n", "\u{1b}[2J"] {
            testing::check_unreadable(compare, version);
        }
    }

    proptest! {
        #[test]
        fn it_is_an_order(versions in prop::collection::vec("([0-9]:)?[01a~^._]{1,5}(-[01a~^.]{0,3})?", 3..7)) {
            testing::check_laws(order, &versions);
        }

        #[test]
        fn nothing_panics(left in any::<String>(), right in "\\PC*") {
            let _ = compare(&left, &right);
            let _ = order(&left, &right);
        }
    }
}
