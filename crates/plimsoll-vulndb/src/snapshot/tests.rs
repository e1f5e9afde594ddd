//! What goes into a snapshot comes out of it, and a damaged one says so.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_core::{
    Advisory, CvssVector, End, EndOfLife, Epss, Kev, NameKind, Range, Rating, Realm, Severity, Status,
    Timestamp, Vulnerability, VulnerabilityText,
};
use proptest::prelude::*;

use super::{Snapshot, SnapshotError, probe, verify};
use crate::{BuildInput, FeedMeta, FeedOutput, Quarantined, Record, build};

/// An advisory about `zlib` in Debian 12, fixed in 1.0, to be changed where a test needs it.
pub(crate) fn advisory(feed: &str, vulnerability: &str) -> Advisory {
    Advisory {
        feed: feed.to_owned(),
        realm: Realm::distro("deb", "debian", "12"),
        package: "zlib".to_owned(),
        name_kind: NameKind::Source,
        channel: None,
        architectures: vec![],
        module: None,
        vulnerability: vulnerability.to_owned(),
        advisory_ids: vec![],
        ranges: vec![Range { introduced: None, end: End::Fixed("1.0".to_owned()) }],
        versions: vec![],
        status: Status::Fixed,
        severity: None,
        note: None,
    }
}

/// A snapshot of these pieces.
pub(crate) fn snapshot_of(feeds: Vec<(&str, FeedOutput)>) -> Snapshot<Vec<u8>> {
    Snapshot::open(bytes_of(feeds)).unwrap()
}

fn bytes_of(feeds: Vec<(&str, FeedOutput)>) -> Vec<u8> {
    let feeds = feeds.into_iter().map(|(id, output)| (FeedMeta::named(id), output)).collect();
    build(&BuildInput { sequence: 7, built: Timestamp(1_700_000_000), feeds }).unwrap()
}

/// A small snapshot in which every kind of thing occurs.
fn one_of_everything() -> Vec<u8> {
    let mut rich = advisory("osv", "GHSA-aaaa-bbbb-cccc");
    rich.realm = Realm("pypi".to_owned());
    rich.package = "flask".to_owned();
    rich.name_kind = NameKind::Binary;
    rich.channel = Some("extra".to_owned());
    rich.architectures = vec!["amd64".to_owned(), "arm64".to_owned()];
    rich.module = Some("m:1".to_owned());
    rich.ranges = vec![
        Range { introduced: Some("1".to_owned()), end: End::LastAffected("2".to_owned()) },
        Range { introduced: None, end: End::Limit("9".to_owned()) },
        Range { introduced: Some("10".to_owned()), end: End::Open },
        Range { introduced: Some("11é".to_owned()), end: End::Fixed("12".to_owned()) },
    ];
    rich.versions = ["1.0", "1.9", "1.10", "2.0é"].map(str::to_owned).to_vec();
    rich.severity = Some(Severity::High);
    rich.note = Some("a note".to_owned());
    let mut sparse = rich.clone();
    sparse.vulnerability = "CVE-2020-0002".to_owned();
    sparse.versions = ["1.0", "1.10"].map(str::to_owned).to_vec();
    let record = Record {
        id: "GHSA-aaaa-bbbb-cccc".to_owned(),
        aliases: vec!["CVE-2020-0001".to_owned(), "PYSEC-2020-1".to_owned()],
        summary: Some("A summary".to_owned()),
        details: Some("Some détails.".repeat(50)),
        references: vec!["https://example.org/a".to_owned(), "https://example.org/b".to_owned()],
        ratings: vec![Rating { source: "ghsa".to_owned(), severity: Severity::High }],
        cvss: vec![CvssVector {
            source: "ghsa".to_owned(),
            vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H".to_owned(),
            version: "3.1".to_owned(),
            score_tenths: 98,
        }],
        cwes: vec!["CWE-79".to_owned()],
        published: Some(Timestamp(1_600_000_000)),
        modified: Some(Timestamp(1_650_000_000)),
        withdrawn: false,
        code: vec![plimsoll_core::VulnerableCode {
            package: "example.com/a".to_owned(),
            path: "example.com/a/b".to_owned(),
            symbols: vec!["Client.Do".to_owned(), "Get".to_owned()],
        }],
        informational: None,
    };
    let epss = Epss {
        score_millionths: 123_456,
        percentile_millionths: Some(999_000),
        model: Some("v4".to_owned()),
        date: Some(Timestamp(1_690_000_000)),
    };
    let kev = Kev { added: Some(Timestamp(1_680_000_000)), due: None, ransomware: true };
    let release = EndOfLife {
        distro_id: "debian".to_owned(),
        release: "12".to_owned(),
        ends: Some(Timestamp(1_780_000_000)),
        extended_ends: None,
        latest_release: Some("13".to_owned()),
    };
    let osv = FeedOutput {
        advisories: vec![rich, sparse],
        records: vec![record],
        quarantined: vec![Quarantined { record: "BAD-1".to_owned(), why: "no id".to_owned() }],
        records_read: 3,
        out_of_scope: 1,
        data_date: Some(Timestamp(1_650_000_000)),
        ..FeedOutput::default()
    };
    let debian = FeedOutput {
        advisories: (1..40).map(|n| advisory("debian", &format!("CVE-2021-{n:04}"))).collect(),
        ..FeedOutput::default()
    };
    let enrichment = FeedOutput {
        epss: vec![("CVE-2020-0001".to_owned(), epss)],
        kev: vec![("CVE-2020-0001".to_owned(), kev)],
        end_of_life: vec![release],
        repository_channels: vec![
            ("ubi-9-baseos-rpms".to_owned(), vec!["enterprise_linux:9::baseos".to_owned()]),
            ("a".to_owned(), vec!["x:1".to_owned(), "x:2".to_owned()]),
        ],
        maven: vec![
            ([0x5a; 20], "org.example:b:1".to_owned()),
            ([0xff; 20], "org.example:a:1".to_owned()),
            ([0x5a; 20], "org.example:a:1".to_owned()),
            ([0; 20], "org.example:c:1.0".to_owned()),
            ([0x5a; 20], "org.example:a:1".to_owned()),
        ],
        ..FeedOutput::default()
    };
    bytes_of(vec![("osv", osv), ("debian", debian), ("enrichment", enrichment)])
}

#[test]
fn repositories_are_found_by_their_ids_alone() {
    let snapshot = Snapshot::open(one_of_everything()).unwrap();
    let channels = |id| snapshot.repository_channels(id).unwrap();
    assert_eq!(channels("ubi-9-baseos-rpms"), Some(vec!["enterprise_linux:9::baseos"]));
    assert_eq!(channels("a"), Some(vec!["x:1", "x:2"]));
    assert_eq!(channels("ubi-9"), None);
    assert_eq!(channels(""), None);
}

#[test]
fn jars_are_found_by_their_sha1_under_every_name() {
    let snapshot = Snapshot::open(one_of_everything()).unwrap();
    assert!(snapshot.knows_jars());
    assert_eq!(snapshot.jar(&[0; 20]).unwrap(), ["org.example:c:1.0"]);
    assert_eq!(snapshot.jar(&[0x5a; 20]).unwrap(), ["org.example:a:1", "org.example:b:1"]);
    assert_eq!(snapshot.jar(&[0xff; 20]).unwrap(), ["org.example:a:1"]);
    let mut other = [0x5a; 20];
    other[19] += 1;
    assert!(snapshot.jar(&other).unwrap().is_empty());
    assert!(!snapshot_of(vec![]).knows_jars());
}

#[test]
fn everything_about_a_vulnerability_is_found_by_any_of_its_ids() {
    let snapshot = Snapshot::open(one_of_everything()).unwrap();
    let facts = snapshot.vulnerability("CVE-2020-0001").unwrap().unwrap();
    for id in ["GHSA-aaaa-bbbb-cccc", "PYSEC-2020-1"] {
        assert_eq!(snapshot.vulnerability(id).unwrap().as_ref(), Some(&facts), "{id}");
    }
    let expected = expect_test::expect![[r#"
        Vulnerability {
            id: "CVE-2020-0001",
            aliases: [
                "GHSA-aaaa-bbbb-cccc",
                "PYSEC-2020-1",
            ],
            ratings: [
                Rating {
                    source: "ghsa",
                    severity: High,
                },
            ],
            cvss: [
                CvssVector {
                    source: "ghsa",
                    vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
                    version: "3.1",
                    score_tenths: 98,
                },
            ],
            cwes: [
                "CWE-79",
            ],
            published: Some(
                Timestamp(
                    1600000000,
                ),
            ),
            modified: Some(
                Timestamp(
                    1650000000,
                ),
            ),
            epss: Some(
                Epss {
                    score_millionths: 123456,
                    percentile_millionths: Some(
                        999000,
                    ),
                    model: Some(
                        "v4",
                    ),
                    date: Some(
                        Timestamp(
                            1690000000,
                        ),
                    ),
                },
            ),
            kev: Some(
                Kev {
                    added: Some(
                        Timestamp(
                            1680000000,
                        ),
                    ),
                    due: None,
                    ransomware: true,
                },
            ),
            code: [
                VulnerableCode {
                    package: "example.com/a",
                    path: "example.com/a/b",
                    symbols: [
                        "Client.Do",
                        "Get",
                    ],
                },
            ],
            informational: None,
        }
    "#]];
    expected.assert_debug_eq(&facts);
    let text = snapshot.text("PYSEC-2020-1").unwrap().unwrap();
    assert_eq!(text.summary.as_deref(), Some("A summary"));
    assert_eq!(text.details, Some("Some détails.".repeat(50)));
    assert_eq!(text.references, ["https://example.org/a", "https://example.org/b"]);
    assert_eq!(snapshot.text("CVE-2021-0001").unwrap(), Some(VulnerabilityText::default()));
    assert_eq!(snapshot.vulnerability("CVE-1999-0001").unwrap(), None);
}

#[test]
fn a_snapshot_says_what_it_was_made_from() {
    let snapshot = Snapshot::open(one_of_everything()).unwrap();
    assert_eq!((snapshot.sequence(), snapshot.built()), (7, Timestamp(1_700_000_000)));
    let feeds = snapshot.feeds().unwrap();
    let ids: Vec<&str> = feeds.iter().map(|feed| feed.id.as_str()).collect();
    assert_eq!(ids, ["debian", "enrichment", "osv"]);
    assert_eq!((feeds[2].records_read, feeds[2].quarantined, feeds[2].out_of_scope), (3, 1, 1));
    assert_eq!(feeds[2].data_date, Some(Timestamp(1_650_000_000)));
    assert_eq!(snapshot.quarantined("osv").unwrap()[0].record, "BAD-1");
    assert!(snapshot.quarantined("debian").unwrap().is_empty());
    assert!(snapshot.covers("pypi") && snapshot.covers("deb/debian:12"));
    assert!(!snapshot.covers("deb/debian:11"));
    let release = &snapshot.end_of_life("debian").unwrap()[0];
    assert_eq!((release.release.as_str(), release.latest_release.as_deref()), ("12", Some("13")));
    assert!(snapshot.end_of_life("ubuntu").unwrap().is_empty());
    let stats = snapshot.stats().unwrap();
    assert_eq!((stats.keys, stats.rows, stats.vulnerabilities), (2, 41, 41));
    let mut keys: Vec<_> = snapshot.keys().map(Result::unwrap).collect();
    keys.sort_unstable();
    assert_eq!(keys, [("deb/debian:12", "zlib"), ("pypi", "flask")]);
    let realms = snapshot.realms().unwrap();
    assert_eq!((realms[1].realm.as_str(), realms[1].packages, realms[1].rows), ("pypi", 1, 2));
    assert_eq!(snapshot.row_feeds().unwrap()[0].rows, 39);
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    assert_eq!(one_of_everything(), one_of_everything());
}

#[test]
fn an_empty_snapshot_is_a_snapshot() {
    let snapshot = snapshot_of(vec![]);
    assert_eq!(snapshot.rows("npm", "left-pad").count(), 0);
    assert_eq!(snapshot.vulnerability("CVE-2020-0001").unwrap(), None);
    assert!(!snapshot.covers("npm"));
}

#[test]
fn verification_sees_any_changed_byte() {
    let bytes = one_of_everything();
    let digest = verify(&bytes).unwrap();
    assert_eq!(Snapshot::open(bytes.as_slice()).unwrap().digest(), digest);
    for place in (0..bytes.len()).step_by(97) {
        let mut changed = bytes.clone();
        changed[place] ^= 0x10;
        assert!(verify(&changed).is_err(), "byte {place}");
    }
}

#[test]
fn other_files_and_cut_ones_are_told_apart() {
    let bytes = one_of_everything();
    let error = |bytes: &[u8]| Snapshot::open(bytes).err().unwrap();
    assert_eq!(error(b""), SnapshotError::NotASnapshot);
    assert_eq!(error(b"SQLite format 3\0"), SnapshotError::NotASnapshot);
    for length in [8, 12, 47, 88, bytes.len() - 1] {
        assert!(matches!(error(&bytes[..length]), SnapshotError::Length { .. }), "{length}");
    }
    let mut longer = bytes.clone();
    longer.push(0);
    assert!(matches!(error(&longer), SnapshotError::Length { .. }));
    let mut newer = bytes.clone();
    newer[8] += 1;
    assert_eq!(error(&newer), SnapshotError::FormatVersion { found: u32::from(newer[8]) });
}

#[test]
fn a_damaged_snapshot_never_panics() {
    let bytes = one_of_everything();
    assert_eq!(probe(&bytes, usize::MAX), Ok(()));
    for place in 0..bytes.len() {
        for value in [0, 0xff, bytes[place] ^ 1] {
            let mut damaged = bytes.clone();
            damaged[place] = value;
            // Whether the damage is noticed depends on the byte; `verify` always notices.
            let _ = probe(&damaged, 5);
            if let Ok(snapshot) = Snapshot::open(damaged.as_slice()) {
                snapshot.rows("deb/debian:12", "zlib").flatten().for_each(|row| drop(row.to_advisory("")));
                let _ = (snapshot.text("PYSEC-2020-1"), snapshot.named("CVE-2020-0001"));
            }
        }
    }
}

#[test]
fn texts_are_packed_with_a_dictionary_and_a_damaged_one_is_an_error() {
    let ids: Vec<String> = (0..400).map(|n| format!("CVE-2020-{n:04}")).collect();
    let record = |(n, id): (usize, &String)| Record {
        id: id.clone(),
        details: Some(format!(
            "Number {n}: {}a buffer overflow in version {} of zlib.",
            "very ".repeat(n),
            n * 7
        )),
        ..Record::default()
    };
    let output = FeedOutput {
        advisories: ids.iter().map(|id| advisory("debian", id)).collect(),
        records: ids.iter().enumerate().map(record).collect(),
        ..FeedOutput::default()
    };
    let mut bytes = bytes_of(vec![("debian", output)]);
    let snapshot = Snapshot::open(bytes.as_slice()).unwrap();
    let details = snapshot.text("CVE-2020-0003").unwrap().unwrap().details.unwrap();
    assert_eq!(details, "Number 3: very very very a buffer overflow in version 21 of zlib.");
    let dictionary = snapshot.header.sections[super::Section::Dictionary as usize].clone();
    assert!(dictionary.len() > 100);
    bytes[dictionary][8..].fill(0xff);
    let damaged = Snapshot::open(bytes.as_slice()).unwrap();
    assert!(matches!(damaged.text("CVE-2020-0003"), Err(SnapshotError::Corrupt { .. })));
}

#[test]
fn threads_may_share_a_snapshot() {
    fn shared<T: Send + Sync>(_: &T) {}
    shared(&snapshot_of(vec![]));
}

#[test]
fn an_id_may_name_several_vulnerabilities() {
    let both = Record {
        id: "GHSA-aaaa-bbbb-cccc".to_owned(),
        aliases: vec!["CVE-2020-0001".to_owned(), "CVE-2020-0002".to_owned()],
        ..Record::default()
    };
    let output = FeedOutput {
        advisories: vec![advisory("osv", "GHSA-aaaa-bbbb-cccc"), advisory("debian", "CVE-2020-0001")],
        records: vec![both],
        ..FeedOutput::default()
    };
    let snapshot = snapshot_of(vec![("any", output)]);
    assert_eq!(snapshot.named("CVE-2020-0001").unwrap(), ["CVE-2020-0001", "GHSA-aaaa-bbbb-cccc"]);
    assert_eq!(snapshot.named("CVE-2020-0002").unwrap(), ["GHSA-aaaa-bbbb-cccc"]);
    assert_eq!(snapshot.named("GHSA-aaaa-bbbb-cccc").unwrap(), ["GHSA-aaaa-bbbb-cccc"]);
    assert!(snapshot.named("CVE-2020-0003").unwrap().is_empty());
}

#[test]
fn a_damaged_row_is_an_error_and_not_a_shorter_list() {
    let bytes = one_of_everything();
    let whole = Snapshot::open(bytes.as_slice()).unwrap();
    let count = whole.rows("pypi", "flask").count();
    // The shared strings and versions overwritten with bytes that are no UTF-8.
    for section in [super::Section::Strings, super::Section::Versions, super::Section::Rows] {
        let mut damaged = bytes.clone();
        damaged[whole.header.sections[section as usize].clone()].fill(0xff);
        let snapshot = Snapshot::open(damaged.as_slice()).unwrap();
        let rows: Vec<_> = snapshot.rows("pypi", "flask").collect();
        assert!(rows.len() <= count && rows.iter().any(Result::is_err), "{section:?}");
    }
}

/// One of a few texts, so that keys, ids and versions repeat.
fn word(words: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop_oneof![
        9 => prop::sample::select(words).prop_map(str::to_owned),
        1 => "\\PC{0,12}",
    ]
}

fn version() -> impl Strategy<Value = String> {
    word(&["1", "1.0", "1.00", "1.10", "1.9", "2.0-rc1", "1:2.3-4+deb12u1~bpo1", "10", "2.0"])
}

fn range() -> impl Strategy<Value = Range> {
    let end = prop_oneof![
        version().prop_map(End::Fixed),
        version().prop_map(End::LastAffected),
        version().prop_map(End::Limit),
        Just(End::Open)
    ];
    (prop::option::of(version()), end).prop_map(|(introduced, end)| Range { introduced, end })
}

fn any_advisory() -> impl Strategy<Value = Advisory> {
    let names = (
        word(&["debian", "osv", "alpine"]),
        word(&["deb/debian:12", "deb/debian:11", "pypi"]),
        word(&["zlib", "flask", "linux"]),
        word(&["CVE-2020-0001", "CVE-2020-0002", "GHSA-aaaa-bbbb-cccc"]),
    );
    let lists = (
        prop::collection::vec(word(&["amd64", "arm64"]), 0..3),
        prop::collection::btree_set(word(&["DSA-1-1", "GHSA-aaaa-bbbb-cccc", "USN-1-1"]), 0..3),
        prop::collection::vec(range(), 0..3),
        prop::collection::btree_set(version(), 0..6),
    );
    let optional = (
        prop::option::of(word(&["esm-infra", "esm-apps"])),
        prop::option::of(word(&["postgresql:16"])),
        prop::option::of(prop::sample::select(&Severity::ALL)),
        prop::option::of(word(&["minor issue"])),
    );
    (names, lists, optional, any::<bool>(), prop::sample::select(&Status::ALL)).prop_map(
        |(names, lists, optional, binary, status)| Advisory {
            feed: names.0,
            realm: Realm(names.1),
            package: names.2,
            name_kind: if binary { NameKind::Binary } else { NameKind::Source },
            channel: optional.0,
            architectures: lists.0,
            module: optional.1,
            vulnerability: names.3,
            advisory_ids: lists.1.into_iter().collect(),
            ranges: lists.2,
            versions: lists.3.into_iter().collect(),
            status,
            severity: optional.2,
            note: optional.3,
        },
    )
}

/// Advisories as texts, so that they can be compared as sets; those that differ in their
/// announcements only are one.
fn normal(advisories: impl IntoIterator<Item = Advisory>) -> BTreeMap<String, BTreeSet<String>> {
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for mut advisory in advisories {
        let ids = std::mem::take(&mut advisory.advisory_ids);
        advisory.versions.sort();
        all.entry(format!("{advisory:?}")).or_default().extend(ids);
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn what_goes_in_comes_out(advisories in prop::collection::vec(any_advisory(), 0..40)) {
        let output = FeedOutput { advisories: advisories.clone(), ..FeedOutput::default() };
        let snapshot = snapshot_of(vec![("any", output)]);
        let mut out = Vec::new();
        for key in snapshot.keys() {
            let (realm, package) = key.unwrap();
            for row in snapshot.rows(realm, package) {
                let row = row.unwrap();
                prop_assert_eq!(row.package, package);
                prop_assert!(snapshot.vulnerability(row.vulnerability).unwrap().is_some());
                out.push(row.to_advisory(realm));
            }
        }
        prop_assert_eq!(normal(out), normal(advisories));
    }

    #[test]
    fn any_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Snapshot::open(bytes).is_err());
    }
}

#[test]
fn a_vulnerability_without_any_record_has_empty_facts() {
    let output =
        FeedOutput { advisories: vec![advisory("debian", "CVE-2020-0001")], ..FeedOutput::default() };
    let snapshot = snapshot_of(vec![("debian", output)]);
    let facts = Vulnerability { id: "CVE-2020-0001".to_owned(), ..Vulnerability::default() };
    assert_eq!(snapshot.vulnerability("CVE-2020-0001").unwrap(), Some(facts));
}
