//! The feeds of scores, texts and corrections over real data: the mirror in
//! `../shared/data/feeds`, whose README gives the counts.
//!
//! Skipped, loudly, where that folder is absent. Writes nothing.

#![expect(clippy::disallowed_methods, reason = "reads the shared data, which is no part of the project")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::print_stderr, reason = "what is skipped is said loudly")]

use std::path::{Path, PathBuf};

use plimsoll_core::{Advisory, End};
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

fn scores<'a>(record: &'a Record) -> Vec<(&'a str, &'a str, u8)> {
    record.cvss.iter().map(|it| (it.source.as_str(), it.version.as_str(), it.score_tenths)).collect()
}

#[test]
fn the_nvd_is_read_whole() {
    let Some(mirror) = mirror() else { return };
    let out = check(&mirror, "nvd", [0, 0, 0, 0, 0]);
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
    let out = check(&mirror, "nvd-overrides", [1, 1_799, 0, 0, 0]);
    assert!(out.records.is_empty());
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
