//! The mirror, and how a feed is read from it: what every test of real data begins with.
//!
//! Knows no feed. Where the mirror is absent it says so, and never that all is well.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use plimsoll_core::{Advisory, End};
use plimsoll_vulndb::{Feed, FeedOutput, Part, Source, feeds};

/// The mirror, if it is there.
pub fn mirror() -> Option<PathBuf> {
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

/// What a folder has of a name with a `*` in it, or the one place that a name without means.
pub fn matches(folder: &Path, component: &str) -> Vec<PathBuf> {
    let Some((start, end)) = component.split_once('*') else {
        return vec![folder.join(component)];
    };
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let fits =
        |it: &String| it.len() >= start.len() + end.len() && it.starts_with(start) && it.ends_with(end);
    names.filter(fits).map(|it| folder.join(it)).collect()
}

/// Everything of one feed, and how many parts it had.
pub fn parse(mirror: &Path, id: &str) -> (FeedOutput, u64) {
    let feed = feeds::by_id(id).unwrap();
    let mut out = FeedOutput::default();
    let mut parts = 0;
    for source in feed.sources() {
        for file in files(mirror, &source) {
            parse_file(feed, &source.name, &file, &mut out);
            parts += 1;
        }
    }
    (out, parts)
}

/// Reads one file as the part of that name; a feed must be able to read it.
pub fn parse_file(feed: &dyn Feed, name: &str, file: &Path, out: &mut FeedOutput) {
    let bytes = std::fs::read(file).unwrap();
    let file_name = file.file_name().unwrap().to_str().unwrap();
    let part = Part { name, file_name, bytes: &bytes };
    out.is_newer = feed.is_newer(name);
    feed.parse(&part, out).unwrap_or_else(|why| panic!("{}: {why}", file.display()));
}

/// Parses a feed and compares `parts`, `read`, `stored`, `quarantined`, `out of scope`.
#[track_caller]
pub fn check(mirror: &Path, id: &str, expected: [u64; 5]) -> FeedOutput {
    let (out, parts) = parse(mirror, id);
    compare(id, parts, &out, expected);
    out
}

/// Compares the same five of what was read already.
#[track_caller]
pub fn compare(id: &str, parts: u64, out: &FeedOutput, expected: [u64; 5]) {
    let found = [parts, out.records_read, out.records_stored, out.records_quarantined, out.out_of_scope];
    let quarantined: Vec<_> = out.quarantined.iter().take(20).collect();
    assert_eq!(found, expected, "{id}; rows {}; quarantined: {quarantined:#?}", out.advisories.len());
    assert_eq!(out.records_read, out.records_stored + out.records_quarantined + out.out_of_scope, "{id}");
    assert!(out.advisories.iter().all(|it| it.feed == id && !it.package.is_empty()), "{id}");
}

/// How many rows have each status.
pub fn by_status(out: &FeedOutput) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for advisory in &out.advisories {
        *counts.entry(advisory.status.name()).or_default() += 1;
    }
    counts
}

/// The first row of one vulnerability in one package.
#[track_caller]
pub fn row<'o>(out: &'o FeedOutput, package: &str, id: &str) -> &'o Advisory {
    out.advisories.iter().find(|it| it.package == package && it.vulnerability == id).unwrap()
}

/// The fixed version of a row that has one range, if it has one.
pub fn fixed(row: &Advisory) -> Option<&str> {
    match row.ranges.as_slice() {
        [range] => match &range.end {
            End::Fixed(version) => Some(version),
            _ => None,
        },
        _ => None,
    }
}
