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
        EndRef::Fixed(bound) | EndRef::Limit(bound) => {
            compare(version, bound, ecosystem).map(Ordering::is_lt)
        }
        EndRef::LastAffected(bound) => compare(version, bound, ecosystem).map(Ordering::is_le),
    };
    if end == Ok(false) {
        return Within::After;
    }
    let start = match beginning(range) {
        None => Ok(true),
        Some(bound) => compare(version, bound, ecosystem).map(Ordering::is_ge),
    };
    match (start, end) {
        (Ok(false), _) => Within::Before,
        (Ok(true), Ok(_)) => Within::Yes,
        (Err(unreadable), _) | (_, Err(unreadable)) => Within::Unknown(unreadable),
    }
}

/// A version that nobody says lies nowhere, whatever an ecosystem's order makes of an empty text.
fn compare(version: &str, bound: &str, ecosystem: &dyn Ecosystem) -> Result<Ordering, Unreadable> {
    if version.is_empty() {
        let why = "nobody says which it is".to_owned();
        return Err(Unreadable { version: String::new(), why });
    }
    ecosystem.compare_installed(version, bound)
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
    match compare(installed, listed, ecosystem) {
        Ok(order) => Ok(order.is_eq()),
        Err(unreadable) if installed.is_empty() => Err(unreadable),
        Err(_) => ecosystem.compare(installed, installed).map(|_| false),
    }
}

#[cfg(test)]
mod tests {
    use plimsoll_ecosystems::by_purl_type;
    use proptest::prelude::*;

    use super::*;
    use crate::spec::parse::Case;
    use crate::spec::show;

    /// Whether a version lies in a range, which is written `INTRODUCED KIND END` with `0` for the
    /// beginning and `open` for a range without an end.
    #[track_caller]
    fn check(purl_type: &str, range: &str, version: &str, expected: &str) {
        let ecosystem = by_purl_type(purl_type).unwrap();
        let words: Vec<&str> = range.split(' ').collect();
        let end = match words[1..] {
            ["open"] => EndRef::Open,
            ["fixed", bound] => EndRef::Fixed(bound),
            ["last", bound] => EndRef::LastAffected(bound),
            ["limit", bound] => EndRef::Limit(bound),
            _ => panic!("{range}"),
        };
        let actual = match within(version, &RangeRef { introduced: Some(words[0]), end }, ecosystem) {
            Within::Before => "before",
            Within::Yes => "yes",
            Within::After => "after",
            Within::Unknown(_) => "unknown",
        };
        assert_eq!(actual, expected, "{purl_type} {version} in {range}");
    }

    #[test]
    fn rule_65_every_kind_of_event_has_its_own_end() {
        for version in ["1.0.0-alpha", "1.0.0", "1.9.9"] {
            check("npm", "0 fixed 2.0.0", version, "yes");
            check("npm", "0 limit 2.0.0", version, "yes");
            check("npm", "0 last 2.0.0", version, "yes");
            check("npm", "0 open", version, "yes");
            check("npm", "2.0.0 open", version, "before");
            check("npm", "2.0.0 fixed 3.0.0", version, "before");
        }
        check("npm", "1.0.0 fixed 2.0.0", "2.0.0", "after");
        check("npm", "1.0.0 limit 2.0.0", "2.0.0", "after");
        check("npm", "1.0.0 last 2.0.0", "2.0.0", "yes");
        check("npm", "1.0.0 last 2.0.0", "2.0.1", "after");
        check("npm", "1.0.0 last 2.0.0", "1.0.0", "yes");
        check("npm", "0 fixed 0", "0.0.0", "after");
    }

    #[test]
    fn one_bound_that_rules_a_version_out_is_enough() {
        check("npm", "x fixed 2.0.0", "2.0.0", "after");
        check("npm", "2.0.0 fixed x", "1.0.0", "before");
        check("npm", "x fixed 2.0.0", "1.0.0", "unknown");
        check("npm", "1.0.0 last x", "1.0.0", "unknown");
        check("npm", "0 fixed 1.0.0", "x", "unknown");
        check("npm", "0 open", "x", "yes");
        check("npm", "1.0.0 open", "x", "unknown");
    }

    #[test]
    fn rule_57_pre_releases_lie_in_ranges_of_advisories() {
        check("npm", "0 fixed 1.0.0", "1.0.0-alpha", "yes");
        check("cargo", "1.0.0 fixed 2.0.0", "2.0.0-rc.1", "yes");
        check("npm", "1.0.0 fixed 2.0.0", "1.0.0-alpha", "before");
    }

    #[test]
    fn rule_59_local_segments_count_where_the_bound_has_one() {
        check("pypi", "0 fixed 2022.12.07", "2022.12.7", "after");
        check("pypi", "4.2.8+sp1 fixed 4.2.8+sp999", "4.2.8+sp999", "after");
        check("pypi", "4.2.8+sp1 fixed 4.2.8+sp999", "4.2.8", "before");
        check("pypi", "4.2.8 last 4.2.8", "4.2.8+sp999", "yes");
        check("pypi", "0 fixed 2.0.1", "2.0.0+cu118", "yes");
        check("pypi", "0 last 2.0.0", "2.0.0+cu118", "yes");
        check("pypi", "0 fixed 2.0.0", "2.0.0+cu118", "after");
        let pypi = by_purl_type("pypi").unwrap();
        assert_eq!(is_listed("4.2.8+sp999", "4.2.8", pypi), Ok(true));
        assert_eq!(is_listed("4.2.8", "4.2.8+sp999", pypi), Ok(false));
    }

    #[test]
    fn rules_60_to_62_hold_for_versions_of_go() {
        check("golang", "0 fixed 1.19.9", "go1.18.7", "yes");
        check("golang", "0 fixed 1.19.9", "go1.19.10", "after");
        check("golang", "1.21.0-0 fixed 1.21.5", "go1.21rc2", "yes");
        check("golang", "1.21.0-0 fixed 1.21.6", "go1.21.5 X:boringcrypto", "yes");
        check("golang", "0 last 3.2.0", "v3.2.0+incompatible", "yes");
        check("golang", "0 fixed 0.1.0", "v0.0.0-20200101000000-abcdefabcdef", "yes");
        check("golang", "0 fixed 1.0.0", "(devel)", "unknown");
    }

    #[test]
    fn rule_64_the_platform_of_a_gem_is_no_part_of_its_version() {
        check("gem", "0 fixed 1.13.6", "1.13.6-x86_64-linux", "after");
        check("gem", "0 fixed 1.2.0", "1.2.0-alpha-x86-linux", "yes");
    }

    #[test]
    fn other_orders_are_those_of_their_tools() {
        check("maven", "0 fixed 2.0.1", "2.0-1", "yes");
        check("maven", "0 fixed 4.1.50", "4.1.50.Final", "after");
        check("composer", "0 fixed 1.0.0", "1.0", "after");
        check("composer", "1.0 fixed 2.0", "dev-main", "unknown");
        check("nuget", "0 last 1.0.0-Beta", "1.0.0-beta", "yes");
        check("bitnami", "0 fixed 16.3.0", "16.3.0-1", "after");
        check("julia", "0 fixed 3.0.15+1", "3.0.15+0", "yes");
        check("wordpress", "0 fixed 6.4.3", "6.4.3-RC1", "yes");
        check("generic", "0 fixed 1.1.1w", "1.1.1v", "yes");
        check("generic", "0 last 17.0.9", "17.0.9+9", "yes");
        check("luarocks", "0 last 1.0", "1.0-2", "yes");
        check("conda", "0 last 1.0.1", "1.0.1a", "yes");
    }

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
