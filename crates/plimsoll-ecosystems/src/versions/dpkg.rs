//! The order of Debian's package versions, `[epoch:]upstream[-revision]`.
//!
//! After Debian policy §5.6.12 and deb-version(7). Refused is what `dpkg --compare-versions`
//! refuses: nothing at all, an epoch that is no number from 0 to 2147483647, nothing after the
//! epoch's colon, no upstream version, an empty revision, blanks inside. Like dpkg, and unlike
//! policy, it takes an upstream version that does not begin with a digit and the characters
//! that policy forbids, as long as they are printable ASCII: archives of third parties have
//! both. Other bytes are refused, since dpkg's own order of them depends on the machine.
//!
//! Passed: all 4,829 pairs of osv-scalibr's sample, and the some 800 that the differential test
//! gives to dpkg itself.

use std::cmp::Ordering;

use plimsoll_core::Unreadable;

use super::{compare_numbers, split_while, unreadable};

/// Orders two versions as `dpkg --compare-versions` does.
///
/// # Errors
/// The first of the two that is no version.
pub fn compare(left: &str, right: &str) -> Result<Ordering, Unreadable> {
    let (left, right) = (Version::read(left)?, Version::read(right)?);
    Ok(left
        .epoch
        .cmp(&right.epoch)
        .then_with(|| compare_part(left.upstream, right.upstream))
        .then_with(|| compare_part(left.revision, right.revision)))
}

/// A version taken apart; no revision is an empty one, which equals `0`.
struct Version<'a> {
    epoch: u32,
    upstream: &'a [u8],
    revision: &'a [u8],
}

impl<'a> Version<'a> {
    fn read(text: &'a str) -> Result<Version<'a>, Unreadable> {
        Version::parts(text.trim_matches([' ', '\t'])).map_err(|why| unreadable(text, why))
    }

    fn parts(text: &'a str) -> Result<Version<'a>, &'static str> {
        if text.is_empty() {
            return Err("it is empty");
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("it has a character that is not printable ASCII");
        }
        let (epoch, rest) = match text.split_once(':') {
            Some((epoch, rest)) => (read_epoch(epoch)?, rest),
            None => (0, text),
        };
        let (upstream, revision) = match rest.rsplit_once('-') {
            Some((_, "")) => return Err("its revision is empty"),
            Some((upstream, revision)) => (upstream, revision),
            None => (rest, ""),
        };
        if upstream.is_empty() {
            return Err("it has no upstream version");
        }
        Ok(Version { epoch, upstream: upstream.as_bytes(), revision: revision.as_bytes() })
    }
}

fn read_epoch(text: &str) -> Result<u32, &'static str> {
    const WHY: &str = "its epoch is no number from 0 to 2147483647";
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(WHY);
    }
    text.parse::<i32>().ok().and_then(|epoch| u32::try_from(epoch).ok()).ok_or(WHY)
}

/// Compares runs of other characters and runs of digits by turns.
fn compare_part(mut left: &[u8], mut right: &[u8]) -> Ordering {
    while !left.is_empty() || !right.is_empty() {
        let (left_text, left_rest) = split_while(left, |byte| !byte.is_ascii_digit());
        let (right_text, right_rest) = split_while(right, |byte| !byte.is_ascii_digit());
        let (left_number, left_rest) = split_while(left_rest, |byte| byte.is_ascii_digit());
        let (right_number, right_rest) = split_while(right_rest, |byte| byte.is_ascii_digit());
        let order =
            compare_text(left_text, right_text).then_with(|| compare_numbers(left_number, right_number));
        if order.is_ne() {
            return order;
        }
        (left, right) = (left_rest, right_rest);
    }
    Ordering::Equal
}

fn compare_text(left: &[u8], right: &[u8]) -> Ordering {
    let length = left.len().max(right.len());
    (0..length)
        .map(|at| weight(left.get(at)).cmp(&weight(right.get(at))))
        .find(|it| it.is_ne())
        .unwrap_or(Ordering::Equal)
}

/// The tilde before the end, the end before letters, letters before everything else.
fn weight(byte: Option<&u8>) -> i32 {
    match byte {
        Some(b'~') => -1,
        None => 0,
        Some(letter) if letter.is_ascii_alphabetic() => i32::from(*letter),
        Some(other) => i32::from(*other) + 256,
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
    fn a_missing_number_is_zero() {
        check("0.0.0 = 0:0.0.0-00 = 0.0.0-0 = 0.0.0");
        check("1.0 = 1.0-0");
        check("0.0.0-0 < 0.0.0-a");
        check("2:4.19.01-1 = 2:4.19.1-1");
        check("1.a = 1.a0");
    }

    #[test]
    fn a_tilde_sorts_before_the_end() {
        check("1.0~~ < 1.0~~a < 1.0~ < 1.0 < 1.0+b1");
        check("1.2.3-1~deb7u1 < 1.2.3-1");
        check("1.0-1~bpo12+1 < 1.0-1");
        check("1.0~rc1-1 < 1.0-1");
    }

    #[test]
    fn letters_sort_before_other_characters() {
        check("1.0a < 1.0+");
        check("1.0 < 1.0a < 1.0a1 < 1.0b < 1.0+a");
        check("2.7.4+reloaded2-13 < 2.7.4+reloaded2-13ubuntu1 < 2.7.4+reloaded2-13+deb9u1");
    }

    #[test]
    fn the_epoch_decides_first() {
        check("1:0 > 0:1");
        check("2:0.0.44-1 < 2:0.0.44-nobin");
        check("9:1 < 10:0");
        check("00:1 = 0:1 = 1");
        check("2147483647:1 > 9:9");
    }

    #[test]
    fn updates_sort_after_what_they_update() {
        check("1.0-1build1 < 1.0-1ubuntu1");
        check("7u151-2.6.11-2ubuntu0.14.04.1 < 7u152");
        check("8.3.1-5ubuntu1.40 > 8.3.1-5ubuntu1.5");
        check("2.27-3ubuntu1.6+esm1 > 2.27-3ubuntu1.6");
        check("2.31-13 < 2.31-13+b1 < 2.31-13+deb11u11");
    }

    #[test]
    fn only_the_last_hyphen_begins_the_revision() {
        check("1-2-3 > 1-2-2");
        check("1.0-a-1 < 1.0-b-0");
    }

    #[test]
    fn numbers_may_be_of_any_size() {
        check("99999999999999999999998 < 99999999999999999999999 < 100000000000000000000000");
    }

    #[test]
    fn what_policy_forbids_and_dpkg_takes_is_taken() {
        check("v1.0 > 1.0");
        check("1.0_beta > 1.0");
        check("1:1:2 > 1:1");
    }

    #[test]
    fn what_dpkg_refuses_is_unreadable() {
        for version in
            ["", " ", "a:1", "-1:1", ":1", "1:", "2147483648:1", "1-", "-1", "1 2", "1\u{e9}", "1\n"]
        {
            testing::check_unreadable(compare, version);
        }
        assert_eq!(compare(" 1.0\t", "1.0"), Ok(Ordering::Equal));
    }

    proptest! {
        #[test]
        fn it_is_an_order(versions in prop::collection::vec("([0-9]:)?[0-9a~+._-]{1,6}(-[0-9a~+.]{0,3})?", 3..7)) {
            testing::check_laws(compare, &versions);
        }

        #[test]
        fn nothing_panics(left in any::<String>(), right in "\\PC*") {
            let _ = compare(&left, &right);
        }
    }
}
