//! All pairs of versions in the tables of apk-tools, rpm and osv-scalibr.

use std::cmp::Ordering;

use plimsoll_core::Unreadable;
use plimsoll_ecosystems::versions::{apk, dpkg, rpm};

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
