//! The order of versions in the names of Nix's store paths, `builtins.compareVersions`.
//!
//! Own code, after Nix's manual: pieces between dots and hyphens and where digits meet other
//! characters; `pre` before everything, then what is missing, then other words by their bytes,
//! then numbers. Numbers are of any size; Nix's own end at 64 bits. Nix takes every text; refused are
//! texts without a digit, with blanks or other than printable ASCII.
//!
//! Passed: the 1,500 pairs that the differential test gives to Nix itself.

use std::cmp::Ordering;

use plimsoll_core::Unreadable;

use super::{compare_numbers, is_number, printable, split_while, unreadable};

/// Orders two versions as Nix does.
///
/// # Errors
/// The first of the two that is no version.
pub fn compare(left: &str, right: &str) -> Result<Ordering, Unreadable> {
    let left = printable(left).map_err(|why| unreadable(left, why))?;
    let right = printable(right).map_err(|why| unreadable(right, why))?;
    let (mut left, mut right) = (left, right);
    while !left.is_empty() || !right.is_empty() {
        let (one, left_rest) = next(left);
        let (other, right_rest) = next(right);
        let order = compare_pieces(one, other);
        if order.is_ne() {
            return Ok(order);
        }
        (left, right) = (left_rest, right_rest);
    }
    Ok(Ordering::Equal)
}

/// The next piece, and what is behind it; nothing at the end.
fn next(text: &str) -> (&str, &str) {
    let text = text.trim_start_matches(['.', '-']);
    let is_digit = text.starts_with(|it: char| it.is_ascii_digit());
    let belongs = |byte: u8| byte.is_ascii_digit() == is_digit && !matches!(byte, b'.' | b'-');
    text.split_at(split_while(text.as_bytes(), belongs).0.len())
}

fn compare_pieces(left: &str, right: &str) -> Ordering {
    let rank = |piece: &str| match piece {
        "pre" => 0,
        number if is_number(number) => 2,
        _ => 1,
    };
    rank(left).cmp(&rank(right)).then_with(|| match rank(left) {
        2 => compare_numbers(left.as_bytes(), right.as_bytes()),
        _ => left.cmp(right),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::testing;
    use super::*;

    #[test]
    fn words_come_before_numbers() {
        let check = |chain| testing::check(compare, chain);
        check("1.0 < 2.3 < 2.10");
        check("2.3pre1 < 2.3pre3 < 2.3pre12 < 2.3 < 2.3a < 2.3c < 2.3q < 2.3.1");
        check("2.3pre1 < 2.3q < 2.5");
        check("1.0-1 = 1.0.1");
        check("99999999999999999999998 < 99999999999999999999999");
    }

    #[test]
    fn what_says_no_version_is_unreadable() {
        for version in ["", "unstable", "1 2", "1\n", "1\u{e9}"] {
            testing::check_unreadable(compare, version);
        }
    }

    proptest! {
        #[test]
        fn it_is_an_order(versions in prop::collection::vec("[01]((\\.|-|)(0|1|a|pre)){0,3}", 3..7)) {
            testing::check_laws(compare, &versions);
        }

        #[test]
        fn nothing_panics(left in any::<String>(), right in "[0-9a-d.-]{0,16}") {
            let _ = compare(&left, &right);
            let _ = compare(&right, &left);
        }
    }
}
