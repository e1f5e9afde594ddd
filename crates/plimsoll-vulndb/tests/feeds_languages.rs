//! The languages' own databases over real data: the mirror in `../shared/data/feeds`, whose
//! READMEs give the counts.
//!
//! Skipped, loudly, where that folder is absent. Writes nothing.

#![expect(clippy::disallowed_methods, reason = "reads the shared data, which is no part of the project")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::print_stderr, reason = "what is skipped is said loudly")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use plimsoll_core::{Advisory, End};
use plimsoll_vulndb::{Feed, FeedOutput, Part, Source, feeds};

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

/// Everything of one feed, and how many parts it had.
fn parse(mirror: &Path, id: &str) -> (FeedOutput, usize) {
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

fn parse_file(feed: &dyn Feed, name: &str, file: &Path, out: &mut FeedOutput) {
    let bytes = std::fs::read(file).unwrap();
    let file_name = file.file_name().unwrap().to_str().unwrap();
    let part = Part { name, file_name, bytes: &bytes };
    feed.parse(&part, out).unwrap_or_else(|why| panic!("{}: {why}", file.display()));
}

/// Parses a feed and compares `parts`, `read`, `stored`, `quarantined`, `out of scope`.
fn check(mirror: &Path, id: &str, expected: [u64; 5]) -> FeedOutput {
    let (out, parts) = parse(mirror, id);
    let found =
        [parts as u64, out.records_read, out.records_stored, out.records_quarantined, out.out_of_scope];
    assert_eq!(
        found,
        expected,
        "{id}; quarantined: {:#?}",
        out.quarantined.iter().take(20).collect::<Vec<_>>()
    );
    assert_eq!(out.records_read, out.records_stored + out.records_quarantined + out.out_of_scope, "{id}");
    assert!(out.advisories.iter().all(|it| it.feed == id && !it.package.is_empty()), "{id}");
    out
}

/// What each row says, by vulnerability and package: ranges in a fixed order.
fn statements(out: &FeedOutput) -> BTreeMap<(String, String), BTreeSet<String>> {
    let mut statements: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
    for row in &out.advisories {
        let key = (row.vulnerability.clone(), row.package.clone());
        statements.entry(key).or_default().extend(row.ranges.iter().map(|range| format!("{range:?}")));
    }
    statements
}

fn row<'o>(out: &'o FeedOutput, package: &str, id: &str) -> &'o Advisory {
    out.advisories.iter().find(|it| it.package == package && it.vulnerability == id).unwrap()
}

#[test]
fn rustsec_says_in_toml_what_osv_says_in_json() {
    let Some(mirror) = mirror() else { return };
    let native = check(&mirror, "rustsec", [2, 1_225, 1_212, 0, 13]);
    let osv = check(&mirror, "osv-crates.io", [1, 1_206, 1_193, 0, 13]);
    let kinds = |out: &FeedOutput| {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for kind in out.records.iter().filter_map(|it| it.informational.clone()) {
            *counts.entry(kind).or_default() += 1;
        }
        counts
    };
    let expected = [("notice", 6), ("unmaintained", 258), ("unsound", 202)];
    let expected = expected.map(|(kind, count)| (kind.to_owned(), count)).into();
    assert_eq!(kinds(&osv), expected, "without those that were withdrawn");
    let windows = row(&native, "warp", "RUSTSEC-2022-0082");
    assert_eq!(windows.note.as_deref(), Some("affects only windows"));
    assert!(native.advisories.iter().any(|it| it.package == "std"), "the standard library is only here");
    let (native, osv) = (statements(&native), statements(&osv));
    let mut different = 0;
    for (key, said) in &osv {
        if native.get(key) != Some(said) {
            different += 1;
        }
    }
    // OSV's copy of some has ranges without a version in them, `0.23.0` to `0.23.0`.
    assert_eq!((different, osv.len()), (4, 1_189));
}

#[test]
fn pypa_says_in_yaml_what_osv_says_in_json() {
    let Some(mirror) = mirror() else { return };
    let out = check(&mirror, "pypa", [1, 331, 328, 0, 3]);
    let lxml = row(&out, "lxml", "CVE-2014-3146");
    assert!(lxml.versions.iter().any(|it| it == "1.0") && lxml.realm.0 == "pypi");
}

#[test]
fn rubysec_is_read_but_for_what_contradicts_itself() {
    let Some(mirror) = mirror() else { return };
    // Two advisories spare every version between what is patched and what is unaffected.
    let out = check(&mirror, "rubysec", [1, 1_381, 1_379, 2, 0]);
    assert_eq!(out.advisories.iter().filter(|it| it.realm.0 == "generic").count(), 147);
    let jruby = row(&out, "jruby-openssl", "CVE-2025-46551");
    assert_eq!(jruby.note.as_deref(), Some("affects only jruby"));
}

#[test]
fn friendsofphp_is_read_whole() {
    let Some(mirror) = mirror() else { return };
    let out = check(&mirror, "friendsofphp", [1, 1_592, 1_592, 0, 0]);
    let http = row(&out, "symfony/http-client", "CVE-2024-50342");
    assert!(http.ranges.iter().any(|it| {
        it.introduced.as_deref() == Some("4.3.0") && it.end == End::Fixed("5.4.47".to_owned())
    }));
}

#[test]
fn node_is_read_whole() {
    let Some(mirror) = mirror() else { return };
    let out = check(&mirror, "nodejs-core", [1, 171, 171, 0, 0]);
    assert_eq!(out.advisories.len(), 186, "some entries name several CVEs");
    assert!(out.advisories.iter().all(|it| it.realm.0 == "generic" && it.package == "node"));
}

#[test]
fn kubernetes_is_read_whole() {
    let Some(mirror) = mirror() else { return };
    let out = check(&mirror, "kubernetes", [2, 45, 45, 0, 0]);
    let library = row(&out, "k8s.io/apiserver", "CVE-2021-25737");
    assert_eq!(library.ranges.last().unwrap().end, End::Fixed("0.21.1".to_owned()));
}

#[test]
fn the_repository_of_github_is_read_whole() {
    let Some(mirror) = mirror() else { return };
    let out = check(&mirror, "ghsa", [1, 683, 683, 0, 0]);
    assert!(out.advisories.iter().any(|it| it.realm.0 == "maven"));
}

#[test]
fn the_code_of_go_is_kept() {
    let Some(mirror) = mirror() else { return };
    check(&mirror, "go-vulndb", [5, 5, 5, 0, 0]);
    let out = check(&mirror, "osv-go", [1, 4_291, 4_274, 0, 17]);
    let record = out.records.iter().find(|it| it.id == "GO-2024-2687").unwrap();
    let http2 = record.code.iter().find(|it| it.path == "golang.org/x/net/http2").unwrap();
    assert!(http2.symbols.iter().any(|it| it == "Framer.ReadFrame"));
}
