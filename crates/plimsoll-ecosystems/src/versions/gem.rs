//! The order of RubyGems' versions, `Gem::Version`.
//!
//! Own code: the one crate there is cuts numbers at 32 bits. Segments are runs of digits or of
//! letters, a hyphen means `.pre.`, letters come before numbers, and zeros at the end of the
//! numbers or of the rest do not count. The platform of a gem (`1.13.6-x86_64-linux`) is no part
//! of its version and is left out (rule 64). Refused is what RubyGems refuses, and nothing at all,
//! which it takes for 0; taken is what it once took, letters right behind the first number.
//!
//! Passed: all 1,378 pairs of osv-scalibr's sample, and the 1,077 of the
//! differential test that RubyGems itself takes.

use std::cmp::Ordering;

use plimsoll_core::Unreadable;

use super::{compare_numbers, split_while, unreadable};

/// Orders two versions as RubyGems does.
///
/// # Errors
/// The first of the two that is no version.
pub fn compare(left: &str, right: &str) -> Result<Ordering, Unreadable> {
    Ok(compare_segments(&read(left)?, &read(right)?))
}

/// One piece of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Segment<'a> {
    Number(&'a [u8]),
    Word(&'a [u8]),
}

impl Segment<'_> {
    const ZERO: Segment<'static> = Segment::Number(b"");

    fn is_zero(self) -> bool {
        self.compare(Segment::ZERO).is_eq()
    }

    fn compare(self, other: Segment<'_>) -> Ordering {
        match (self, other) {
            (Segment::Number(left), Segment::Number(right)) => compare_numbers(left, right),
            (Segment::Word(left), Segment::Word(right)) => left.cmp(right),
            (Segment::Word(_), Segment::Number(_)) => Ordering::Less,
            (Segment::Number(_), Segment::Word(_)) => Ordering::Greater,
        }
    }
}

fn read(text: &str) -> Result<Vec<Segment<'_>>, Unreadable> {
    let version = without_platform(text.trim_matches([' ', '\t']));
    if !is_correct(version) {
        return Err(unreadable(text, "RubyGems would not take it"));
    }
    Ok(segments(version))
}

/// `[0-9][0-9a-zA-Z]*(\.[0-9a-zA-Z]+)*(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?`
fn is_correct(version: &str) -> bool {
    let (release, pre_release) = match version.split_once('-') {
        Some((release, pre_release)) => (release, Some(pre_release)),
        None => (version, None),
    };
    let is_piece = |piece: &str, extra: &[u8]| {
        !piece.is_empty() && piece.bytes().all(|byte| byte.is_ascii_alphanumeric() || extra.contains(&byte))
    };
    release.starts_with(|it: char| it.is_ascii_digit())
        && release.split('.').all(|piece| is_piece(piece, b""))
        && pre_release.is_none_or(|it| it.split('.').all(|piece| is_piece(piece, b"-")))
}

/// The first words of the platforms that gems are built for.
const PLATFORMS: &[&str] = &[
    "aarch64",
    "arm",
    "arm64",
    "armv5",
    "armv6",
    "armv7",
    "armv7l",
    "armv8",
    "i386",
    "i486",
    "i586",
    "i686",
    "java",
    "jruby",
    "loongarch64",
    "mingw",
    "mingw32",
    "mswin",
    "mswin32",
    "mswin64",
    "powerpc",
    "ppc",
    "ppc64le",
    "riscv64",
    "ruby",
    "s390x",
    "sparc",
    "universal",
    "x64",
    "x86",
    "x86_64",
    "dalvik",
    "macruby",
];

/// Cuts at the first hyphen that a platform stands behind.
fn without_platform(version: &str) -> &str {
    let is_platform = |rest: &str| rest.split('-').next().is_some_and(|word| PLATFORMS.contains(&word));
    let hyphens = version.bytes().enumerate().filter(|(_, byte)| *byte == b'-').map(|(at, _)| at);
    for at in hyphens {
        if version.get(at + 1..).is_some_and(is_platform) {
            return version.get(..at).unwrap_or(version);
        }
    }
    version
}

/// The segments without the zeros that end the numbers or the rest.
fn segments(version: &str) -> Vec<Segment<'_>> {
    let mut rest = version.as_bytes();
    let mut all: Vec<Segment<'_>> = Vec::new();
    let mut words = false;
    while let Some(first) = rest.first() {
        let (piece, after) = if first.is_ascii_digit() {
            split_while(rest, |byte| byte.is_ascii_digit())
        } else {
            split_while(rest, |byte| byte.is_ascii_alphabetic())
        };
        let segment = match first {
            b'0'..=b'9' => Segment::Number(piece),
            b'-' => Segment::Word(b"pre"),
            _ => Segment::Word(piece),
        };
        let separates = piece.is_empty();
        rest = if separates { rest.get(1..).unwrap_or_default() } else { after };
        if separates && *first != b'-' {
            continue;
        }
        if matches!(segment, Segment::Word(_)) && !words {
            words = true;
            drop_zeros(&mut all);
        }
        all.push(segment);
    }
    drop_zeros(&mut all);
    all
}

fn drop_zeros(segments: &mut Vec<Segment<'_>>) {
    while segments.last().is_some_and(|last| last.is_zero()) {
        segments.pop();
    }
}

fn compare_segments(left: &[Segment<'_>], right: &[Segment<'_>]) -> Ordering {
    (0..left.len().max(right.len()))
        .map(|at| {
            let left = left.get(at).copied().unwrap_or(Segment::ZERO);
            left.compare(right.get(at).copied().unwrap_or(Segment::ZERO))
        })
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
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
    fn letters_come_before_numbers_and_the_end() {
        check("3.2 < 3.10");
        check("1beta < 1");
        check("0.9 < 1.0.a.2 < 1.0.a9 < 1.0.a10 < 1.0.b1 < 1.0");
        check("1.0.a2 = 1.0.a.2");
        check("1.2.4.beta < 1.2.4");
        check("1.0.0.rc1 < 1.0.0.rc2 < 1.0.0");
    }

    #[test]
    fn zeros_at_the_end_do_not_count() {
        check("1 = 1.0 = 1.0.0");
        check("1.0.a = 1.a = 1.0.0.a.0");
    }

    #[test]
    fn a_hyphen_means_a_pre_release() {
        check("1.0.0-alpha = 1.0.0.pre.alpha < 1.0.0");
        check("1.0.0-1 = 1.0.0.pre.1 < 1.0.0");
    }

    #[test]
    fn the_platform_is_no_part_of_the_version() {
        check("1.13.6-x86_64-linux = 1.13.6 = 1.13.6-java = 1.13.6-arm64-darwin-22");
        check("1.2.0-alpha-x86-linux = 1.2.0-alpha < 1.2.0");
        check("1.0.0.rc1-x86_64-linux-gnu < 1.0.0");
    }

    #[test]
    fn numbers_may_be_of_any_size() {
        check("1.201706190042.1 < 1.201706190043.0");
        check("999999999999999999999999999991 < 999999999999999999999999999999");
    }

    #[test]
    fn what_rubygems_refuses_is_unreadable() {
        for version in ["", " ", "a", "v1", "1..2", "1.", ".1", "1_0", "1 2", "1\n2", "1.0+1", "1-", "1-a..b"]
        {
            testing::check_unreadable(compare, version);
        }
    }

    proptest! {
        #[test]
        fn it_is_an_order(versions in prop::collection::vec("[0-2](\\.[0-2ab]{1,2}){0,4}(-[0a]{1,2})?", 3..7)) {
            testing::check_laws(compare, &versions);
        }

        #[test]
        fn nothing_panics(left in any::<String>(), right in "[0-9a-c._x-]{0,24}") {
            let _ = compare(&left, &right);
            let _ = compare(&right, &left);
        }
    }
}
