//! The exact order of versions, one file an ecosystem; the most tested code here.
//!
//! Every order is a plain function of two texts. It never guesses: a text that the
//! ecosystem's own tools would not take is [`Unreadable`](plimsoll_core::Unreadable), which is
//! not the same as "not affected".

pub mod alpm;
pub mod apk;
pub mod bitnami;
pub mod composer;
pub mod conan;
pub mod conda;
pub mod cran;
pub mod dart;
pub mod dpkg;
pub mod gem;
pub mod generic;
pub mod go;
pub mod hackage;
pub mod luarocks;
pub mod maven;
pub mod nix;
pub mod nuget;
pub mod pep440;
pub mod perl;
pub mod php_version;
pub mod rpm;
pub mod semver;

use std::cmp::Ordering;

use plimsoll_core::Unreadable;

/// The refusal of `version`.
fn unreadable(version: &str, why: &str) -> Unreadable {
    Unreadable { version: version.to_owned(), why: why.to_owned() }
}

/// Compares two runs of ASCII digits as numbers of any size; none at all is zero.
fn compare_numbers(left: &[u8], right: &[u8]) -> Ordering {
    let (left, right) = (without_leading_zeros(left), without_leading_zeros(right));
    left.len().cmp(&right.len()).then_with(|| left.cmp(right))
}

fn without_leading_zeros(digits: &[u8]) -> &[u8] {
    let start = digits.iter().position(|byte| *byte != b'0').unwrap_or(digits.len());
    &digits[start..]
}

/// Whether it is a run of digits, and not nothing.
fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Without blanks around it, if the rest is printable ASCII with a digit in it. No tool orders
/// anything else by rule, and what has no digit (`latest`, `unspecified`) says no version.
fn printable(text: &str) -> Result<&str, &'static str> {
    let trimmed = text.trim_matches([' ', '\t']);
    if trimmed.is_empty() {
        return Err("it is empty");
    }
    if !trimmed.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("it has a character that is not printable ASCII");
    }
    if !trimmed.bytes().any(|byte| byte.is_ascii_digit()) {
        return Err("it has no digit");
    }
    Ok(trimmed)
}

/// Cuts `bytes` after the longest start that `belongs`.
fn split_while(bytes: &[u8], belongs: impl Fn(u8) -> bool) -> (&[u8], &[u8]) {
    bytes.split_at(bytes.iter().position(|byte| !belongs(*byte)).unwrap_or(bytes.len()))
}

#[cfg(test)]
pub(crate) mod testing {
    //! What the tests of all orders share.

    use super::*;

    /// Checks `a < b`, `a = b` or `a > b`, several such parts chained, both ways round.
    #[track_caller]
    pub fn check(compare: impl Fn(&str, &str) -> Result<Ordering, Unreadable>, chain: &str) {
        let words: Vec<&str> = chain.split_whitespace().collect();
        for triple in words.windows(3).step_by(2) {
            let [left, sign, right] = triple else { unreachable!("windows of three") };
            let expected = match *sign {
                "<" => Ordering::Less,
                "=" => Ordering::Equal,
                ">" => Ordering::Greater,
                other => panic!("`{other}` is no sign"),
            };
            assert_eq!(compare(left, right), Ok(expected), "{left} {sign} {right}");
            assert_eq!(compare(right, left), Ok(expected.reverse()), "{right} against {left}");
            assert_eq!(compare(left, left), Ok(Ordering::Equal), "{left} against itself");
        }
    }

    /// Checks that nobody can read `version`.
    #[track_caller]
    pub fn check_unreadable(compare: impl Fn(&str, &str) -> Result<Ordering, Unreadable>, version: &str) {
        assert!(compare(version, "1").is_err(), "`{version}` was read");
        assert!(compare("1", version).is_err(), "`{version}` was read");
    }

    /// Checks that what can be read is ordered: antisymmetric, and transitive over all triples.
    pub fn check_laws(compare: impl Fn(&str, &str) -> Result<Ordering, Unreadable>, versions: &[String]) {
        for a in versions {
            for b in versions {
                let there = compare(a, b);
                assert_eq!(there.is_ok(), compare(b, a).is_ok(), "{a:?} {b:?}");
                let Ok(there) = there else { continue };
                assert_eq!(compare(b, a), Ok(there.reverse()), "{a:?} {b:?}");
                for c in versions {
                    if there == Ordering::Greater || compare(b, c).is_ok_and(Ordering::is_gt) {
                        continue;
                    }
                    if let (Ok(second), Ok(whole)) = (compare(b, c), compare(a, c)) {
                        assert_eq!(whole, there.then(second), "{a:?} {b:?} {c:?}");
                    }
                }
            }
        }
    }
}
