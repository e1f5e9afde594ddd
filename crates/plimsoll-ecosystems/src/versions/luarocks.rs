//! The order of LuaRocks' versions, `version-revision`.
//!
//! Own code, after LuaRocks 3: numbers and words, whatever separates them; a word takes the place
//! of a number (`alpha`, `beta`, `pre` and `rc` far below zero, `cvs`, `scm` and `dev` far above any
//! number, others a little above zero), and a number behind it is a small part of it. What is
//! missing is 0. Revisions count last ([`compare`]), and to LuaRocks itself only where both versions
//! have one ([`compare_installed`]), which is no total order, as it cannot be. Refused is what LuaRocks warns of, and numbers of more than 18 digits.
//!
//! Passed: the 804 pairs that the differential test gives to LuaRocks itself
//! ([`compare_installed`]).

use std::cmp::Ordering;

use plimsoll_core::Unreadable;

use super::{compare_numbers, printable, unreadable};

/// Orders two versions; no revision comes before any.
///
/// # Errors
/// The first of the two that is no version.
pub fn compare(left: &str, right: &str) -> Result<Ordering, Unreadable> {
    let (left, right) = (Version::read(left)?, Version::read(right)?);
    Ok(left.compare_numbers(&right).then_with(|| match (left.revision, right.revision) {
        (Some(left), Some(right)) => compare_numbers(left.as_bytes(), right.as_bytes()),
        (left, right) => left.is_some().cmp(&right.is_some()),
    }))
}

/// Orders an installed version against a bound as LuaRocks does: no revision is any revision.
///
/// # Errors
/// The first of the two that is no version.
pub fn compare_installed(installed: &str, bound: &str) -> Result<Ordering, Unreadable> {
    let (left, right) = (Version::read(installed)?, Version::read(bound)?);
    Ok(left.compare_numbers(&right).then_with(|| match (left.revision, right.revision) {
        (Some(left), Some(right)) => compare_numbers(left.as_bytes(), right.as_bytes()),
        _ => Ordering::Equal,
    }))
}

/// A number behind a word counts this part.
const UNIT: i128 = 100_000;

struct Version<'a> {
    /// In units.
    numbers: Vec<i128>,
    revision: Option<&'a str>,
}

impl<'a> Version<'a> {
    fn read(text: &'a str) -> Result<Version<'a>, Unreadable> {
        // `scm` without any digit is a version to LuaRocks.
        let trimmed = match printable(text) {
            Ok(trimmed) => trimmed,
            Err(_) if matches!(text, "scm" | "cvs" | "dev") => text,
            Err(why) => return Err(unreadable(text, why)),
        };
        let (version, revision) = match trimmed.rsplit_once('-') {
            Some((version, revision)) if super::is_number(revision) => (version, Some(revision)),
            _ => (trimmed, None),
        };
        let numbers = read_numbers(version).map_err(|why| unreadable(text, why))?;
        Ok(Version { numbers, revision })
    }

    fn compare_numbers(&self, other: &Version<'_>) -> Ordering {
        (0..self.numbers.len().max(other.numbers.len()))
            .map(|at| self.number(at).cmp(&other.number(at)))
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }

    fn number(&self, at: usize) -> i128 {
        self.numbers.get(at).copied().unwrap_or_default()
    }
}

fn read_numbers(text: &str) -> Result<Vec<i128>, &'static str> {
    let mut rest = text;
    let mut numbers = Vec::new();
    let mut word: Option<i128> = None;
    while let Some(first) = rest.chars().next() {
        let belongs =
            |it: &u8| if first.is_ascii_digit() { it.is_ascii_digit() } else { it.is_ascii_alphabetic() };
        let (piece, after) = rest.split_at(rest.bytes().take_while(belongs).count());
        rest = after.trim_start_matches(['.', '-', '_']);
        if piece.is_empty() {
            return Err("it has a character that LuaRocks does not know");
        }
        if first.is_ascii_digit() {
            let number = number(piece).ok_or("a number in it has more than 18 digits")?;
            numbers.push(match word.take() {
                Some(word) => word.saturating_add(number),
                None => number.saturating_mul(UNIT),
            });
        } else {
            // A word right behind a word replaces it.
            word = Some(weight(piece));
        }
    }
    numbers.extend(word);
    Ok(numbers)
}

fn number(digits: &str) -> Option<i128> {
    let significant = digits.trim_start_matches('0');
    (significant.len() <= 18).then(|| significant.bytes().fold(0, |sum, it| sum * 10 + i128::from(it - b'0')))
}

/// In units.
fn weight(word: &str) -> i128 {
    let whole = match word {
        "dev" => 120_000_000,
        "scm" => 110_000_000,
        "cvs" => 100_000_000,
        "rc" => -1_000,
        "pre" => -10_000,
        "beta" => -100_000,
        "alpha" => -1_000_000,
        // The first letter counts a thousandth.
        other => return other.bytes().next().map_or(0, |byte| i128::from(byte) * (UNIT / 1_000)),
    };
    whole * UNIT
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
    fn words_are_numbers_of_their_own() {
        check("1.0alpha1 < 1.0beta1 < 1.0pre1 < 1.0rc1 < 1.0rc2 < 1.0 < 1.0a < 1.0.1 < 1.0.scm");
        check("3.0 < cvs < scm < dev");
        check("1.0 = 1 = 1.0.0");
        check("1.2.3 = 1_2__3 > 1.2");
    }

    #[test]
    fn revisions_count_last_and_to_luarocks_where_both_have_one() {
        check("1.0 < 1.0-1 < 1.0-2 < 1.0-10 < 1.1-1");
        assert_eq!(compare_installed("1.0-1", "1.0"), Ok(Ordering::Equal));
        assert_eq!(compare_installed("1.0-1", "1.0-2"), Ok(Ordering::Less));
        check("scm-0 < scm-1");
    }

    #[test]
    fn what_luarocks_warns_of_is_unreadable() {
        for version in ["", "latest", "1.0+1", "1 2", "1\n", "1\u{e9}", "9999999999999999999"] {
            testing::check_unreadable(compare, version);
        }
    }

    proptest! {
        #[test]
        fn it_is_an_order(versions in prop::collection::vec("[01a]((\\.|-|)(0|1|a|rc|scm)){0,3}(-[01])?", 3..7)) {
            testing::check_laws(compare, &versions);
        }

        #[test]
        fn nothing_panics(left in any::<String>(), right in "[0-9a-d._+-]{0,24}") {
            let _ = compare(&left, &right);
            let _ = compare(&right, &left);
        }
    }
}
