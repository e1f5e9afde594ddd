//! Which ids become one, what is dropped, and where each field comes from.

use std::fmt::Write as _;

use plimsoll_core::{
    Advisory, CvssVector, End, Epss, Kev, Range, Rating, Realm, Severity, Status, Timestamp,
};

use super::aliases::{Aliases, is_cve};
use crate::snapshot::tests::{advisory, snapshot_of};
use crate::{FeedOutput, Record, Snapshot};

/// Records written as `id: alias alias`, and the name of each id that is not its own.
#[track_caller]
fn check_names(records: &[&str], expected: &str) {
    let records: Vec<Record> = records.iter().map(|line| record(line)).collect();
    let aliases =
        Aliases::of(records.iter().map(|it| (it.id.as_str(), it.aliases.iter().map(String::as_str))));
    let mut ids: Vec<&str> = records
        .iter()
        .flat_map(|record| std::iter::once(&record.id).chain(&record.aliases))
        .map(String::as_str)
        .collect();
    ids.sort_unstable();
    ids.dedup();
    let names: Vec<String> = ids
        .into_iter()
        .filter(|id| aliases.canonical(id) != *id)
        .map(|id| format!("{id}={}", aliases.canonical(id)))
        .collect();
    assert_eq!(names.join(" "), expected);
}

fn record(line: &str) -> Record {
    let (id, aliases) = line.split_once(':').unwrap_or((line, ""));
    Record {
        id: id.to_owned(),
        aliases: aliases.split_whitespace().map(str::to_owned).collect(),
        ..Record::default()
    }
}

#[test]
fn the_one_cve_is_the_name() {
    check_names(
        &["GHSA-a: CVE-2020-0001", "PYSEC-1: CVE-2020-0001 GHSA-a"],
        "GHSA-a=CVE-2020-0001 PYSEC-1=CVE-2020-0001",
    );
}

#[test]
fn a_cve_reaches_through_ids_that_have_none_themselves() {
    check_names(&["PYSEC-1: GHSA-a", "GHSA-a: CVE-2020-0001"], "GHSA-a=CVE-2020-0001 PYSEC-1=CVE-2020-0001");
    check_names(
        &["CVE-2020-0001: GHSA-a", "GO-1: PYSEC-1", "PYSEC-1: GHSA-a"],
        "GHSA-a=CVE-2020-0001 GO-1=CVE-2020-0001 PYSEC-1=CVE-2020-0001",
    );
}

#[test]
fn two_cves_never_become_one() {
    check_names(&["GHSA-a: CVE-2020-0001 CVE-2020-0002", "GHSA-b: CVE-2020-0001"], "GHSA-b=CVE-2020-0001");
    // Another id of the announcement of two is that announcement's, not either CVE's.
    check_names(&["GHSA-a: CVE-2020-0001 CVE-2020-0002", "PYSEC-1: GHSA-a"], "PYSEC-1=GHSA-a");
    // Between two, an id keeps its name.
    check_names(
        &["GHSA-a: CVE-2020-0001", "GHSA-b: CVE-2020-0002", "GO-1: GHSA-a GHSA-b"],
        "GHSA-a=CVE-2020-0001 GHSA-b=CVE-2020-0002",
    );
}

#[test]
fn without_a_cve_the_one_ghsa_is_the_name() {
    check_names(&["RUSTSEC-1: GHSA-a", "GHSA-a: RUSTSEC-1"], "RUSTSEC-1=GHSA-a");
    check_names(&["GO-1: GHSA-a GHSA-b", "RUSTSEC-1: GHSA-a"], "RUSTSEC-1=GHSA-a");
    check_names(&["PYSEC-2: OSV-1", "PYSEC-1:"], "OSV-1=PYSEC-2");
}

#[test]
fn only_a_well_formed_id_is_a_cve() {
    for (id, expected) in [
        ("CVE-2020-0001", true),
        ("CVE-2020-1234567", true),
        ("CVE-2020-001", false),
        ("CVE_2020-0001", false),
        ("CVE-2020-0001x", false),
        ("CVE-20-0001", false),
        ("cve-2020-0001", false),
        ("CVE-2020-", false),
    ] {
        assert_eq!(is_cve(id), expected, "{id}");
    }
}

fn output(advisories: Vec<Advisory>, records: Vec<Record>) -> FeedOutput {
    FeedOutput { advisories, records, ..FeedOutput::default() }
}

/// The rows about `zlib` in Debian 12, one a line.
#[track_caller]
fn check_rows(feeds: Vec<(&str, FeedOutput)>, expected: &str) {
    let snapshot = snapshot_of(feeds);
    let mut actual = String::new();
    for row in snapshot.rows("deb/debian:12", "zlib") {
        let row = row.unwrap();
        write!(actual, "{} {} {}", row.feed, row.vulnerability, row.status.name()).unwrap();
        for id in row.advisory_ids() {
            write!(actual, " {id}").unwrap();
        }
        actual.push('\n');
    }
    assert_eq!(actual, expected);
}

#[test]
fn a_row_is_filed_under_the_cve_and_keeps_its_feeds_id() {
    let mut named = advisory("osv", "GHSA-a");
    named.advisory_ids = vec!["GHSA-a".to_owned()];
    let records = vec![record("GHSA-a: CVE-2020-0001")];
    check_rows(vec![("osv", output(vec![named], records.clone()))], "osv CVE-2020-0001 fixed GHSA-a\n");
    check_rows(
        vec![("osv", output(vec![advisory("osv", "GHSA-a")], records))],
        "osv CVE-2020-0001 fixed GHSA-a\n",
    );
}

#[test]
fn rows_that_differ_in_announcements_only_become_one() {
    let with = |id: &str| {
        let mut row = advisory("debian", "CVE-2020-0001");
        row.advisory_ids = vec![id.to_owned()];
        row
    };
    let pieces = || {
        vec![("debian", output(vec![with("DSA-2")], vec![])), ("debian", output(vec![with("DSA-1")], vec![]))]
    };
    check_rows(pieces(), "debian CVE-2020-0001 fixed DSA-1 DSA-2\n");
}

#[test]
fn rows_that_differ_in_what_they_say_stay() {
    let mut open = advisory("debian", "CVE-2020-0001");
    open.status = Status::Affected;
    open.ranges = vec![];
    check_rows(
        vec![("debian", output(vec![open, advisory("debian", "CVE-2020-0001")], vec![]))],
        "debian CVE-2020-0001 fixed\ndebian CVE-2020-0001 affected\n",
    );
}

#[test]
fn a_withdrawn_record_takes_its_rows_and_aliases_with_it() {
    let mut withdrawn = record("GHSA-a: CVE-2020-0001");
    withdrawn.withdrawn = true;
    let rows = vec![advisory("osv", "GHSA-a"), advisory("osv", "GHSA-b")];
    let records = vec![withdrawn, record("GHSA-b:")];
    check_rows(vec![("osv", output(rows.clone(), records.clone()))], "osv GHSA-b fixed\n");
    let snapshot = snapshot_of(vec![("osv", output(rows.clone(), records.clone()))]);
    assert_eq!(snapshot.vulnerability("GHSA-a").unwrap(), None);
    assert_eq!(snapshot.vulnerability("CVE-2020-0001").unwrap(), None);
    // Another feed's row about the same thing is not theirs to withdraw.
    check_rows(
        vec![
            ("osv", output(rows, records)),
            ("debian", output(vec![advisory("debian", "CVE-2020-0001")], vec![])),
        ],
        "debian CVE-2020-0001 fixed\nosv GHSA-b fixed\n",
    );
}

#[test]
fn a_vendor_that_says_it_twice_is_heard_once() {
    let row = |feed: &str, status: Status| {
        let mut row = advisory(feed, "CVE-2020-0001");
        row.status = status;
        row
    };
    let both = |osv: Status, tracker: Status| {
        vec![
            ("ubuntu-osv", output(vec![row("ubuntu-osv", osv)], vec![])),
            ("ubuntu-tracker", output(vec![row("ubuntu-tracker", tracker)], vec![])),
        ]
    };
    check_rows(both(Status::Fixed, Status::Affected), "ubuntu-osv CVE-2020-0001 fixed\n");
    check_rows(both(Status::Affected, Status::Affected), "ubuntu-osv CVE-2020-0001 affected\n");
    check_rows(both(Status::Affected, Status::Fixed), "ubuntu-tracker CVE-2020-0001 fixed\n");
    let mut other_channel = row("ubuntu-tracker", Status::Fixed);
    other_channel.channel = Some("esm-infra".to_owned());
    let mut feeds = both(Status::Affected, Status::Affected);
    feeds.push(("ubuntu-tracker", output(vec![other_channel], vec![])));
    check_rows(feeds, "ubuntu-osv CVE-2020-0001 affected\nubuntu-tracker CVE-2020-0001 fixed\n");
}

#[test]
fn what_tells_a_whole_story_is_not_repeated_by_its_vendors_other_feeds() {
    let row = |feed: &str, realm: &str| {
        let mut row = advisory(feed, "CVE-2020-0001");
        row.realm = Realm(realm.to_owned());
        row.channel = Some(feed.to_owned());
        row
    };
    let of =
        |feed: &'static str, realm: &str, id: &str| (feed, output(vec![row(feed, realm)], vec![record(id)]));
    let red_hat = "rpm/redhat:9";
    let all = |vex_speaks_of: &str| {
        let snapshot = snapshot_of(vec![
            of("redhat-vex", red_hat, vex_speaks_of),
            of("redhat-vex-legacy", red_hat, "CVE-2020-0002"),
            of("osv-local", red_hat, "RHSA-2020:1"),
            of("osv-local", "rpm/oracle:9", "CVE-2020-0001"),
        ]);
        let feeds = |realm| -> Vec<String> {
            snapshot.rows(realm, "zlib").map(|row| row.unwrap().feed.to_owned()).collect()
        };
        assert_eq!(feeds("rpm/oracle:9"), ["osv-local"], "another vendor's");
        feeds(red_hat).join(" ")
    };
    assert_eq!(all("CVE-2020-0001"), "redhat-vex");
    assert_eq!(
        all("CVE-2020-0003"),
        "osv-local redhat-vex redhat-vex-legacy",
        "nothing is known to be whole"
    );
}

#[test]
fn of_the_same_announcement_the_feed_that_says_more_is_heard() {
    let row = |feed: &str, announcement: &str| {
        let mut row = advisory(feed, "CVE-2020-0001");
        row.advisory_ids = vec![announcement.to_owned()];
        (feed.to_owned(), output(vec![row], vec![]))
    };
    let check = |osv: &str, errata: &str, expected: &str| {
        let feeds = [row("osv-almalinux", osv), row("almalinux-errata", errata)];
        check_rows(feeds.iter().map(|(feed, output)| (feed.as_str(), output.clone())).collect(), expected);
    };
    check("ALSA-1", "ALSA-1", "almalinux-errata CVE-2020-0001 fixed ALSA-1\n");
    // One that the other list does not have, or not yet, stays.
    check(
        "ALSA-2",
        "ALSA-1",
        "almalinux-errata CVE-2020-0001 fixed ALSA-1\nosv-almalinux CVE-2020-0001 fixed ALSA-2\n",
    );
}

#[test]
fn an_announcement_that_rows_name_is_found() {
    let mut row = advisory("osv", "CVE-2020-0001");
    row.advisory_ids = vec!["ALSA-2020-1".to_owned()];
    let announcement = Record { summary: Some("Important: zlib".to_owned()), ..record("ALSA-2020-1") };
    let unnamed = record("ALSA-2020-2");
    let snapshot = snapshot_of(vec![("osv", output(vec![row], vec![announcement, unnamed]))]);
    assert_eq!(snapshot.text("ALSA-2020-1").unwrap().unwrap().summary.as_deref(), Some("Important: zlib"));
    assert_eq!(snapshot.text("ALSA-2020-2").unwrap(), None);
}

/// What three feeds say of one CVE.
fn merged() -> Snapshot<Vec<u8>> {
    let cvss = |source: &str| CvssVector {
        source: source.to_owned(),
        vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H".to_owned(),
        version: "3.1".to_owned(),
        score_tenths: 75,
    };
    let rating = |source: &str, severity| Rating { source: source.to_owned(), severity };
    let ghsa = Record {
        summary: Some("from GHSA".to_owned()),
        details: Some("short".to_owned()),
        references: vec!["https://a.example".to_owned(), "https://b.example".to_owned()],
        ratings: vec![rating("ghsa", Severity::High)],
        cvss: vec![cvss("ghsa")],
        cwes: vec!["CWE-2".to_owned()],
        published: Some(Timestamp(1_600_000_000)),
        modified: "0001-01-01T00:00:00Z".parse().ok(),
        ..record("GHSA-a: CVE-2020-0001")
    };
    let pysec = Record {
        summary: Some("from PyPA".to_owned()),
        details: Some("the longest description".to_owned()),
        references: vec!["https://b.example".to_owned(), "https://c.example".to_owned()],
        published: "0001-01-01T00:00:00Z".parse().ok(),
        modified: Some(Timestamp(1_650_000_000)),
        cwes: vec!["CWE-1".to_owned(), "CWE-2".to_owned()],
        ..record("PYSEC-1: CVE-2020-0001")
    };
    let debian = Record {
        details: Some("from the tracker".to_owned()),
        ratings: vec![rating("debian", Severity::Negligible)],
        cvss: vec![cvss("nvd")],
        published: Some(Timestamp(1_610_000_000)),
        modified: Some(Timestamp(1_640_000_000)),
        ..record("CVE-2020-0001")
    };
    snapshot_of(vec![
        ("debian", output(vec![advisory("debian", "CVE-2020-0001")], vec![debian])),
        ("osv", output(vec![], vec![pysec, ghsa])),
    ])
}

#[test]
fn every_field_keeps_where_it_comes_from() {
    let facts = merged().vulnerability("GHSA-a").unwrap().unwrap();
    let ratings: Vec<_> = facts.ratings.iter().map(|it| (it.source.as_str(), it.severity)).collect();
    assert_eq!(ratings, [("debian", Severity::Negligible), ("ghsa", Severity::High)]);
    let cvss: Vec<_> = facts.cvss.iter().map(|it| it.source.as_str()).collect();
    assert_eq!(cvss, ["ghsa", "nvd"]);
    assert_eq!(facts.cwes, ["CWE-1", "CWE-2"]);
    assert_eq!(facts.aliases, ["GHSA-a", "PYSEC-1"]);
}

#[test]
fn impossible_dates_are_none() {
    let facts = merged().vulnerability("CVE-2020-0001").unwrap().unwrap();
    assert_eq!(facts.published, Some(Timestamp(1_600_000_000)));
    assert_eq!(facts.modified, Some(Timestamp(1_650_000_000)));
}

#[test]
fn the_longest_description_and_all_references_are_kept() {
    let text = merged().text("CVE-2020-0001").unwrap().unwrap();
    assert_eq!(text.summary.as_deref(), Some("from GHSA"));
    assert_eq!(text.details.as_deref(), Some("the longest description"));
    assert_eq!(text.references, ["https://a.example", "https://b.example", "https://c.example"]);
}

#[test]
fn a_description_beyond_reason_is_cut_and_says_so() {
    let long = Record { details: Some("é".repeat(40_000)), ..record("CVE-2020-0001") };
    let snapshot =
        snapshot_of(vec![("debian", output(vec![advisory("debian", "CVE-2020-0001")], vec![long]))]);
    let details = snapshot.text("CVE-2020-0001").unwrap().unwrap().details.unwrap();
    assert!(details.len() < 66_000 && details.ends_with("é… [14464 more bytes cut]"), "{}", details.len());
}

#[test]
fn the_newest_score_counts_and_the_catalogue_is_kept_whole() {
    let epss = |score: u32, day: i64| Epss {
        score_millionths: score,
        percentile_millionths: None,
        model: None,
        date: Some(Timestamp(day)),
    };
    let kev = Kev { added: None, due: None, ransomware: false };
    let enrichment = FeedOutput {
        epss: vec![
            ("CVE-2020-0001".to_owned(), epss(1, 100)),
            ("CVE-2020-0001".to_owned(), epss(2, 300)),
            ("CVE-2020-0001".to_owned(), epss(3, 200)),
            ("CVE-2020-0009".to_owned(), epss(4, 200)),
        ],
        kev: vec![("CVE-2020-0008".to_owned(), kev.clone())],
        ..FeedOutput::default()
    };
    let mut elsewhere = advisory("osv", "CVE-2020-0001");
    elsewhere.realm = Realm("npm".to_owned());
    elsewhere.ranges = vec![Range { introduced: None, end: End::Open }];
    let snapshot = snapshot_of(vec![("enrichment", enrichment), ("osv", output(vec![elsewhere], vec![]))]);
    let facts = |id: &str| snapshot.vulnerability(id).unwrap();
    assert_eq!(facts("CVE-2020-0001").unwrap().epss.unwrap().score_millionths, 2);
    assert_eq!(facts("CVE-2020-0008").unwrap().kev, Some(kev));
    assert_eq!(facts("CVE-2020-0009"), None);
}

#[test]
fn where_one_feed_decides_the_other_gives_its_announcements_alone() {
    let row = |feed: &str, status, ids: &[&str]| {
        let mut row = advisory(feed, "CVE-2020-0001");
        row.status = status;
        row.advisory_ids = ids.iter().map(|&id| id.to_owned()).collect();
        row
    };
    let tracker = row("debian", Status::Affected, &[]);
    let announced = row("debian-announcements", Status::Fixed, &["DSA-1-1"]);
    let feeds = vec![
        ("debian", output(vec![tracker], vec![])),
        ("debian-announcements", output(vec![announced.clone()], vec![])),
    ];
    check_rows(feeds, "debian CVE-2020-0001 affected DSA-1-1\n");
    // Where the tracker is silent, the announcement stands.
    check_rows(
        vec![("debian-announcements", output(vec![announced], vec![]))],
        "debian-announcements CVE-2020-0001 fixed DSA-1-1\n",
    );
}
