//! The order of PHP's `version_compare`, which WordPress uses for itself, plugins and themes, and
//! which Composer uses on what it has normalised.
//!
//! Own code, after the rules of PHP's manual: `-`, `_` and `+` become dots, and a dot stands
//! where digits meet other characters; then piece by piece: unknown words, `dev`, `alpha`,
//! `beta`, `RC`, numbers, `pl`. Words are known by how they begin, so `patch` is a `p`. A longer
//! version is later if a number follows, else as the word says. Numbers are of any size; PHP's own
//! end at 64 bits. PHP takes every text; refused are texts without a digit, with blanks or with
//! other than printable ASCII. Where both end in a dot PHP calls each less than the other; here
//! the one that ends first is less.
//!
//! Passed ([`order`]): all 3,543 generated pairs of osv-scalibr's Packagist sample, which hold
//! this order and not Composer's, and the 1,350 that the differential test gives to PHP itself.

use std::cmp::Ordering;

use plimsoll_core::Unreadable;

use super::{compare_numbers, printable, unreadable};

/// Orders two versions as PHP's `version_compare` does.
///
/// # Errors
/// The first of the two that is no version.
pub fn compare(left: &str, right: &str) -> Result<Ordering, Unreadable> {
    let left = printable(left).map_err(|why| unreadable(left, why))?;
    let right = printable(right).map_err(|why| unreadable(right, why))?;
    Ok(order(left, right))
}

/// Orders any two texts as PHP does.
pub(super) fn order(left: &str, right: &str) -> Ordering {
    let (left, right) = (canonical(left), canonical(right));
    if left.is_empty() || right.is_empty() {
        return left.is_empty().cmp(&right.is_empty()).reverse();
    }
    order_pieces(&left, &right)
}

/// With a dot between all pieces.
fn canonical(text: &str) -> String {
    let mut bytes = text.bytes();
    let Some(first) = bytes.next() else { return String::new() };
    let mut canonical = String::with_capacity(text.len());
    canonical.push(char::from(first));
    let mut last = first;
    for byte in bytes {
        let is_hyphen = |byte: u8| b"-_+".contains(&byte);
        let meets = is_word_byte(last) && !is_hyphen(last) && byte.is_ascii_digit()
            || last.is_ascii_digit() && is_word_byte(byte);
        // PHP keeps any other character that stands right behind a digit.
        let is_kept = !is_hyphen(byte) && (meets || byte.is_ascii_alphanumeric());
        if (meets || !is_kept) && !canonical.ends_with('.') {
            canonical.push('.');
        }
        if is_kept {
            canonical.push(char::from(byte));
        }
        last = byte;
    }
    canonical
}

fn is_word_byte(byte: u8) -> bool {
    !byte.is_ascii_digit() && byte != b'.'
}

/// Compares while both have pieces left; then a further number is more, and a further word is as
/// it is against a number.
fn order_pieces(left: &str, right: &str) -> Ordering {
    let (mut left, mut right) = (Some(left), Some(right));
    while let (Some(left_text), Some(right_text)) = (left, right) {
        if left_text.is_empty() || right_text.is_empty() {
            break;
        }
        let (left_piece, left_rest) = cut(left_text);
        let (right_piece, right_rest) = cut(right_text);
        let order = compare_pieces(left_piece, right_piece);
        if order.is_ne() {
            return order;
        }
        (left, right) = (left_rest, right_rest);
    }
    match (left, right) {
        (Some(left), Some(right)) => compare_pieces(cut(left).0, cut(right).0),
        (Some(rest), None) => against_nothing(rest),
        (None, Some(rest)) => against_nothing(rest).reverse(),
        (None, None) => Ordering::Equal,
    }
}

fn cut(text: &str) -> (&str, Option<&str>) {
    match text.split_once('.') {
        Some((piece, rest)) => (piece, Some(rest)),
        None => (text, None),
    }
}

/// What is left of the longer version: nothing after a last dot is less than nothing at all.
fn against_nothing(rest: &str) -> Ordering {
    if begins_with_digit(rest) {
        return Ordering::Greater;
    }
    rank(cut(rest).0).cmp(&NUMBER)
}

fn compare_pieces(left: &str, right: &str) -> Ordering {
    let rank = |piece: &str| if begins_with_digit(piece) { NUMBER } else { rank(piece) };
    match (begins_with_digit(left), begins_with_digit(right)) {
        (true, true) => compare_numbers(left.as_bytes(), right.as_bytes()),
        _ => rank(left).cmp(&rank(right)),
    }
}

fn begins_with_digit(text: &str) -> bool {
    text.starts_with(|it: char| it.is_ascii_digit())
}

/// The place of numbers among the words.
const NUMBER: i8 = 4;

/// By its beginning, in exactly this case.
fn rank(word: &str) -> i8 {
    const RANKS: &[(&str, i8)] =
        &[("dev", 0), ("a", 1), ("b", 2), ("RC", 3), ("rc", 3), ("#", NUMBER), ("p", 5)];
    RANKS.iter().find(|(beginning, _)| word.starts_with(beginning)).map_or(-1, |(_, rank)| *rank)
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
    fn words_are_ordered_by_how_they_begin() {
        check("1.0-x < 1.0-dev < 1.0a1 < 1.0b1 < 1.0RC1 = 1.0rc1 < 1.0 < 1.0pl1");
        check("1.0alpha = 1.0a = 1.0-alpha");
        check("1.0-patch1 = 1.0p1");
    }

    #[test]
    fn a_further_number_counts() {
        check("1 < 1.0 < 1.0.0 < 1.0.1");
        check("6.4.2 < 6.4.3 < 6.5-RC1 < 6.5 < 6.10");
    }

    #[test]
    fn what_ends_in_a_dot_is_less() {
        check("1. < 1 < 1.0. < 1.0");
    }

    #[test]
    fn numbers_may_be_of_any_size() {
        check("999999999999999999999999999991 < 999999999999999999999999999999");
    }

    #[test]
    fn what_says_no_version_is_unreadable() {
        for version in ["", "trunk", "1 2", "1\n", "1\u{e9}"] {
            testing::check_unreadable(compare, version);
        }
    }

    proptest! {
        #[test]
        fn it_is_the_same_both_ways_round(left in "[0-1adp.-]{1,8}", right in "[0-1adp.-]{1,8}") {
            prop_assert_eq!(order(&left, &right), order(&right, &left).reverse());
        }

        #[test]
        fn it_is_an_order(versions in prop::collection::vec("[0-2](\\.[0-2]){0,3}((-dev|a|b|RC|pl)[1-2])?", 3..7)) {
            testing::check_laws(compare, &versions);
        }

        #[test]
        fn nothing_panics(left in any::<String>(), right in "[0-9adp#._+-]{0,24}") {
            let _ = order(&left, &right);
            let _ = compare(&right, &left);
        }
    }
}
