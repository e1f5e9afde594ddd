//! The order of Alpine's package versions, `1.2.3b_rc1_p2~0a1b-r4`.
//!
//! Numbers with points between them, perhaps one small letter, any number of known suffixes
//! with or without a number, perhaps the hash of a commit, perhaps a revision, in this order
//! (APKBUILD(5), "pkgver"). Anything else is unreadable, where version 3 of apk calls it invalid:
//! its order of such texts differs from version 2's, so nobody knows what was meant. There is
//! one exception, a number after the letter (`1.9.5p2`). Version 3 calls it invalid too, but
//! version 2 did not, and sudo and OpenSSH were released so for years.
//!
//! Passed: all of apk-tools' own list (736 pairs, 6 valid and 24 invalid versions) but that one
//! exception, two pairs with an invalid side, and 16 lines about its operator `~`, which is
//! no order; and of osv-scalibr's sample all 5,031 pairs with two valid sides, 17 being refused.

use std::cmp::Ordering;

use plimsoll_core::Unreadable;

use super::{compare_numbers, split_while, unreadable};

/// Orders two versions as `apk version -t` does.
///
/// # Errors
/// The first of the two that is no version.
pub fn compare(left: &str, right: &str) -> Result<Ordering, Unreadable> {
    check(left)?;
    check(right)?;
    let (mut left, mut right) = (Tokens::of(left), Tokens::of(right));
    loop {
        // Both were checked above, so that an error cannot occur; it would end the comparison.
        let (a, b) = (left.next().unwrap_or(Token::End), right.next().unwrap_or(Token::End));
        let order = a.compare(&b);
        if order.is_ne() || a == Token::End {
            return Ok(order);
        }
    }
}

/// Whether apk would take it for a version.
///
/// # Errors
/// It would not, and why.
pub fn check(version: &str) -> Result<(), Unreadable> {
    let mut tokens = Tokens::of(version);
    loop {
        match tokens.next() {
            Ok(Token::End) => return Ok(()),
            Ok(_) => (),
            Err(why) => return Err(unreadable(version, why)),
        }
    }
}

/// One piece of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'a> {
    /// The first number.
    First(&'a [u8]),
    /// A number after a point.
    Number(&'a [u8]),
    /// The letter after the numbers.
    Letter(u8),
    /// The number after the letter.
    LetterNumber(&'a [u8]),
    /// A suffix, as its index in [`SUFFIXES`].
    Suffix(usize),
    /// The number of a suffix.
    SuffixNumber(&'a [u8]),
    /// The hash of a commit, without its tilde.
    Commit(&'a [u8]),
    /// The number of the revision.
    Revision(&'a [u8]),
    /// There is no more.
    End,
}

/// The suffixes that apk knows, in their order.
const SUFFIXES: [&[u8]; 9] = [b"alpha", b"beta", b"pre", b"rc", b"cvs", b"svn", b"git", b"hg", b"p"];

/// How many of them come before the version without a suffix.
const SUFFIXES_BEFORE: usize = 4;

impl Token<'_> {
    fn compare(&self, other: &Token<'_>) -> Ordering {
        match (self, other) {
            (Token::First(a), Token::First(b))
            | (Token::LetterNumber(a), Token::LetterNumber(b))
            | (Token::SuffixNumber(a), Token::SuffixNumber(b))
            | (Token::Revision(a), Token::Revision(b)) => compare_numbers(a, b),
            (Token::Number(a), Token::Number(b)) => compare_later_numbers(a, b),
            (Token::Letter(a), Token::Letter(b)) => a.cmp(b),
            (Token::Suffix(a), Token::Suffix(b)) => a.cmp(b),
            (Token::Commit(a), Token::Commit(b)) => a.cmp(b),
            (a, b) => a.place().cmp(&b.place()),
        }
    }

    /// Among pieces of different kinds, the greater ones: what comes earlier in a version is
    /// greater than what comes later or than its end, but for the suffixes of pre-releases.
    fn place(&self) -> u8 {
        match self {
            Token::Suffix(index) if *index < SUFFIXES_BEFORE => 0,
            Token::End => 1,
            Token::Revision(_) => 2,
            Token::Commit(_) => 3,
            Token::SuffixNumber(_) => 4,
            Token::Suffix(_) => 5,
            Token::Letter(_) => 6,
            Token::LetterNumber(_) => 7,
            Token::Number(_) => 8,
            Token::First(_) => 9,
        }
    }
}

/// Numbers after a point: with a leading zero they are read like decimals, as text.
fn compare_later_numbers(left: &[u8], right: &[u8]) -> Ordering {
    if left.starts_with(b"0") || right.starts_with(b"0") {
        left.cmp(right)
    } else {
        compare_numbers(left, right)
    }
}

/// Cuts a version into tokens.
struct Tokens<'a> {
    rest: &'a [u8],
    last: Option<Token<'a>>,
}

impl<'a> Tokens<'a> {
    fn of(version: &'a str) -> Tokens<'a> {
        Tokens { rest: version.as_bytes(), last: None }
    }

    /// The next piece, or why there cannot be one.
    fn next(&mut self) -> Result<Token<'a>, &'static str> {
        let token = self.read()?;
        self.last = Some(token);
        Ok(token)
    }

    fn read(&mut self) -> Result<Token<'a>, &'static str> {
        let Some(last) = self.last else {
            return Ok(Token::First(self.digits().ok_or("it does not begin with a number")?));
        };
        let Some((first, after)) = self.rest.split_first() else { return Ok(Token::End) };
        match (first, last) {
            (b'0'..=b'9', Token::Suffix(_)) => {
                Ok(Token::SuffixNumber(self.digits().expect("a digit was seen")))
            }
            (b'0'..=b'9', Token::Letter(_)) => {
                Ok(Token::LetterNumber(self.digits().expect("a digit was seen")))
            }
            (b'.', Token::First(_) | Token::Number(_)) => {
                self.rest = after;
                Ok(Token::Number(self.digits().ok_or("no number follows a point")?))
            }
            (b'a'..=b'z', Token::First(_) | Token::Number(_)) => {
                self.rest = after;
                Ok(Token::Letter(*first))
            }
            (b'_', token) if !matches!(token, Token::Commit(_) | Token::Revision(_)) => {
                let (name, rest) = split_while(after, |byte| byte.is_ascii_lowercase());
                self.rest = rest;
                let index = SUFFIXES.iter().position(|suffix| *suffix == name);
                Ok(Token::Suffix(index.ok_or("it has a suffix that apk does not know")?))
            }
            (b'~', token) if !matches!(token, Token::Commit(_) | Token::Revision(_)) => {
                let (hash, rest) = split_while(after, |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
                self.rest = rest;
                if hash.is_empty() { Err("no hash follows its tilde") } else { Ok(Token::Commit(hash)) }
            }
            (b'-', token) if !matches!(token, Token::Revision(_)) => {
                self.rest = after.strip_prefix(b"r").ok_or("its hyphen begins no revision")?;
                Ok(Token::Revision(self.digits().ok_or("its revision has no number")?))
            }
            _ => Err("something stands where it cannot"),
        }
    }

    /// Takes a run of digits, unless there is none.
    fn digits(&mut self) -> Option<&'a [u8]> {
        let (digits, rest) = split_while(self.rest, |byte| byte.is_ascii_digit());
        self.rest = rest;
        (!digits.is_empty()).then_some(digits)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::testing;
    use super::*;

    #[track_caller]
    fn check_order(chain: &str) {
        testing::check(compare, chain);
    }

    #[test]
    fn suffixes_stand_around_the_version_itself() {
        check_order(
            "1.2_alpha < 1.2_beta < 1.2_pre < 1.2_rc1 < 1.2 < 1.2_cvs1 < 1.2_svn1 < 1.2_git1 < 1.2_hg1 < 1.2_p1",
        );
        check_order("1.1_alpha1 < 1.1");
        check_order("0.1.0_alpha < 0.1.0_alpha2 < 0.1.3_alpha");
        check_order("0.1.0_alpha_pre2 < 0.1.0_alpha");
        check_order("1.0_p9-r0 < 1.0_p10-r0");
        check_order("1.0.0_pre20191002222144-r0 < 1.0.0_pre20210530193627-r0");
        check_order("4.2.52_p2-r1 < 4.2.52_p4-r2");
        check_order("1.6.8_p12-r1 > 1.6.8_p9-r2");
    }

    #[test]
    fn revisions_come_last() {
        check_order("1 < 1-r0 < 1-r1");
        check_order("1-r1 = 1-r01");
        check_order("1.5.1-r1 > 1.5.1");
        check_order("2.3.0b-r1 < 2.3.0b-r2");
        check_order("1.3_pre1-r1 < 1.3.2");
    }

    #[test]
    fn later_numbers_with_a_leading_zero_are_decimals() {
        check_order("8.2.0 < 8.2.001");
        check_order("8.2.0015 < 8.2.002");
        check_order("1.06-r6 < 006");
        check_order("1.02.07 < 1.02.10-r1");
        check_order("1.07 < 1.1");
    }

    #[test]
    fn numbers_letters_and_what_is_longer() {
        check_order("1.2 < 1.2.0 < 1.2.1");
        check_order("1.2 < 1.2b < 1.2c < 1.2.1");
        check_order("0.12.1 < 0.12.2 < 0.13_beta1");
        check_order("20050718-r1 < 20050718-r2");
        check_order("99999999999999999999 < 100000000000000000000");
    }

    #[test]
    fn a_number_may_follow_the_letter() {
        check_order("1.9.5 < 1.9.5p < 1.9.5p1 < 1.9.5p2-r1 < 1.9.5p10 < 1.9.5q < 1.9.6");
        check_order("6.6.2p1 = 6.6.2p01");
        check_order("6.6.2p1 > 6.6.2_p2");
    }

    #[test]
    fn commits_are_text() {
        check_order("1.0~1234 < 1.0~2345");
        check_order("1.0~1234-r1 < 1.0~2345-r0");
        check_order("1.0~1234-r0 < 1.0~1234-r1");
    }

    #[test]
    fn what_apk_calls_invalid_is_unreadable() {
        for version in [
            "",
            "0.1bc",
            "0.1bc1",
            "0.1a1a",
            "0.1a1.1",
            "0.1a.1",
            "0.1_pre2~",
            "0.1_pre2~1234xbcd",
            "0.1_pre2~1234abcd_pre1",
            "0.1_pre2-r1~1234xbcd",
            "0.1_foobar",
            "0.1-pre1.1",
            "0.1-r",
            "0.1-r2_pre1",
            "0.1-r2-r3",
            "0.1-r2.1",
            ".1",
            "a",
            "_pre1",
            "-r1",
            "0.1_",
            "0.1_-r0",
            "0.1__alpha",
            "0.1_1_alpha",
            "1.2.0A",
            "1-r0-1",
            "1.",
            "1..2",
            "1.2_blah",
            "1 ",
            "1\u{660}",
        ] {
            testing::check_unreadable(compare, version);
        }
    }

    #[test]
    fn what_apk_calls_valid_is_readable() {
        for version in
            ["1.2", "0.1_pre2", "0.1_pre2~1234abcd", "0.1_p1_pre2", "0.1_git20240101_pre1", "1a_p~ff-r9"]
        {
            assert_eq!(check(version), Ok(()));
        }
    }

    proptest! {
        #[test]
        fn it_is_an_order(
            versions in prop::collection::vec(
                "[01]{1,2}(\\.[01]{1,2}){0,2}([ab][01]?)?(_(alpha|rc|p|git)[01]?){0,2}(~[ab])?(-r[01])?", 3..8,
            )
        ) {
            for version in &versions {
                prop_assert_eq!(check(version), Ok(()));
            }
            testing::check_laws(compare, &versions);
        }

        #[test]
        fn nothing_panics(left in "[0-9a-r_.~-]{0,12}", right in any::<String>()) {
            let _ = compare(&left, &right);
        }
    }
}
