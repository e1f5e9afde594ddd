//! The order of R's package versions, whole numbers with dots or hyphens between them.
//!
//! Own code, after R's `package_version`: numbers are compared one by one, and of two that are
//! equal so far the longer is later (`0.1.0 < 0.1.0.0`). One number alone is taken as well.
//!
//! Passed: all 29 pairs of osv-scalibr's sample.

use std::cmp::Ordering;

use plimsoll_core::Unreadable;

use super::{compare_numbers, is_number, unreadable};

/// Orders two versions as R does.
///
/// # Errors
/// The first of the two that is no version.
pub fn compare(left: &str, right: &str) -> Result<Ordering, Unreadable> {
    let (left, right) = (read(left)?, read(right)?);
    Ok(compare_numbers_in_turn(left.split(['.', '-']), right.split(['.', '-'])))
}

fn read(text: &str) -> Result<&str, Unreadable> {
    let version = text.trim_matches([' ', '\t']);
    if !version.split(['.', '-']).all(is_number) {
        return Err(unreadable(text, "it is not made of numbers with dots or hyphens between them"));
    }
    Ok(version)
}

/// Number by number; the shorter of two that are equal so far is less.
pub(super) fn compare_numbers_in_turn<'a>(
    mut left: impl Iterator<Item = &'a str>,
    mut right: impl Iterator<Item = &'a str>,
) -> Ordering {
    loop {
        let (one, other) = match (left.next(), right.next()) {
            (Some(one), Some(other)) => (one, other),
            (one, other) => return one.is_some().cmp(&other.is_some()),
        };
        let order = compare_numbers(one.as_bytes(), other.as_bytes());
        if order.is_ne() {
            return order;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::testing;
    use super::*;

    #[test]
    fn numbers_are_compared_in_turn() {
        let check = |chain| testing::check(compare, chain);
        check("0.01.0 = 0.1-0");
        check("0.1.0 < 0.1.0.0 < 0.2");
        check("0.1.4 < 0.1.18 < 1.0-0 < 1.0-1 < 1.1");
        check("99999999999999999999998.0 < 99999999999999999999999.0");
    }

    #[test]
    fn what_is_no_version_is_unreadable() {
        for version in ["", "1.", "1..2", "1.a", "-1", "1_0", "1 0"] {
            testing::check_unreadable(compare, version);
        }
    }

    proptest! {
        #[test]
        fn it_is_an_order(versions in prop::collection::vec("[0-9.-]{1,6}", 3..7)) {
            testing::check_laws(compare, &versions);
        }
    }
}
