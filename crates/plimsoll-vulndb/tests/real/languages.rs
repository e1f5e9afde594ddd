//! The languages' own databases.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_core::End;
use plimsoll_vulndb::FeedOutput;

use crate::mirror::{check, mirror, row};

/// What each row says, by vulnerability and package: ranges in a fixed order.
fn statements(out: &FeedOutput) -> BTreeMap<(String, String), BTreeSet<String>> {
    let mut statements: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
    for row in &out.advisories {
        let key = (row.vulnerability.clone(), row.package.clone());
        statements.entry(key).or_default().extend(row.ranges.iter().map(|range| format!("{range:?}")));
    }
    statements
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
