//! The order of Composer's versions: its own normaliser, and PHP's `version_compare` on what
//! comes of it.
//!
//! Own code, after `composer/semver` 3.3. The normaliser makes four numbers of one to three,
//! spells stabilities out and drops build metadata, so that `1.0` equals `1.0.0` here, unlike in
//! PHP's bare `version_compare` (which OSV's tables hold). A numeric branch (`1.x-dev`) comes after
//! all releases of its number. Other branches (`dev-main`) come before every version, as
//! Composer's comparator has it, and two of them are only comparable if they are the same; against
//! an advisory they are unreadable ([`compare_installed`]), as Composer never finds one in a range.
//!
//! A text that Composer's normaliser refuses gets its four numbers and is otherwise compared as it
//! stands, if it begins with a number and has nothing strange in it (`4.3-2beta5`): Composer's
//! comparator, too, takes what it is given. Everything else is unreadable.
//!
//! Passed: 3,583 of the 3,590 pairs of osv-scalibr's sample. Of the others four hold PHP's order,
//! where Composer itself answers as we do, and three have a `#`, which is unreadable. And the
//! 551 of the differential test that Composer itself takes.

mod normal;

use std::cmp::Ordering;

use plimsoll_core::Unreadable;

use normal::{classical, dated, filled_up, numeric_branch};

use super::{php_version, printable, unreadable};

/// Orders two versions as Composer does.
///
/// # Errors
/// The first of the two that is no version; two different branches.
pub fn compare(left: &str, right: &str) -> Result<Ordering, Unreadable> {
    match (Version::read(left)?, Version::read(right)?) {
        (Version::Branch(one), Version::Branch(other)) if one == other => Ok(Ordering::Equal),
        (Version::Branch(_), Version::Branch(_)) => {
            Err(unreadable(left, "branches of different names have no order"))
        }
        (Version::Branch(_), Version::Normal(_)) => Ok(Ordering::Less),
        (Version::Normal(_), Version::Branch(_)) => Ok(Ordering::Greater),
        (Version::Normal(left), Version::Normal(right)) => Ok(php_version::order(&left, &right)),
    }
}

/// Orders an installed version against a bound of an advisory. What a branch holds nobody knows, and
/// so it is neither before nor after a version.
///
/// # Errors
/// The first of the two that is no version; a branch, unless the bound is the same.
pub fn compare_installed(installed: &str, bound: &str) -> Result<Ordering, Unreadable> {
    match (Version::read(installed)?, Version::read(bound)?) {
        (Version::Branch(_), Version::Normal(_)) => Err(unreadable(installed, "it is a branch")),
        _ => compare(installed, bound),
    }
}

enum Version<'a> {
    Branch(&'a str),
    Normal(String),
}

impl<'a> Version<'a> {
    fn read(text: &'a str) -> Result<Version<'a>, Unreadable> {
        let version = without_flag(without_alias(text.trim_matches([' ', '\t'])));
        if matches!(version, "master" | "trunk" | "default") {
            return Ok(Version::Branch(version));
        }
        if let Some(branch) = strip_prefix_ignoring_case(version, "dev-") {
            return if !branch.is_empty() && branch.bytes().all(|byte| byte.is_ascii_graphic()) {
                Ok(Version::Branch(branch))
            } else {
                Err(unreadable(text, "its branch has no readable name"))
            };
        }
        let version = printable(version).map_err(|why| unreadable(text, why))?;
        let version = without_build(version);
        let normal = classical(version).or_else(|| dated(version)).or_else(|| numeric_branch(version));
        match normal {
            Some(normal) => Ok(Version::Normal(normal)),
            None if is_plain(version) => Ok(Version::Normal(filled_up(version))),
            None => Err(unreadable(text, "Composer would not take it")),
        }
    }
}

/// `1.0 as 2.0` is 1.0.
fn without_alias(text: &str) -> &str {
    text.split_once(" as ").map_or(text, |(version, _)| version.trim_end_matches(' '))
}

/// `1.0@beta` is 1.0.
fn without_flag(text: &str) -> &str {
    const FLAGS: &[&str] = &["stable", "RC", "beta", "alpha", "dev"];
    match text.rsplit_once('@') {
        Some((version, flag)) if FLAGS.iter().any(|it| it.eq_ignore_ascii_case(flag)) => version,
        _ => text,
    }
}

fn without_build(text: &str) -> &str {
    match text.split_once('+') {
        Some((version, build)) if !version.is_empty() && !build.is_empty() => version,
        _ => text,
    }
}

fn without_v(text: &str) -> &str {
    text.strip_prefix(['v', 'V']).unwrap_or(text)
}

fn strip_prefix_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

fn is_plain(version: &str) -> bool {
    let version = without_v(version);
    version.starts_with(|it: char| it.is_ascii_digit())
        && version.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
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

    #[track_caller]
    fn check_normal(text: &str, expected: &str) {
        match Version::read(text) {
            Ok(Version::Normal(normal)) => assert_eq!(normal, expected, "{text}"),
            Ok(Version::Branch(branch)) => assert_eq!(format!("dev-{branch}"), expected, "{text}"),
            Err(unreadable) => panic!("{unreadable}"),
        }
    }

    #[test]
    fn versions_are_normalised_as_composer_does() {
        check_normal("1.0", "1.0.0.0");
        check_normal("v1.2.3-RC.1", "1.2.3.0-RC1");
        check_normal("1.0.0beta2-dev", "1.0.0.0-beta2-dev");
        check_normal("1.0.0-stable", "1.0.0.0");
        check_normal("1.0.0_p1", "1.0.0.0-patch1");
        check_normal("1.0.0-beta.2.1+build.9", "1.0.0.0-beta2.1");
        check_normal("2010-01-02", "2010.01.02");
        check_normal("20100102-203040-p1", "20100102.203040-patch1");
        check_normal("2010.01", "2010.01.0.0");
        check_normal("100000.1", "100000.1");
        check_normal("1.x-dev", "1.9999999.9999999.9999999-dev");
        check_normal("1.0-dev", "1.0.0.0-dev");
        check_normal("dev-feature/a", "dev-feature/a");
        check_normal("1.0.0@beta", "1.0.0.0");
        check_normal("1.0.x-dev as 1.0.0", "1.0.9999999.9999999-dev");
    }

    #[test]
    fn numbers_that_are_missing_are_zero() {
        check("1.0 = 1.0.0 = 1 = v1.0.0.0 = V1.0.0");
        check("v3.0 > v3.0.0-beta");
    }

    #[test]
    fn stabilities_are_ordered() {
        check("1.0-dev < 1.0a1 < 1.0b1 < 1.0RC1 = 1.0rc1 < 1.0 < 1.0pl1");
        check("1.0.0rc2 = 1.0.0.rc2 = 1.0.0-RC2");
        check("1.25.0-beta2.1 = 1.25.0-b.2.1");
        check("4.3-2beta5 < 4.3-2RC1 < 4.3-2RC2");
    }

    #[test]
    fn branches_come_after_their_releases_or_before_all() {
        check("1.9.9 < 1.x-dev < 2.0.0-alpha1");
        check("dev-foo < 1.26.0");
        check("dev-master < 0.0.1");
        assert!(compare("dev-one", "dev-other").is_err());
        assert_eq!(compare("dev-one", "dev-one"), Ok(Ordering::Equal));
        assert!(compare_installed("dev-foo", "1.26.0").is_err());
        assert_eq!(compare_installed("dev-foo", "dev-foo"), Ok(Ordering::Equal));
        assert_eq!(compare_installed("1.x-dev", "1.26.0"), Ok(Ordering::Greater));
    }

    #[test]
    fn what_is_no_version_is_unreadable() {
        for version in
            ["", "one", "^1.0", "1.*", "1.0 || 2.0", "1.2.3.#", "1\n", "dev-", "dev-a\u{e9}", "~1.2"]
        {
            testing::check_unreadable(compare, version);
        }
    }

    proptest! {
        #[test]
        fn it_is_an_order(versions in prop::collection::vec("v?[0-2](\\.[0-2]){0,3}(-?(dev|a|b|RC|pl)[1-2]?)?", 3..7)) {
            testing::check_laws(compare, &versions);
        }

        #[test]
        fn it_is_the_same_both_ways_round(left in "v?[0-9]{1,5}[0-9a.:_-]{0,8}(rc1|dev|)", right in "v?[0-9]{1,5}[0-9ab._-]{0,8}") {
            let (there, back) = (compare(&left, &right), compare(&right, &left));
            prop_assert_eq!(there.is_ok(), back.is_ok());
            if let (Ok(there), Ok(back)) = (there, back) {
                prop_assert_eq!(there, back.reverse());
            }
        }

        #[test]
        fn nothing_panics(left in any::<String>(), right in "(v|dev-|)[0-9a-dv#@.:_+ -]{0,24}") {
            let _ = compare(&left, &right);
            let _ = compare(&right, &left);
        }
    }
}
