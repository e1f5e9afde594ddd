//! All pairs of versions in the tables of apk-tools, rpm and osv-scalibr.

use std::cmp::Ordering;

use plimsoll_core::Unreadable;
use plimsoll_ecosystems::versions::{
    apk, composer, cran, dart, dpkg, gem, hackage, maven, nuget, pep440, php_version, rpm, semver,
};

use crate::shared;

type Compare = fn(&str, &str) -> Result<Ordering, Unreadable>;

/// How a table went.
#[derive(Debug, Default, PartialEq, Eq)]
struct Count {
    /// Pairs in the expected order, both ways round.
    right: usize,
    /// Pairs of which a side was called unreadable.
    refused: Vec<String>,
}

impl Count {
    #[track_caller]
    fn pair(&mut self, compare: Compare, left: &str, right: &str, expected: Ordering) {
        match compare(left, right) {
            Ok(actual) => {
                assert_eq!(actual, expected, "{left} against {right}");
                assert_eq!(compare(right, left), Ok(expected.reverse()), "{right} against {left}");
                self.right += 1;
            }
            Err(_) => {
                assert!(compare(right, left).is_err(), "{right} against {left}");
                self.refused.push(format!("{left} {right}"));
            }
        }
    }
}

fn order(sign: &str) -> Option<Ordering> {
    match sign {
        "<" => Some(Ordering::Less),
        "=" => Some(Ordering::Equal),
        ">" => Some(Ordering::Greater),
        _ => None,
    }
}

/// A table of `a < b` lines.
#[track_caller]
fn table(compare: Compare, name: &str) -> Option<Count> {
    let data = shared::data(name)?;
    let text = shared::text(&data.join("versions").join(name));
    let mut count = Count::default();
    for line in text.lines().map(|line| line.split('#').next().unwrap_or_default().trim()) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            [] => (),
            [left, sign, right] => {
                count.pair(compare, left, right, order(sign).expect("a sign of the table"));
            }
            _ => panic!("{line}"),
        }
    }
    eprintln!("{name}: {} right, {} refused {:?}", count.right, count.refused.len(), count.refused);
    Some(count)
}

#[track_caller]
fn check(compare: Compare, name: &str, refused: &[&str]) {
    if let Some(count) = table(compare, name) {
        assert!(count.right > 20, "{name} has only {} pairs", count.right);
        assert_eq!(count.refused, refused, "{name}");
    }
}

#[test]
fn dpkg_orders_every_pair() {
    if let Some(count) = table(dpkg::compare, "debian-versions.txt") {
        assert!(count.refused.is_empty());
    }
    check(dpkg::compare, "debian-versions-generated.txt", &[]);
}

#[test]
fn rpm_orders_every_pair() {
    check(rpm::order, "redhat-versions.txt", &[]);
    let Some(data) = shared::data("rpmvercmp.tsv") else { return };
    let mut count = Count::default();
    for line in shared::text(&data.join("versions/rpmvercmp.tsv")).lines() {
        let [left, right, sign] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let expected = sign.parse::<i32>().expect("-1, 0 or 1").cmp(&0);
        count.pair(rpm::order, left, right, expected);
    }
    eprintln!("rpmvercmp.tsv: {count:?}");
    assert_eq!(count.refused, [""; 0]);
}

#[test]
fn apk_orders_every_pair_that_apk_itself_calls_valid() {
    check(apk::compare, "alpine-versions-generated.txt", &[]);
    check(apk::compare, "alpine-versions.txt", REFUSED);
}

/// Pairs with a side that version 3 of apk calls invalid.
const REFUSED: &[&str] = &[
    "1-r 1-r0",
    "1-r-1 1-r0",
    "0.r1 0r2",
    "0...1...0 0...1...1",
    "0...1...0r1 0...1...0r2",
    "0..8 0...8",
    "10.2.24.r0 10.2.22.r0",
    "1.2.0A 1.2.0d",
    "1 1-ruff",
    "1-r0-1 1-r0-2",
    "1-ruff2 1--ruff1",
    "1.2 1.2_blah",
    "1.2_svn1 1.2_csv2",
    ".1 1",
    ".2 .1",
    "c b",
    "1.0 1.0bc",
];

#[test]
fn apk_agrees_with_its_own_table() {
    let Some(data) = shared::data("apk-tools-version.data") else { return };
    let (mut count, mut valid, mut invalid, mut fuzzy) = (Count::default(), 0, 0, 0);
    for line in shared::text(&data.join("versions/apk-tools-version.data")).lines() {
        let words: Vec<&str> = line.split('#').next().unwrap_or_default().split_whitespace().collect();
        match words[..] {
            [] => (),
            [version] => match version.strip_prefix('!') {
                // Packages were released so (sudo 1.9.5p2), and so it is read.
                Some("0.1a1") => assert_eq!(apk::check("0.1a1"), Ok(())),
                Some(version) => {
                    assert!(apk::check(version).is_err(), "`{version}` was read");
                    invalid += 1;
                }
                None => {
                    assert_eq!(apk::check(version), Ok(()));
                    valid += 1;
                }
            },
            [left, sign, right] => match order(sign) {
                Some(expected) => count.pair(apk::compare, left, right, expected),
                // The operator `~` asks whether one version begins with another; it is no order.
                None => fuzzy += 1,
            },
            _ => panic!("{line}"),
        }
    }
    eprintln!("apk-tools-version.data: {count:?}, {valid} valid, {invalid} invalid, {fuzzy} fuzzy");
    assert_eq!(count.refused, ["23_foo 4_beta", "1.0 1.0bc"]);
}

/// Like [`check`], but the given lines hold another order than the one that we follow.
#[track_caller]
fn check_except(compare: Compare, name: &str, refused: &[&str], others: &[&str]) {
    let Some(data) = shared::data(name) else { return };
    let text = shared::text(&data.join("versions").join(name));
    let (mut count, mut seen) = (Count::default(), 0);
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with("//")) {
        if others.contains(&line) {
            seen += 1;
            continue;
        }
        // A hash stands in versions of this table, and before comments.
        let words: Vec<&str> = line.split_whitespace().collect();
        if let [left, sign, right] = words[..]
            && let Some(expected) = order(sign)
        {
            count.pair(compare, left, right, expected);
        } else {
            assert!(line.is_empty() || line.starts_with('#'), "{line}");
        }
    }
    eprintln!("{name}: {} right, {} refused {:?}", count.right, count.refused.len(), count.refused);
    assert!(count.right >= 10, "{name} has only {} pairs", count.right);
    assert_eq!(count.refused, refused, "{name}");
    assert_eq!(seen, others.len(), "{name}: a line that is told of is not there");
}

#[test]
fn python_versions_are_ordered() {
    check_except(pep440::compare, "pypi-versions.txt", &[], &[]);
    check_except(pep440::compare, "pypi-versions-generated.txt", &[], &[]);
}

#[test]
fn semantic_versions_are_ordered() {
    check_except(semver::compare, "semver-versions.txt", &[], &[]);
    check_except(dart::compare, "pub-versions.txt", &[], &[]);
    check_except(nuget::compare, "nuget-versions.txt", &[], &[]);
}

#[test]
fn gems_are_ordered() {
    check_except(gem::compare, "rubygems-versions.txt", &[], &[]);
    check_except(gem::compare, "rubygems-versions-generated.txt", &[], &[]);
}

#[test]
fn plain_numbers_are_ordered() {
    check_except(cran::compare, "cran-versions.txt", &[], &[]);
    check_except(cran::compare, "cran-versions-generated.txt", &[], &[]);
    check_except(hackage::compare, "hackage-versions.txt", &[], &[]);
}

/// The tables follow the order of a later specification; Maven 3.8.7 and 3.9.9 themselves order
/// each of these pairs the other way.
const NOT_MAVEN_3: &[&str] = &[
    // A qualifier behind a dot is as much as one behind a hyphen, so that RC16 is after RC8.
    "1.0.0-RC16 < 1.0.0.RC8-beta",
    "1.5.9.RC1 < 1.5.9-RC0",
    // A number behind a hyphen is after any qualifier.
    "1.1.0-01-glassfish < 1.1.0.Beta1",
    // Both are qualifiers that it does not know, and `sec` is after `_` as text.
    "1.2.8.sec10_noneautotype < 1.2.8_noneautotype",
];

#[test]
fn maven_versions_are_ordered() {
    check_except(maven::compare, "maven-versions-generated.txt", &[], NOT_MAVEN_3);
    // `ga` is left out in Maven 3, and the list behind it is one level deeper.
    check_except(maven::compare, "maven-versions.txt", &[], &["1-1 = 1-ga-1"]);
}

/// The tables hold PHP's bare `version_compare`, which is not Composer's order.
#[test]
fn composer_versions_are_ordered_as_composer_does() {
    check_except(
        composer::compare,
        "packagist-versions-generated.txt",
        &[],
        &[
            // Composer fills numbers up with zeros, and only then looks at the stability.
            "v4-beta4 < v4.0-alpha",
            // Stabilities are spelled in any case to Composer, but not to PHP.
            "v1.9.0-ALPHA.1 = v1.9.0-BETA.1",
            // `stable` is no word to PHP, and the release to Composer.
            "5.1.0-stable < 5.1.0-beta2",
        ],
    );
    check_except(
        composer::compare,
        "packagist-versions.txt",
        // No tool takes a `#`.
        &["1.2.3.# 1.2.3", "1.2.3.# 1.2.3.1", "1.2.3.#.p3 1.2.3"],
        // Composer fills numbers up with zeros.
        &["1.0.0 > 1.0"],
    );
    check_except(php_version::compare, "packagist-versions-generated.txt", &[], &[]);
}
