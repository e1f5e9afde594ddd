//! The feeds of scores, texts and corrections over real data: the mirror in
//! `../shared/data/feeds`, whose README gives the counts.
//!
//! Skipped, loudly, where that folder is absent. Writes nothing.

#![expect(clippy::disallowed_methods, reason = "reads the shared data, which is no part of the project")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::print_stderr, reason = "what is skipped is said loudly")]

use std::path::{Path, PathBuf};

use plimsoll_core::{Advisory, End, Status};
use plimsoll_vulndb::{Feed, FeedOutput, Part, Record, Source, feeds};

/// The mirror, if it is there.
fn mirror() -> Option<PathBuf> {
    let shared = std::env::var_os("PLIMSOLL_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    let mirror = shared.join("data/feeds");
    if mirror.is_dir() {
        return Some(mirror);
    }
    eprintln!("SKIPPED: {} is absent; feeds were not tested over real data", mirror.display());
    None
}

/// The files of a source: the first of its mirror paths that exists, `*` within a component.
fn files(mirror: &Path, source: &Source) -> Vec<PathBuf> {
    for path in &source.mirror {
        let mut found = vec![mirror.to_owned()];
        for component in path.split('/') {
            found = found.iter().flat_map(|folder| matches(folder, component)).collect();
        }
        found.retain(|it| it.is_file());
        found.sort();
        if source.newest_only {
            found = found.pop().into_iter().collect();
        }
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}

fn matches(folder: &Path, component: &str) -> Vec<PathBuf> {
    let Some((start, end)) = component.split_once('*') else {
        return vec![folder.join(component)];
    };
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let fits =
        |it: &String| it.len() >= start.len() + end.len() && it.starts_with(start) && it.ends_with(end);
    names.filter(fits).map(|it| folder.join(it)).collect()
}

fn parse_file(feed: &dyn Feed, name: &str, file: &Path, out: &mut FeedOutput) {
    let bytes = std::fs::read(file).unwrap();
    let file_name = file.file_name().unwrap().to_str().unwrap();
    let part = Part { name, file_name, bytes: &bytes };
    out.is_newer = feed.is_newer(name);
    feed.parse(&part, out).unwrap_or_else(|why| panic!("{}: {why}", file.display()));
}

/// Parses a feed and compares `parts`, `read`, `stored`, `quarantined`, `out of scope`.
fn check(mirror: &Path, id: &str, expected: [u64; 5]) -> FeedOutput {
    let feed = feeds::by_id(id).unwrap();
    let mut out = FeedOutput::default();
    let mut parts = 0;
    for source in feed.sources() {
        for file in files(mirror, &source) {
            parse_file(feed, &source.name, &file, &mut out);
            parts += 1;
        }
    }
    compare(id, parts, &out, expected);
    out
}

fn compare(id: &str, parts: u64, out: &FeedOutput, expected: [u64; 5]) {
    let found = [parts, out.records_read, out.records_stored, out.records_quarantined, out.out_of_scope];
    let quarantined: Vec<_> = out.quarantined.iter().take(20).collect();
    assert_eq!(found, expected, "{id}; rows {}; quarantined: {quarantined:#?}", out.advisories.len());
    assert_eq!(out.records_read, out.records_stored + out.records_quarantined + out.out_of_scope, "{id}");
    assert!(out.advisories.iter().all(|it| it.feed == id && !it.package.is_empty()), "{id}");
}

fn record<'a>(out: &'a FeedOutput, id: &str) -> &'a Record {
    out.records.iter().find(|it| it.id == id).unwrap()
}

fn row<'a>(out: &'a FeedOutput, id: &str, package: &str) -> &'a Advisory {
    out.advisories.iter().find(|it| it.vulnerability == id && it.package == package).unwrap()
}

fn scores(record: &Record) -> Vec<(&str, &str, u8)> {
    record.cvss.iter().map(|it| (it.source.as_str(), it.version.as_str(), it.score_tenths)).collect()
}

#[test]
fn the_nvd_is_read_whole() {
    let Some(mirror) = mirror() else { return };
    let out = check(&mirror, "nvd", [4, 158, 154, 0, 4]);
    let text = |id: &str| record(&out, id).details.as_deref().unwrap_or_default();
    assert!(
        text("CVE-2021-3002").starts_with("UPDATED BY MODIFIED FEED"),
        "the file of the last days counts"
    );
    let log4j = record(&out, "CVE-2021-44228");
    assert!(
        scores(log4j).contains(&("nvd", "3.1", 100)) && scores(log4j).contains(&("cisa-adp", "3.1", 100))
    );
    assert!(log4j.cwes.contains(&"CWE-502".to_owned()));
    let openssl = row(&out, "CVE-2014-0224", "openssl");
    assert!(openssl.ranges.iter().any(|it| it.end == End::Fixed("1.0.1h".to_owned())), "{openssl:#?}");
    assert!(out.advisories.iter().all(|it| it.realm.0 == "generic"));
}

#[test]
fn corrections_of_the_nvd_are_read_whole() {
    let Some(mirror) = mirror() else { return };
    // The others speak of products that are no programs of the table (Tomcat, Go, Traefik).
    let out = check(&mirror, "nvd-overrides", [1, 1_799, 1_455, 0, 344]);
    assert!(out.records.is_empty() && out.quarantined.is_empty());
    let windows =
        out.advisories.iter().filter(|it| it.note.as_deref().is_some_and(|it| it.contains("windows")));
    assert_eq!(windows.count(), 0, "what holds on Windows only is no row");
    let java = row(&out, "CVE-2019-2602", "openjdk");
    assert!(java.ranges.iter().any(|it| it.end == End::Fixed("1.8.0_211".to_owned())), "{java:#?}");
}

#[test]
fn the_cve_list_is_read_whole() {
    let Some(mirror) = mirror() else { return };
    // Four of the sample's records are of another format (OSV).
    let out = check(&mirror, "cve-list", [1, 26, 22, 4, 0]);
    let xz = record(&out, "CVE-2024-3094");
    assert!(scores(xz).contains(&("cna", "3.1", 100)), "{:?}", scores(xz));
    assert_eq!(xz.summary.as_deref(), Some("Xz: malicious code in distributed source"));
    assert!(xz.cwes.contains(&"CWE-506".to_owned()));
    assert!(out.advisories.is_empty());
}

#[test]
fn announcements_of_debian_are_read_whole() {
    let Some(mirror) = mirror() else { return };
    let out = check(&mirror, "debian-announcements", [2, 8_940, 6_529, 0, 2_411]);
    // What is left out: releases before 6, whose packages nobody scans.
    assert!(out.quarantined.iter().all(|it| it.record.starts_with("release ")), "{:#?}", out.quarantined);
    let xorg = row(&out, "CVE-2023-1393", "xorg-server");
    assert_eq!(
        (xorg.realm.0.as_str(), xorg.advisory_ids.as_slice()),
        ("deb/debian:11", ["DSA-5380-1".to_owned()].as_slice())
    );
    assert_eq!(out.data_date.unwrap().date_text(), "2023-04-01");
}

#[test]
fn open_vex_documents_of_ubuntu_are_read() {
    let Some(mirror) = mirror() else { return };
    let out = check(&mirror, "ubuntu-vex", [1, 2, 1, 0, 1]);
    let here = |channel: Option<&str>, number: &str| {
        out.advisories.iter().find(|it| {
            it.package == "curl"
                && it.vulnerability == "CVE-2025-0167"
                && it.channel.as_deref() == channel
                && it.realm.0 == format!("deb/ubuntu:{number}")
        })
    };
    assert_eq!(here(None, "22.04").unwrap().status, Status::Affected);
    assert_eq!(here(Some("esm-infra"), "16.04").unwrap().status, Status::NotAffected);
    let feed = feeds::by_id("ubuntu-vex").unwrap();
    let mut out = FeedOutput::default();
    for file in ["2016/CVE-2016-20013.json.gz", "2023/CVE-2023-38545.json.gz"] {
        parse_file(feed, "vex-all", &mirror.join("ubuntu/vex/cve").join(file), &mut out);
    }
    compare("ubuntu-vex", 2, &out, [2, 2, 2, 0, 0]);
    let glibc = row(&out, "CVE-2016-20013", "glibc");
    assert_eq!(glibc.status, Status::WillNotFix);
    assert!(glibc.note.as_deref().unwrap().starts_with("Actually addressing this"), "{glibc:#?}");
    let xenial = out
        .advisories
        .iter()
        .find(|it| it.package == "curl" && it.realm.0 == "deb/ubuntu:16.04" && it.channel.is_none());
    assert_eq!(xenial.unwrap().status, Status::EndOfLife);
}

/// A small generator (xorshift): the same damage every time.
struct Damage(u64);

impl Damage {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % (below.max(1) as u64)).unwrap()
    }
}

#[test]
fn no_damage_to_a_feed_makes_it_panic() {
    let Some(mirror) = mirror() else { return };
    let samples = [
        ("nvd", "nvd/api-paging/1_item-0-3.json"),
        ("nvd", "nvd/api-paging/3_pages-0-3.json"),
        ("cve-list", "cve-list-v5/cves.sample.tar.zst"),
        ("ubuntu-vex", "ubuntu/vex-all.excerpt.tar.xz"),
        ("debian-announcements", "debian/security-tracker-git/data/DLA/list.gz"),
        ("debian-elts", "debian/tracker/excerpt-vulnerablecode.json"),
    ];
    for (id, path) in samples {
        let whole = std::fs::read(mirror.join(path)).unwrap();
        let feed = feeds::by_id(id).unwrap();
        let mut damage = Damage(0x9E37_79B9_7F4A_7C15);
        for round in 0..30 {
            let mut bytes = whole.clone();
            if round % 3 == 0 {
                bytes.truncate(damage.next(bytes.len()));
            } else {
                for _ in 0..=round % 7 {
                    let place = damage.next(bytes.len());
                    bytes[place] = u8::try_from(damage.next(256)).unwrap();
                }
            }
            let mut out = FeedOutput::default();
            // An error is a good answer, a panic none.
            let _ = feed.parse(&Part { name: "x", file_name: "x", bytes: &bytes }, &mut out);
            let accounted = out.records_stored + out.records_quarantined + out.out_of_scope;
            assert_eq!(out.records_read, accounted, "{id} {path} {round}");
        }
    }
}
