//! The order of Python's versions: PEP 440, and below all of it what came before PEP 440.
//!
//! The crate `pep440_rs` orders what follows PEP 440. Everything else is ordered as setuptools
//! did until it refused such versions (`LegacyVersion` of `packaging` before 22): below every
//! other version, piece by piece as text. A PEP 440 version with a number above 64 bits, which
//! the crate cannot hold, is unreadable rather than legacy; so are what is empty, has blanks or
//! a `*`, and the word that setuptools writes where a project says no version (`UNKNOWN`).
//!
//! A local segment (`+cu118`) sorts after the version without it, as PEP 440 says in [`compare`].
//! Upstream's advisories speak of the public version: [`compare_public`] leaves the segment of the
//! installed version aside where the bound has none (rule 59).
//!
//! Passed: all 4,141 pairs of osv-scalibr's sample, and the 1,500 of the differential
//! test that `packaging` 21.3 orders, the older ones among them.

use std::cmp::Ordering;
use std::str::FromStr;

use pep440_rs::Version;
use plimsoll_core::Unreadable;

use super::unreadable;

/// Orders two versions as Python's `packaging` does.
///
/// # Errors
/// The first of the two that is no version.
pub fn compare(left: &str, right: &str) -> Result<Ordering, Unreadable> {
    Ok(read(left)?.cmp(&read(right)?))
}

/// Orders an installed version against a bound of an advisory, by the rules of PEP 440's
/// version specifiers: where the bound has no local segment, that of the version does not count.
/// This is no total order.
///
/// # Errors
/// The first of the two that is no version.
pub fn compare_public(installed: &str, bound: &str) -> Result<Ordering, Unreadable> {
    match (read(installed)?, read(bound)?) {
        (Key::Standard(installed), Key::Standard(bound)) if !bound.is_local() => {
            Ok(installed.without_local().cmp(&bound))
        }
        (installed, bound) => Ok(installed.cmp(&bound)),
    }
}

/// What versions are ordered by; the older kind first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Legacy(Vec<String>),
    Standard(Version),
}

fn read(text: &str) -> Result<Key, Unreadable> {
    let trimmed = text.trim_matches([' ', '\t']);
    if trimmed.is_empty() {
        return Err(unreadable(text, "it is empty"));
    }
    if !trimmed.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(unreadable(text, "it has a character that is not printable ASCII"));
    }
    if let Ok(version) = Version::from_str(trimmed) {
        return Ok(Key::Standard(version));
    }
    if trimmed.contains('*') {
        return Err(unreadable(text, "it is a pattern"));
    }
    if trimmed.eq_ignore_ascii_case("unknown") {
        return Err(unreadable(text, "it says that nobody knows the version"));
    }
    if longest_number(trimmed) >= DIGITS_OF_U64 {
        return Err(unreadable(text, "it has a number above 64 bits"));
    }
    Ok(Key::Legacy(legacy_key(&trimmed.to_ascii_lowercase())))
}

/// The fewest digits of a number that may not fit into 64 bits.
const DIGITS_OF_U64: usize = 20;

fn longest_number(text: &str) -> usize {
    text.split(|it: char| !it.is_ascii_digit()).map(str::len).max().unwrap_or_default()
}

/// The pieces by which setuptools ordered: numbers filled up with zeros, words after an asterisk
/// (which sorts before digits), no zeros and no `final-` before a word that is earlier than the
/// end.
fn legacy_key(text: &str) -> Vec<String> {
    const FINAL: &str = "*final";
    let mut key: Vec<String> = Vec::new();
    for piece in legacy_pieces(text).map(legacy_piece).chain([FINAL.to_owned()]) {
        if piece.starts_with('*') {
            if piece.as_str() < FINAL {
                drop_last_while(&mut key, "*final-");
            }
            drop_last_while(&mut key, "00000000");
        }
        key.push(piece);
    }
    key
}

fn drop_last_while(key: &mut Vec<String>, piece: &str) {
    while key.last().is_some_and(|last| last == piece) {
        key.pop();
    }
}

/// Runs of digits, runs of lower-case letters, single hyphens, and runs of anything else; dots
/// only separate.
fn legacy_pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = *rest.as_bytes().first()?;
        let kind = kind_of(first);
        let end = match kind {
            Kind::Dot | Kind::Hyphen => 1,
            _ => rest.bytes().position(|byte| kind_of(byte) != kind).unwrap_or(rest.len()),
        };
        let (piece, after) = rest.split_at(end);
        rest = after;
        Some(piece)
    })
    .filter(|piece| *piece != ".")
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Digit,
    Letter,
    Dot,
    Hyphen,
    Other,
}

fn kind_of(byte: u8) -> Kind {
    match byte {
        b'0'..=b'9' => Kind::Digit,
        b'a'..=b'z' => Kind::Letter,
        b'.' => Kind::Dot,
        b'-' => Kind::Hyphen,
        _ => Kind::Other,
    }
}

fn legacy_piece(piece: &str) -> String {
    match piece {
        "pre" | "preview" | "rc" => "*c".to_owned(),
        "-" => "*final-".to_owned(),
        "dev" => "*@".to_owned(),
        number if super::is_number(number) => format!("{number:0>8}"),
        word => format!("*{word}"),
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
    fn stages_of_a_release_are_ordered() {
        check("1.0.dev0 < 1.0a0 < 1.0b2 < 1.0rc1 < 1.0 < 1.0.post1 < 1.1.dev1");
        check("1.2.post3.dev4 > 1.2b3.dev4");
        check("1.0-1 < 1.0-2");
        check("0.9.c = 0.9rc0 < 0.9 < 1.0");
        check("0.9.pre = 0.9.preview < 1.0");
    }

    #[test]
    fn spellings_of_one_version_are_equal() {
        check("1.2b3.DEV4 = 1.2b3.dev4");
        check("2022.12.7 = 2022.12.07");
        check("v1.0 = 1.0.0 = 1");
    }

    #[test]
    fn the_epoch_decides_first() {
        check("9!1.0 < 10!0.1");
        check("2.0 < 1!1.0 < 2!1.0");
    }

    #[test]
    fn local_segments_sort_after_the_version() {
        check("1.0.0 < 1.0.0+local.a < 1.0.0+local.0 < 1.0.0+local.0.1 < 1.0.0+local.1");
        check("4.2.8 < 4.2.8+sp1 < 4.2.9");
    }

    #[test]
    fn bounds_without_a_local_segment_speak_of_the_public_version() {
        for (installed, bound, expected) in [
            ("2.0.0+cu118", "2.0.0", Ordering::Equal),
            ("2.0.0+cu118", "2.0.1", Ordering::Less),
            ("4.2.8", "4.2.8+sp1", Ordering::Less),
            ("4.2.8+sp999", "4.2.8+sp1", Ordering::Greater),
            ("1-old", "1", Ordering::Less),
        ] {
            assert_eq!(compare_public(installed, bound), Ok(expected), "{installed} {bound}");
        }
        assert!(compare_public("UNKNOWN", "1").is_err());
    }

    #[test]
    fn older_versions_sort_below_all_others() {
        check("0.1-bulbasaur < 0.1-charmander < 0.9-doduo < 0.0.dev0 < 1.0");
        check("9.9-final-gold < 0");
        check("1.0-x < 1.0.0.0-y");
        check("-class.-jw.util.version.version-preview < 1.0");
    }

    #[test]
    fn what_says_no_version_is_unreadable() {
        for version in ["", " ", "UNKNOWN", "1.*", "1 2", "1\n", "1.0\u{e9}", "1.99999999999999999999999"] {
            testing::check_unreadable(compare, version);
        }
    }

    proptest! {
        #[test]
        fn it_is_an_order(versions in prop::collection::vec("([0-1]!)?[0-2](\\.[0-2]){0,2}((a|b|rc|.post|.dev|-x)[0-2])?(\\+[a0])?", 3..7)) {
            testing::check_laws(compare, &versions);
        }

        #[test]
        fn older_versions_are_ordered_too(versions in prop::collection::vec("[0-1a-c.x_-]{1,6}", 3..7)) {
            testing::check_laws(compare, &versions);
        }

        #[test]
        fn nothing_panics(left in any::<String>(), right in "[0-9a-d!.+*-]{0,24}") {
            let _ = compare(&left, &right);
            let _ = compare_public(&right, &left);
        }
    }
}
