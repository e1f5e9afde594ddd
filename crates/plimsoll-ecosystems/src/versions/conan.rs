//! The order of Conan's versions, which look like SemVer and need not follow it.
//!
//! Own code, after Conan 2: numbers or words with dots between them, of which zeros at the end
//! do not count, a pre-release behind the first hyphen and a build behind the last plus, both
//! ordered like the rest; a version without a build comes before those with one. A number and a word
//! are compared as text, as Conan does, so that where both stand at one place (`9`, `2a`, `10`)
//! this is not transitive. Refused are texts without a digit (`system`), with blanks or other than
//! printable ASCII.
//!
//! Passed: the 1,422 pairs that the differential test gives to Conan 2 itself, where it is
//! installed; osv-scalibr has no table for it.

use std::cmp::Ordering;

use plimsoll_core::Unreadable;

use super::{compare_numbers, is_number, printable, unreadable};

/// Orders two versions as Conan 2 does.
///
/// # Errors
/// The first of the two that is no version.
pub fn compare(left: &str, right: &str) -> Result<Ordering, Unreadable> {
    let (left, right) = (Version::read(left)?, Version::read(right)?);
    let order = left.main.cmp(&right.main);
    Ok(match (&left.pre_release, &right.pre_release) {
        (Some(one), Some(other)) => {
            order.then_with(|| one.cmp(other)).then_with(|| left.build.cmp(&right.build))
        }
        (None, None) => order.then_with(|| left.build.cmp(&right.build)),
        (one, other) => order.then(other.is_some().cmp(&one.is_some())),
    })
}

struct Version<'a> {
    main: Vec<Item<'a>>,
    pre_release: Option<Vec<Item<'a>>>,
    build: Option<Vec<Item<'a>>>,
}

impl<'a> Version<'a> {
    fn read(text: &'a str) -> Result<Version<'a>, Unreadable> {
        let version = printable(text).map_err(|why| unreadable(text, why))?;
        let (version, build) = match version.rsplit_once('+') {
            Some((version, build)) => (version, Some(items(build))),
            None => (version, None),
        };
        let (version, pre_release) = match version.split_once('-') {
            Some((version, pre_release)) => (version, Some(items(pre_release))),
            None => (version, None),
        };
        Ok(Version { main: items(version), pre_release, build })
    }
}

/// Without the zeros at the end.
fn items(text: &str) -> Vec<Item<'_>> {
    let mut items: Vec<Item<'_>> = text.split('.').map(Item).collect();
    while items.last().is_some_and(|last| last.0.bytes().all(|byte| byte == b'0') && !last.0.is_empty()) {
        items.pop();
    }
    items
}

/// A number or a word.
#[derive(PartialEq, Eq)]
struct Item<'a>(&'a str);

impl Ord for Item<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        match (is_number(self.0), is_number(other.0)) {
            (true, true) => compare_numbers(self.0.as_bytes(), other.0.as_bytes()),
            (false, false) => self.0.cmp(other.0),
            // Python writes a number without the zeros before it.
            (true, false) => number_text(self.0).cmp(other.0),
            (false, true) => self.0.cmp(number_text(other.0)),
        }
    }
}

impl PartialOrd for Item<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn number_text(digits: &str) -> &str {
    match digits.trim_start_matches('0') {
        "" => "0",
        number => number,
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
    fn numbers_and_words_are_ordered_in_turn() {
        check("1 < 2 < 10");
        check("1 = 1.0 = 1.0.0");
        check("1.1.1 < 1.1.1g < 1.1.1w < 1.1.2");
        check("1.2.3 < 1.2.a");
        check("cci.20200203 < cci.20210118");
    }

    #[test]
    fn pre_releases_come_before_and_builds_after() {
        check("1.0.0-alpha < 1.0.0-alpha.1 < 1.0.0-beta < 1.0.0-rc.2 < 1.0.0");
        check("1.0 < 1.0+1 < 1.0+2 < 1.0+2a < 1.0.1");
        check("1.0-pre.1 < 1.0-pre.1+build1 < 1.0-pre.2");
    }

    #[test]
    fn what_says_no_version_is_unreadable() {
        for version in ["", "system", "1 2", "1\n", "1\u{e9}"] {
            testing::check_unreadable(compare, version);
        }
    }

    proptest! {
        #[test]
        fn it_is_an_order(versions in prop::collection::vec("[0-2](\\.[0-2]){0,2}(-[01]|-(a|b)\\.[01])?(\\+[01])?", 3..7)) {
            // A number and a word at one place of pre-releases would break it.
            let (words, numbers): (Vec<_>, Vec<_>) =
                versions.into_iter().partition(|it| it.contains(['a', 'b']));
            testing::check_laws(compare, &words);
            testing::check_laws(compare, &numbers);
        }

        #[test]
        fn nothing_panics(left in any::<String>(), right in "[0-9a-d.+-]{0,16}") {
            let _ = compare(&left, &right);
            let _ = compare(&right, &left);
        }
    }
}
