//! Whether a version lies in what an advisory says of versions: three answers, not two (rule 65).
//!
//! Works on borrowed text and allocates only for a version that nobody can read.

use std::cmp::Ordering;

use plimsoll_core::{Ecosystem, Unreadable};
use plimsoll_vulndb::snapshot::{EndRef, RangeRef};

/// Whether a statement about versions holds for an installed one, and by what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Held<'a> {
    /// It does.
    Yes(Hit<'a>),
    /// It does not.
    No(Miss<'a>),
    /// It may: a version could not be read.
    Unknown(Hit<'a>, Unreadable),
}

/// What a version was caught by, or may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hit<'a> {
    /// Neither ranges nor versions are given, so every version.
    Everything,
    /// The version is in the list.
    Listed(&'a str),
    /// The version is in this range.
    Range(RangeRef<'a>),
}

/// Why a version was not caught.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Miss<'a> {
    /// It is at or after this, the last fix it has passed.
    Fixed(&'a str),
    /// It lies outside all ranges and lists.
    Outside,
}

/// Evaluates the union of ranges and listed versions.
pub(crate) fn holds<'a>(
    installed: &str,
    ranges: impl Iterator<Item = RangeRef<'a>>,
    versions: impl Iterator<Item = &'a str>,
    ecosystem: &dyn Ecosystem,
) -> Held<'a> {
    let mut everything = true;
    let mut passed = None;
    let mut unknown = None;
    for range in ranges {
        everything = false;
        match within(installed, &range, ecosystem) {
            Within::Yes => return Held::Yes(Hit::Range(range)),
            Within::Before => (),
            Within::After => passed = fixed_end(&range).or(passed),
            Within::Unknown(unreadable) => {
                unknown.get_or_insert((Hit::Range(range), unreadable));
            }
        }
    }
    for listed in versions {
        everything = false;
        match is_listed(installed, listed, ecosystem) {
            Ok(true) => return Held::Yes(Hit::Listed(listed)),
            Ok(false) => (),
            Err(unreadable) => {
                unknown.get_or_insert((Hit::Listed(listed), unreadable));
            }
        }
    }
    match (everything, unknown) {
        (true, _) => Held::Yes(Hit::Everything),
        (false, Some((hit, unreadable))) => Held::Unknown(hit, unreadable),
        (false, None) => Held::No(passed.map_or(Miss::Outside, Miss::Fixed)),
    }
}

/// Where a version lies, seen from one range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Within {
    Before,
    Yes,
    After,
    Unknown(Unreadable),
}

/// `introduced` is inclusive, `fixed` and `limit` are exclusive, `last_affected` is inclusive.
///
/// One bound that rules the version out is enough, even if the other cannot be read.
pub(crate) fn within(version: &str, range: &RangeRef<'_>, ecosystem: &dyn Ecosystem) -> Within {
    let end = match range.end {
        EndRef::Open => Ok(true),
        // The field's spelling of "never affected" (rules 8, 9 and 51): nothing sorts before it.
        EndRef::Fixed("0") => Ok(false),
        EndRef::Fixed(bound) | EndRef::Limit(bound) => ecosystem.compare(version, bound).map(Ordering::is_lt),
        EndRef::LastAffected(bound) => ecosystem.compare(version, bound).map(Ordering::is_le),
    };
    if end == Ok(false) {
        return Within::After;
    }
    let start = match beginning(range) {
        None => Ok(true),
        Some(bound) => ecosystem.compare(version, bound).map(Ordering::is_ge),
    };
    match (start, end) {
        (Ok(false), _) => Within::Before,
        (Ok(true), Ok(_)) => Within::Yes,
        (Err(unreadable), _) | (_, Err(unreadable)) => Within::Unknown(unreadable),
    }
}

/// The first affected version; OSV's `0` means from the beginning, before even a `0~`.
pub(crate) fn beginning<'a>(range: &RangeRef<'a>) -> Option<&'a str> {
    range.introduced.filter(|bound| *bound != "0")
}

/// The version in which a range's fix is.
pub(crate) fn fixed_end<'a>(range: &RangeRef<'a>) -> Option<&'a str> {
    match range.end {
        EndRef::Fixed(fixed) => Some(fixed),
        EndRef::LastAffected(_) | EndRef::Limit(_) | EndRef::Open => None,
    }
}

/// Equal by the ecosystem's order, or letter by letter where the listed version cannot be read: a
/// version that can be read is not equal to one that cannot.
pub(crate) fn is_listed(
    installed: &str,
    listed: &str,
    ecosystem: &dyn Ecosystem,
) -> Result<bool, Unreadable> {
    if installed == listed {
        return Ok(true);
    }
    match ecosystem.compare(installed, listed) {
        Ok(order) => Ok(order.is_eq()),
        Err(_) => ecosystem.compare(installed, installed).map(|_| false),
    }
}

#[cfg(test)]
mod tests {
    use crate::spec::parse::Case;
    use crate::spec::show;
    use proptest::prelude::*;

    /// A range over versions that are numbers; `None` for a bound that nobody can read.
    #[derive(Clone, Debug)]
    struct Numbers {
        introduced: Option<u8>,
        end: (u8, u8),
    }

    impl Numbers {
        fn holds(&self, version: u8) -> bool {
            let (kind, bound) = self.end;
            self.introduced.is_none_or(|it| it == 0 || it <= version)
                && match kind {
                    0 => bound != 0 && version < bound,
                    1 => version <= bound,
                    2 => version < bound,
                    _ => true,
                }
        }

        fn words(&self) -> String {
            let start = self.introduced.map(|it| format!("from {it} ")).unwrap_or_default();
            let (kind, bound) = self.end;
            match kind {
                0 => format!("{start}fixed {bound}"),
                1 => format!("{start}last {bound}"),
                2 => format!("{start}limit {bound}"),
                _ => format!("{start}open"),
            }
        }
    }

    fn numbers() -> impl Strategy<Value = Numbers> {
        (prop::option::of(0..12_u8), (0..4_u8, 0..12_u8))
            .prop_map(|(introduced, end)| Numbers { introduced, end })
    }

    fn case(advisory: &str, version: &str) -> Case {
        let mut case = Case::default();
        case.block("advisory", &[advisory]).unwrap();
        case.block("inventory", &[&format!("lang a {version}")]).unwrap();
        case
    }

    /// Whether version `version` is found: `None` for a finding that is not certain.
    fn found(advisory: &str, version: &str) -> (Option<bool>, Option<String>) {
        let case = case(advisory, version);
        show::with(&case, |snapshot, context| {
            let matches = crate::match_inventory(&case.inventory, snapshot, context);
            match matches.findings.first() {
                None => (Some(false), None),
                Some(it) => (it.why.certain.then_some(true), it.fixed_version.clone()),
            }
        })
    }

    fn advisory(ranges: &[Numbers], versions: &[u8]) -> String {
        let mut words = vec!["CVE-1-1 lang a".to_owned()];
        words.extend(ranges.iter().map(Numbers::words));
        if !versions.is_empty() {
            words.push(format!(
                "versions {}",
                versions.iter().map(u8::to_string).collect::<Vec<_>>().join(",")
            ));
        }
        words.join(" ")
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn ranges_and_lists_are_a_union(
            ranges in prop::collection::vec(numbers(), 0..4),
            versions in prop::collection::vec(0..12_u8, 0..3),
            version in 0..12_u8,
        ) {
            let everything = ranges.is_empty() && versions.is_empty();
            let expected =
                everything || versions.contains(&version) || ranges.iter().any(|it| it.holds(version));
            let (actual, _) = found(&advisory(&ranges, &versions), &version.to_string());
            prop_assert_eq!(actual, Some(expected));
        }

        #[test]
        fn the_fixed_version_is_later_and_is_not_found_any_more(
            ranges in prop::collection::vec(numbers(), 1..4),
            versions in prop::collection::vec(0..12_u8, 0..3),
            version in 0..12_u8,
        ) {
            let text = advisory(&ranges, &versions);
            if let (_, Some(fixed)) = found(&text, &version.to_string()) {
                prop_assert!(version < fixed.parse().unwrap());
                prop_assert_eq!(found(&text, &fixed).0, Some(false), "{}", fixed);
            }
        }

        #[test]
        fn what_cannot_be_read_never_turns_a_yes_into_a_no(
            ranges in prop::collection::vec(numbers(), 1..4),
            version in 0..12_u8,
            broken in 0..12_u8,
        ) {
            let text = advisory(&ranges, &[]);
            let damaged: Vec<String> = text
                .split(' ')
                .map(|word| if word == broken.to_string() { "x?".to_owned() } else { word.to_owned() })
                .collect();
            if found(&text, &version.to_string()).0 == Some(true) {
                prop_assert_ne!(found(&damaged.join(" "), &version.to_string()).0, Some(false));
                prop_assert_ne!(found(&text, "x?").0, Some(false));
            }
        }
    }
}
