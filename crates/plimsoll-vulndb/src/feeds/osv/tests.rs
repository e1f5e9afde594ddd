use plimsoll_core::{Advisory, End, Severity};

use super::*;

fn parse(feed: &Osv, json: &str) -> FeedOutput {
    let mut out = FeedOutput::default();
    let part = Part { name: "x.json", file_name: "x.json", bytes: json.as_bytes() };
    feed.parse(&part, &mut out).unwrap();
    assert_eq!(out.records_read, out.records_stored + out.records_quarantined + out.out_of_scope);
    out
}

/// Rows as `realm package vulnerability status ranges versions advisories`.
fn check(feed: &Osv, json: &str, expected: &[&str]) -> FeedOutput {
    let out = parse(feed, json);
    let rows: Vec<String> = out.advisories.iter().map(show).collect();
    assert_eq!(rows, expected);
    out
}

fn show(row: &Advisory) -> String {
    let mut said: Vec<String> = row
        .ranges
        .iter()
        .map(|range| {
            let introduced = range.introduced.as_deref().unwrap_or("0");
            match &range.end {
                End::Fixed(end) => format!("[{introduced},{end})"),
                End::LastAffected(end) => format!("[{introduced},{end}]"),
                End::Limit(end) => format!("[{introduced},{end}|"),
                End::Open => format!("[{introduced},"),
            }
        })
        .collect();
    said.extend(row.versions.iter().map(|it| format!("={it}")));
    if said.is_empty() {
        said.push("*".to_owned());
    }
    let ids = row.advisory_ids.join("+");
    let head = format!("{} {} {}", row.realm, row.package, row.vulnerability);
    format!("{head} {} {} {ids}", row.status.name(), said.join(" ")).trim_end().to_owned()
}

#[test]
fn a_record_of_github_is_filed_under_its_cve() {
    let out = check(
        &NPM,
        r#"{"id":"GHSA-p6mc-m468-83gw","aliases":["CVE-2020-8203"],"summary":"x","modified":"2025-01-01T00:00:00Z",
        "database_specific":{"severity":"HIGH","cwe_ids":["CWE-770","nonsense"]},
        "severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:N/I:H/A:H"},{"type":"CVSS_V4","score":"?"}],
        "references":[{"type":"WEB","url":"https://example.com"},{"type":"WEB","url":"javascript:x"}],
        "affected":[{"package":{"ecosystem":"npm","name":"lodash"},"ranges":[{"type":"SEMVER","events":[{"introduced":"3.7.0"},{"fixed":"4.17.19"}]}]},
        {"package":{"ecosystem":"npm","name":"lodash"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"last_affected":"1.0"}]}]},
        {"package":{"ecosystem":"RubyGems","name":"lodash-rails"},"versions":["1"]}]}"#,
        &["npm lodash CVE-2020-8203 fixed [3.7.0,4.17.19) [0,1.0] GHSA-p6mc-m468-83gw"],
    );
    let record = &out.records[0];
    assert_eq!(record.aliases, ["CVE-2020-8203"]);
    assert_eq!((record.ratings[0].source.as_str(), record.ratings[0].severity), ("ghsa", Severity::High));
    assert_eq!((record.cvss.len(), record.cvss[0].score_tenths), (1, 74));
    assert_eq!((record.cwes.as_slice(), record.references.len()), (["CWE-770".to_owned()].as_slice(), 1));
    assert_eq!(out.quarantined.len(), 1, "the vector that is none");
    assert_eq!(out.data_date.unwrap().to_string(), "2025-01-01T00:00:00Z");
}

#[test]
fn an_advisory_of_two_cves_is_neither_of_them() {
    check(
        &PYPI,
        r#"{"id":"GHSA-aaaa-bbbb-cccc","aliases":["CVE-2020-0001","CVE-2020-0002"],
        "affected":[{"package":{"ecosystem":"PyPI","name":"Oslo_Utils"},"versions":["1.0","1.0","2.0"]}]}"#,
        &["pypi oslo-utils GHSA-aaaa-bbbb-cccc affected =1.0 =2.0"],
    );
}

#[test]
fn rule_65_versions_count_besides_ranges_and_neither_means_all() {
    let record = |affected: &str| {
        format!(
            r#"{{"id":"PYSEC-1","affected":[{{"package":{{"ecosystem":"PyPI","name":"a"}}{affected}}}]}}"#
        )
    };
    let ranges = |events: &str| format!(r#","ranges":[{{"type":"ECOSYSTEM","events":{events}}}]"#);
    let fixed = ranges(r#"[{"introduced":"1"},{"fixed":"2"}]"#);
    check(&PYPI, &record(&format!(r#"{fixed},"versions":["0.5"]"#)), &["pypi a PYSEC-1 fixed [1,2) =0.5"]);
    check(&PYPI, &record(""), &["pypi a PYSEC-1 affected *"]);
    check(&PYPI, &record(r#","ranges":null,"versions":[]"#), &["pypi a PYSEC-1 affected *"]);
    let open = ranges(r#"[{"introduced":"0"}]"#);
    check(&PYPI, &record(&format!(r#"{open},"versions":["0.5"]"#)), &["pypi a PYSEC-1 affected *"]);
    let git = r#","ranges":[{"type":"GIT","repo":"x","events":[{"introduced":"0"},{"fixed":"abc"}]}]"#;
    let out = check(&PYPI, &record(git), &[]);
    assert_eq!(out.out_of_scope, 1, "revisions say nothing about versions, not even that all are affected");
    check(&PYPI, &record(&format!(r#"{git},"versions":["3"]"#)), &["pypi a PYSEC-1 affected =3"]);
    let out = check(&PYPI, &record(&ranges(r#"[{"introduced":"1"},{"introduced":"2"}]"#)), &[]);
    assert_eq!((out.records_quarantined, out.quarantined.len()), (1, 2));
}

#[test]
fn withdrawn_records_keep_their_id_and_nothing_else_holds() {
    let out = check(
        &NPM,
        r#"{"id":"GHSA-aaaa-bbbb-cccc","aliases":["CVE-2020-0001"],"withdrawn":"2023-01-01T00:00:00Z",
        "affected":[{"package":{"ecosystem":"npm","name":"a"}}]}"#,
        &[],
    );
    assert!(out.records[0].withdrawn && out.records[0].aliases.is_empty());
    assert_eq!(out.out_of_scope, 1);
    check(
        &NPM,
        r#"{"id":"X-1","withdrawn":null,"affected":[{"package":{"ecosystem":"npm","name":"a"}}]}"#,
        &["npm a X-1 affected *"],
    );
}

#[test]
fn malware_is_critical() {
    let out = check(
        &NPM,
        r#"{"id":"MAL-2021-1","affected":[{"package":{"ecosystem":"npm","name":"cxp"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"}]}]}]}"#,
        &["npm cxp MAL-2021-1 affected *"],
    );
    assert_eq!(out.advisories[0].severity, Some(Severity::Critical));
    assert_eq!(out.records[0].ratings[0].severity, Severity::Critical);
}

#[test]
fn informational_records_of_rustsec_are_kept_as_such() {
    let out = check(
        &CRATES_IO,
        r#"{"id":"RUSTSEC-2021-0001","affected":[{"package":{"ecosystem":"crates.io","name":"a"},"database_specific":{"informational":"unmaintained"},"ecosystem_specific":{"affects":{"os":["windows"],"arch":[]}}}]}"#,
        &["cargo a RUSTSEC-2021-0001 affected *"],
    );
    assert_eq!(out.records[0].informational.as_deref(), Some("unmaintained"));
    assert_eq!(out.advisories[0].note.as_deref(), Some("affects only windows"));
}

#[test]
fn errata_give_a_row_for_each_cve_and_are_no_alias() {
    let out = check(
        &ALMALINUX,
        r#"{"id":"ALSA-2025:16109","summary":"Important: firefox security update","details":"long","related":["CVE-2025-10527","CVE-2025-10532"],
        "affected":[{"package":{"ecosystem":"AlmaLinux:10","name":"firefox"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"140.3.0-1.el10_0"}]}]}]}"#,
        &[
            "rpm/almalinux:10 firefox CVE-2025-10527 fixed [0,140.3.0-1.el10_0) ALSA-2025:16109",
            "rpm/almalinux:10 firefox CVE-2025-10532 fixed [0,140.3.0-1.el10_0) ALSA-2025:16109",
        ],
    );
    assert_eq!(out.advisories[0].severity, Some(Severity::High));
    assert!(out.records[0].aliases.is_empty() && out.records[0].details.is_none());
}

#[test]
fn related_is_no_alias_elsewhere() {
    let json = r#"{"id":"GHSA-aaaa-bbbb-cccc","related":["CVE-2020-0001"],"affected":[{"package":{"ecosystem":"npm","name":"a"}}]}"#;
    let out = check(&NPM, json, &["npm a GHSA-aaaa-bbbb-cccc affected *"]);
    assert!(out.records[0].aliases.is_empty());
}

#[test]
fn records_of_ones_own_may_be_an_array_of_any_ecosystem() {
    let out = check(
        &LOCAL,
        r#"[{"id":"CVE-2022-37434","affected":[
        {"package":{"ecosystem":"Alpine:v3.18","name":"zlib"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"1.2.12-r2"}]}]},
        {"package":{"ecosystem":"Debian:12","name":"zlib"},"ecosystem_specific":{"urgency":"unimportant"}},
        {"package":{"ecosystem":"Zurg:1","name":"zlib"}}]},
        {"id":"DEBIAN-CVE-2022-0001","upstream":["CVE-2022-0001"],"affected":[{"package":{"ecosystem":"Debian:13","name":"a"}}]}]"#,
        &[
            "apk/alpine:v3.18 zlib CVE-2022-37434 fixed [0,1.2.12-r2)",
            "deb/debian:12 zlib CVE-2022-37434 affected *",
            "deb/debian:13 a CVE-2022-0001 affected * DEBIAN-CVE-2022-0001",
        ],
    );
    assert_eq!(out.advisories[1].severity, Some(Severity::Negligible));
    assert_eq!(out.records[1].aliases, ["CVE-2022-0001"]);
    assert_eq!(out.quarantined.len(), 1, "the ecosystem that nobody knows");
}

#[test]
fn one_bad_record_costs_itself_alone() {
    let out = parse(
        &LOCAL,
        r#"[7,{"id":"CVE-2024/../../x-0001"},{"id":"A-1","affected":7},{"affected":[]},
        {"id":"A-2","aliases":["../x",7],"severity":"high","affected":[{"package":{"ecosystem":"npm","name":"a b"}},{"package":{"ecosystem":"npm","name":"ok"}},{"package":{"ecosystem":"npm"}}]},
        {"id":"A-3","affected":[{"ranges":[{"type":"GIT","events":[]}]},{"package":{"purl":"pkg:x/y"}}]}]"#,
    );
    assert_eq!((out.records_read, out.records_stored), (6, 1));
    assert_eq!((out.records_quarantined, out.out_of_scope), (3, 2));
    assert_eq!(out.advisories[0].package, "ok");
}

#[test]
fn what_is_no_json_is_an_error() {
    for bytes in [b"".as_slice(), b"<html>", b"[{", b"{\"id\":", b"7", b"PK\x03\x04", b"\x1f\x8b"] {
        let part = Part { name: "", file_name: "", bytes };
        assert!(LOCAL.parse(&part, &mut FeedOutput::default()).is_err(), "{bytes:?}");
    }
}

#[test]
fn an_announcement_cannot_multiply_without_end() {
    let list =
        |count: usize, item: &dyn Fn(usize) -> String| (0..count).map(item).collect::<Vec<_>>().join(",");
    let cves = list(2000, &|it| format!(r#""CVE-2020-{:04}""#, it + 1000));
    let packages = list(1000, &|it| format!(r#"{{"package":{{"ecosystem":"AlmaLinux:9","name":"p{it}"}}}}"#));
    let json = format!(r#"{{"id":"ALSA-2025:1","related":[{cves}],"affected":[{packages}]}}"#);
    let out = parse(&ALMALINUX, &json);
    assert_eq!((out.advisories.len(), out.records_quarantined), (0, 1));
    assert!(out.quarantined[0].why.contains("2000 CVEs times 1000 packages"));
}

#[test]
fn what_could_not_be_read_is_quoted_in_short() {
    let out = parse(&LOCAL, &format!(r#"[{{"id":"{}"}},"{}"]"#, "x".repeat(5000), "é".repeat(5000)));
    assert!(out.quarantined.iter().all(|it| it.record.len() <= 204 && it.why.len() <= 404));
}
