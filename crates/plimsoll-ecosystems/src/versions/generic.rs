//! A careful order for programs that no package manager owns, whose versions follow no rule.
//!
//! Own code, no tool's. Numbers and words in turn, whatever separates them; a missing number is
//! zero. Words that announce a release (`alpha`, `beta`, `dev`, `pre`, `rc` …, also `a`, `b` and `m`
//! before a number) come before it, all other words after it: OpenSSL's `1.1.1w`, OpenSSH's
//! `9.3p1`. What stands behind a plus counts last ([`compare`]), and against an advisory only where
//! its bound has such a part, too ([`compare_installed`]): some (Java's `17.0.9+9`) count with it,
//! and some name a commit. A `v` in front does not count, nor does case. Refused are texts without a digit, with blanks or other than printable
//! ASCII, and what begins with another word.

use std::cmp::Ordering;

use plimsoll_core::Unreadable;

use super::{compare_numbers, printable, split_while, unreadable};

/// Orders two versions by the rules above.
///
/// # Errors
/// The first of the two that is no version.
pub fn compare(left: &str, right: &str) -> Result<Ordering, Unreadable> {
    let (left, right) = (Version::read(left)?, Version::read(right)?);
    Ok(compare_pieces(&left.version, &right.version).then_with(|| match (&left.build, &right.build) {
        (Some(left), Some(right)) => compare_pieces(left, right),
        (left, right) => left.is_some().cmp(&right.is_some()),
    }))
}

/// Orders an installed version against a bound; the build counts where both have one. This is no
/// total order.
///
/// # Errors
/// The first of the two that is no version.
pub fn compare_installed(installed: &str, bound: &str) -> Result<Ordering, Unreadable> {
    let (left, right) = (Version::read(installed)?, Version::read(bound)?);
    Ok(compare_pieces(&left.version, &right.version).then_with(|| match (&left.build, &right.build) {
        (Some(left), Some(right)) => compare_pieces(left, right),
        _ => Ordering::Equal,
    }))
}

struct Version {
    version: Vec<Piece>,
    build: Option<Vec<Piece>>,
}

/// A number or a word, in the order against the end of a version: before it, like it, after it.
#[derive(Debug, PartialEq, Eq)]
enum Piece {
    /// A word that announces a release, by its place among them.
    Before(u8),
    Number(String),
    After(String),
}

impl Version {
    fn read(text: &str) -> Result<Version, Unreadable> {
        let printable = printable(text).map_err(|why| unreadable(text, why))?.to_ascii_lowercase();
        let version = printable.strip_prefix('v').unwrap_or(&printable);
        if !version.starts_with(|it: char| it.is_ascii_digit()) {
            return Err(unreadable(text, "it does not begin with a number"));
        }
        Ok(match version.split_once('+') {
            Some((version, build)) => Version { version: pieces(version), build: Some(pieces(build)) },
            None => Version { version: pieces(version), build: None },
        })
    }
}

fn pieces(text: &str) -> Vec<Piece> {
    let mut rest = text.as_bytes();
    let mut pieces = Vec::new();
    while let Some(first) = rest.first() {
        let after = if first.is_ascii_digit() {
            let (digits, after) = split_while(rest, |byte| byte.is_ascii_digit());
            pieces.push(Piece::Number(text_of(digits)));
            after
        } else if first.is_ascii_alphabetic() {
            let (word, after) = split_while(rest, |byte| byte.is_ascii_alphabetic());
            pieces.push(word_piece(&text_of(word), after.first().is_some_and(u8::is_ascii_digit)));
            after
        } else {
            rest.get(1..).unwrap_or_default()
        };
        rest = after;
    }
    pieces
}

fn text_of(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

fn word_piece(word: &str, before_digit: bool) -> Piece {
    Piece::Before(match word {
        "dev" | "snapshot" | "nightly" | "canary" => 0,
        "alpha" => 1,
        "a" if before_digit => 1,
        "beta" => 2,
        "b" if before_digit => 2,
        "milestone" => 3,
        "m" if before_digit => 3,
        "pre" | "preview" => 4,
        "rc" | "cr" => 5,
        other => return Piece::After(other.to_owned()),
    })
}

fn compare_pieces(left: &[Piece], right: &[Piece]) -> Ordering {
    (0..left.len().max(right.len()))
        .map(|at| compare_piece(left.get(at), right.get(at)))
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

/// What announces, the end and zero, other words, numbers.
fn compare_piece(left: Option<&Piece>, right: Option<&Piece>) -> Ordering {
    let rank = |piece: Option<&Piece>| match piece {
        Some(Piece::Before(_)) => 0,
        None => 1,
        Some(Piece::Number(digits)) if digits.bytes().all(|byte| byte == b'0') => 1,
        Some(Piece::After(_)) => 2,
        Some(Piece::Number(_)) => 3,
    };
    match (left, right) {
        (Some(Piece::Before(left)), Some(Piece::Before(right))) => left.cmp(right),
        (Some(Piece::After(left)), Some(Piece::After(right))) => left.cmp(right),
        (Some(Piece::Number(left)), Some(Piece::Number(right))) => {
            compare_numbers(left.as_bytes(), right.as_bytes())
        }
        (left, right) => rank(left).cmp(&rank(right)),
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
    fn numbers_are_compared_by_value() {
        check("1 = 1.0 = v1.0.0");
        check("1.9 < 1.10 < 2");
        check("1.8.0_392 < 1.8.0_402 < 11.0.21");
        check("99999999999999999999998 < 99999999999999999999999");
    }

    #[test]
    fn announced_releases_come_before() {
        check("3.12.0dev0 < 3.12.0a1 < 3.12.0b4 < 3.12.0rc1 < 3.12.0-rc2 < 3.12.0");
        check("10.0-beta1 < 10.0");
    }

    #[test]
    fn letters_of_patches_come_after() {
        check("1.1.1 < 1.1.1a < 1.1.1b < 1.1.1w < 1.1.2");
        check("9.3 < 9.3p1 < 9.3p2 < 9.4");
    }

    #[test]
    fn builds_count_last_and_only_where_the_bound_has_one() {
        check("17.0.9 < 17.0.9+8 < 17.0.9+9 < 17.0.9+11 < 17.0.10");
        assert_eq!(compare_installed("17.0.9+9", "17.0.9"), Ok(Ordering::Equal));
        assert_eq!(compare_installed("17.0.9+8", "17.0.9+9"), Ok(Ordering::Less));
    }

    #[test]
    fn what_says_no_version_is_unreadable() {
        for version in ["", "latest", "go1.2", "1 2", "1\n", "1\u{e9}", "-1", "vv1"] {
            testing::check_unreadable(compare, version);
        }
    }

    proptest! {
        #[test]
        fn it_is_an_order(versions in prop::collection::vec("[01]((\\.|-|)(0|1|a|w|rc)){0,4}(\\+[01a])?", 3..7)) {
            testing::check_laws(compare, &versions);
        }

        #[test]
        fn nothing_panics(left in any::<String>(), right in "[0-9a-dv._+-]{0,24}") {
            let _ = compare(&left, &right);
            let _ = compare(&right, &left);
        }
    }
}
