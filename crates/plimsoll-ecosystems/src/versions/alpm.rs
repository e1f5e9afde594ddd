//! The order of pacman's versions, `[epoch:]version[-release]` (alpm(7), vercmp(8)).
//!
//! It is rpm's order of old, with differences: what separates two segments counts by its length,
//! a word at the end comes before nothing (`1.0rc` before `1.0`), `~` and `^` are separators like
//! others, and a missing release is any release. The last makes it no total order.

use std::cmp::Ordering;

use plimsoll_core::Unreadable;

use super::{compare_numbers, split_while, unreadable};

/// Orders two versions.
///
/// # Errors
/// The first of the two that is no version.
pub fn compare(left: &str, right: &str) -> Result<Ordering, Unreadable> {
    let (left, right) = (Version::read(left)?, Version::read(right)?);
    let upstream =
        compare_numbers(left.epoch, right.epoch).then_with(|| compare_segments(left.version, right.version));
    Ok(upstream.then_with(|| match (left.release, right.release) {
        (Some(left), Some(right)) => compare_segments(left, right),
        _ => Ordering::Equal,
    }))
}

/// A version taken apart.
struct Version<'a> {
    epoch: &'a [u8],
    version: &'a [u8],
    release: Option<&'a [u8]>,
}

impl<'a> Version<'a> {
    fn read(text: &'a str) -> Result<Version<'a>, Unreadable> {
        if text.is_empty() {
            return Err(unreadable(text, "it is empty"));
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(unreadable(text, "it has a character that is not printable ASCII"));
        }
        let (epoch, rest) = match text.split_once(':') {
            Some((epoch, rest)) if epoch.bytes().all(|byte| byte.is_ascii_digit()) => (epoch, rest),
            _ => ("", text),
        };
        let (version, release) = match rest.rsplit_once('-') {
            Some((version, release)) => (version, Some(release.as_bytes())),
            None => (rest, None),
        };
        Ok(Version { epoch: epoch.as_bytes(), version: version.as_bytes(), release })
    }
}

fn compare_segments(mut left: &[u8], mut right: &[u8]) -> Ordering {
    if left == right {
        return Ordering::Equal;
    }
    while !left.is_empty() && !right.is_empty() {
        let (left_gap, left_rest) = split_while(left, |byte| !byte.is_ascii_alphanumeric());
        let (right_gap, right_rest) = split_while(right, |byte| !byte.is_ascii_alphanumeric());
        (left, right) = (left_rest, right_rest);
        if left.is_empty() || right.is_empty() {
            break;
        }
        if left_gap.len() != right_gap.len() {
            return left_gap.len().cmp(&right_gap.len());
        }
        let is_number = left[0].is_ascii_digit();
        let belongs = |byte: u8| if is_number { byte.is_ascii_digit() } else { byte.is_ascii_alphabetic() };
        let (left_segment, left_rest) = split_while(left, belongs);
        let (right_segment, right_rest) = split_while(right, belongs);
        if right_segment.is_empty() {
            // A number is newer than a word.
            return if is_number { Ordering::Greater } else { Ordering::Less };
        }
        let order = if is_number {
            compare_numbers(left_segment, right_segment)
        } else {
            left_segment.cmp(right_segment)
        };
        if order.is_ne() {
            return order;
        }
        (left, right) = (left_rest, right_rest);
    }
    remaining(left, right)
}

/// All segments that both have are the same: a word left over is older than nothing, a number newer.
fn remaining(left: &[u8], right: &[u8]) -> Ordering {
    let is_word = |rest: &[u8]| rest.first().is_some_and(u8::is_ascii_alphabetic);
    match (left.is_empty(), right.is_empty()) {
        (true, true) => Ordering::Equal,
        (true, false) if !is_word(right) => Ordering::Less,
        _ if is_word(left) => Ordering::Less,
        _ => Ordering::Greater,
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
    fn the_manual_of_vercmp_orders_words_before_nothing() {
        check("1.0a < 1.0b < 1.0beta < 1.0p < 1.0pre < 1.0rc < 1.0 < 1.0.a < 1.0.1");
        check("1 < 1.0 < 1.1 < 1.1.1 < 1.2 < 2.0 < 3.0.0");
    }

    #[test]
    fn a_missing_release_is_any_release() {
        check("1.5 = 1.5-1");
        check("1.0-1 = 1.0 = 1.0-2");
        check("1.5-1 < 1.5.b");
        check("1.5-1 < 1.5-2 < 1.5.1-1");
        check("1.5.b-1 = 1.5.b");
    }

    #[test]
    fn separators_count_by_their_length() {
        check("2.0 = 2_0");
        check("2.0_a = 2_0.a");
        check("2.0a < 2.0.a");
        check("2___a > 2_a");
    }

    #[test]
    fn leading_zeros_do_not_count_and_the_epoch_comes_first() {
        check("1.01 = 1.1");
        check("0:1.0 = 1.0");
        check("1.1 < 1:1.0");
        check("0:1.0 < 0:1.1");
    }

    #[test]
    fn versions_of_the_tracker_are_ordered() {
        check("1.1.1.o-1 < 3.0.7-1");
        check("9.7p1-2 < 9.8p1-1");
        check("1:1.3-1 < 1:1.3.1-1");
        check("5.17.9.arch1-1 < 5.17.9.arch1-2 < 5.18.arch1-1");
    }

    #[test]
    fn what_no_tool_writes_is_unreadable() {
        for version in ["", "1 2", "1\n", "\u{e9}"] {
            testing::check_unreadable(compare, version);
        }
    }

    proptest! {
        #[test]
        fn both_directions_agree(left in "[0-9]:?[01a~^._]{1,5}(-[01a.]{1,3})?", right in "([0-9]:)?[01a._]{1,5}(-[01a]{1,3})?") {
            let (there, back) = (compare(&left, &right), compare(&right, &left));
            prop_assert_eq!(there.is_ok(), back.is_ok());
            if let (Ok(there), Ok(back)) = (there, back) {
                prop_assert_eq!(there.is_eq(), back.is_eq());
            }
        }

        #[test]
        fn nothing_panics(left in any::<String>(), right in "\\PC*") {
            let _ = compare(&left, &right);
        }
    }
}
