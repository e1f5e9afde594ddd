//! The order of Semantic Versioning 2.0.0, `major.minor.patch[-pre-release][+build]`, as Cargo,
//! npm, Hex and Swift order; and the pieces that its relatives here are made of.
//!
//! Own code: the crate `semver` refuses a leading `v`, missing parts and numbers above 64 bits,
//! all of which stand in advisories. Precedence is SemVer's (§11) with build metadata ignored; a
//! pre-release lies in a range like any other version, which is what npm calls
//! `includePrerelease` and what advisories mean (rule 57). Tolerated, as npm's loose mode does: a
//! `v` or `=` in front, leading zeros, a pre-release without its hyphen after three numbers.
//! Tolerated beyond it: missing numbers, which are zero, and more than three of them.
//!
//! Passed: all 43 pairs of osv-scalibr's sample, and the 595 pairs of the differential test that
//! npm's own `semver` takes.

use std::cmp::Ordering;

use plimsoll_core::Unreadable;

use super::{compare_numbers, is_number, unreadable};

/// Orders two versions by SemVer's precedence.
///
/// # Errors
/// The first of the two that is no version.
pub fn compare(left: &str, right: &str) -> Result<Ordering, Unreadable> {
    let (left, right) = (Version::read(left)?, Version::read(right)?);
    Ok(left.compare_core(&right).then_with(|| compare_pre_releases(left.pre_release, right.pre_release)))
}

/// A version taken apart.
pub(super) struct Version<'a> {
    /// Runs of digits with dots between them.
    pub numbers: &'a str,
    /// What stands behind the hyphen.
    pub pre_release: Option<&'a str>,
    /// What stands behind the plus.
    pub build: Option<&'a str>,
}

impl<'a> Version<'a> {
    pub fn read(text: &'a str) -> Result<Version<'a>, Unreadable> {
        Version::parts(text).map_err(|why| unreadable(text, why))
    }

    fn parts(text: &'a str) -> Result<Version<'a>, &'static str> {
        let text = without_prefix(text);
        let (text, build) = match text.split_once('+') {
            Some((text, build)) => (text, Some(build)),
            None => (text, None),
        };
        let end = text.bytes().position(|byte| !byte.is_ascii_digit() && byte != b'.').unwrap_or(text.len());
        let (numbers, rest) = text.split_at(end);
        let count = numbers.split('.').count();
        if !numbers.split('.').all(is_number) {
            return Err("it does not begin with numbers that dots separate");
        }
        let pre_release = match rest.strip_prefix('-') {
            Some(pre_release) => Some(pre_release),
            None if rest.is_empty() => None,
            None if count >= 3 && rest.starts_with(|it: char| it.is_ascii_alphabetic()) => Some(rest),
            None => return Err("its numbers end in something else"),
        };
        if !pre_release.is_none_or(are_identifiers) {
            return Err("its pre-release is not of letters, digits and hyphens");
        }
        if !build.is_none_or(is_build) {
            return Err("its build metadata is not of letters, digits and hyphens");
        }
        Ok(Version { numbers, pre_release, build })
    }

    /// How many numbers it has.
    pub fn count(&self) -> usize {
        self.numbers.split('.').count()
    }

    /// Compares the numbers; those that are missing are zero.
    pub fn compare_core(&self, other: &Version<'_>) -> Ordering {
        compare_dotted(self.numbers, other.numbers)
    }
}

/// Without blanks around it and the `v` or `=` before it.
fn without_prefix(text: &str) -> &str {
    let text = text.trim_matches([' ', '\t']);
    let text = text.strip_prefix('=').map_or(text, |it| it.trim_start_matches([' ', '\t']));
    text.strip_prefix(['v', 'V']).unwrap_or(text)
}

fn are_identifiers(text: &str) -> bool {
    text.split('.')
        .all(|it| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'))
}

/// Wider than SemVer allows, since it does not count.
fn is_build(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._+~".contains(&byte))
}

/// Compares runs of digits with dots between them; a missing one is zero.
pub(super) fn compare_dotted(left: &str, right: &str) -> Ordering {
    let (mut left, mut right) = (left.split('.'), right.split('.'));
    loop {
        match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (one, other) => {
                let order =
                    compare_numbers(one.unwrap_or_default().as_bytes(), other.unwrap_or_default().as_bytes());
                if order.is_ne() {
                    return order;
                }
            }
        }
    }
}

/// Any pre-release comes before none (§11.3).
pub(super) fn compare_pre_releases(left: Option<&str>, right: Option<&str>) -> Ordering {
    match (left, right) {
        (Some(left), Some(right)) => compare_identifiers(left, right),
        (left, right) => right.is_some().cmp(&left.is_some()),
    }
}

/// Identifiers with dots between them: numbers by their value and before words, words by their
/// bytes, fewer before more (§11.4).
pub(super) fn compare_identifiers(left: &str, right: &str) -> Ordering {
    left.split('.').map(Identifier).cmp(right.split('.').map(Identifier))
}

/// One identifier of a pre-release.
#[derive(PartialEq, Eq)]
struct Identifier<'a>(&'a str);

impl Ord for Identifier<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        match (is_number(self.0), is_number(other.0)) {
            (true, true) => compare_numbers(self.0.as_bytes(), other.0.as_bytes()),
            (false, false) => self.0.cmp(other.0),
            (left, right) => right.cmp(&left),
        }
    }
}

impl PartialOrd for Identifier<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
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
    fn precedence_is_that_of_the_specification() {
        check("1.0.0 < 2.0.0 < 2.1.0 < 2.1.1");
        check("1.0.0-alpha < 1.0.0-alpha.1 < 1.0.0-alpha.beta < 1.0.0-beta < 1.0.0-beta.2 < 1.0.0-beta.11");
        check("1.0.0-beta.11 < 1.0.0-rc.1 < 1.0.0");
    }

    #[test]
    fn words_are_compared_by_their_bytes() {
        check("1.2.3-r2 > 1.2.3-r100 > 1.2.3-R2");
        check("1.2.3-a.10 > 1.2.3-a.5");
        check("1.0.0--1 > 1.0.0-1");
    }

    #[test]
    fn build_metadata_does_not_count() {
        check("2.3.1+meta = 2.3.1 = 2.3.1+other.1");
        check("1.0.0-a+1 = 1.0.0-a+2-3");
    }

    #[test]
    fn what_people_write_is_read() {
        check("v1.0.0 = 1.0.0 = V1.0.0 = =1.0.0 = =v1.0.0");
        check("1 = 1.0 = 1.0.0 = 1.0.0.0");
        check("1.2-rc.1 = 1.2.0-rc.1 < 1.2");
        check("1.1.3.4 < 1.1.3.4.5 < 1.1.3.5");
        check("1.2.3beta = 1.2.3-beta");
        check("01.2.03 = 1.2.3");
        assert_eq!(compare(" v1.2.3", "= 1.2.3"), Ok(Ordering::Equal));
    }

    #[test]
    fn numbers_may_be_of_any_size() {
        check("999999999999999999999999999991 < 999999999999999999999999999999");
        check("1.0.0-99999999999999999999998 < 1.0.0-99999999999999999999999");
    }

    #[test]
    fn what_is_no_version_is_unreadable() {
        for version in
            ["", "v", "latest", "1..2", "1.", ".1", "1.x", "1.2.*", "1-", "1.0.0-a..b", "1.0.0-a_b"]
        {
            testing::check_unreadable(compare, version);
        }
        for version in ["1.0.0+", "1.2.3 4", "1.2.3\n", "^1.2.3", "1.2beta", "\u{e9}", "1.0.0-\u{e9}"] {
            testing::check_unreadable(compare, version);
        }
    }

    proptest! {
        #[test]
        fn it_is_an_order(versions in prop::collection::vec("v?[0-2](\\.[0-9]){0,3}(-[01ab.-]{1,5})?(\\+[a1])?", 3..7)) {
            testing::check_laws(compare, &versions);
        }

        #[test]
        fn nothing_panics(left in any::<String>(), right in "[v0-9a.+-]{0,12}") {
            let _ = compare(&left, &right);
            let _ = compare(&right, &left);
        }
    }
}
