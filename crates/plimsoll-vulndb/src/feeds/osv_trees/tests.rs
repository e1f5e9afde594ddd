use plimsoll_core::End;

use super::super::shared::packed::tar;
use super::*;

fn parse(feed: &Tree, files: &[(&str, &str)]) -> FeedOutput {
    let mut out = FeedOutput::default();
    feed.parse(&Part { name: "x", file_name: "x", bytes: &tar(files) }, &mut out).unwrap();
    assert_eq!(out.records_read, out.records_stored + out.records_quarantined + out.out_of_scope);
    out
}

#[test]
fn only_reviewed_advisories_of_github_are_read() {
    let record = |id: &str, ecosystem: &str| {
        format!(
            r#"{{"id":"{id}","affected":[{{"package":{{"ecosystem":"{ecosystem}","name":"a"}},
            "ranges":[{{"type":"ECOSYSTEM","events":[{{"introduced":"0"}}]}}],
            "database_specific":{{"last_known_affected_version_range":"<= 1.2.3"}}}}]}}"#
        )
    };
    let out = parse(
        &GHSA,
        &[
            ("db/advisories/github-reviewed/2024/01/GHSA-a/GHSA-a.json", &record("GHSA-a", "Maven")),
            ("db/advisories/github-reviewed/2024/01/GHSA-b/GHSA-b.json", &record("GHSA-b", "GitHub Actions")),
            ("db/advisories/unreviewed/2024/01/GHSA-c/GHSA-c.json", &record("GHSA-c", "npm")),
        ],
    );
    assert_eq!((out.records_read, out.records_stored, out.out_of_scope), (2, 1, 1));
    assert_eq!(out.advisories[0].realm.0, "maven");
    assert_eq!(out.advisories[0].note.as_deref(), Some("last known affected: <= 1.2.3"));
}

#[test]
fn the_index_of_go_is_no_record_and_symbols_are_kept() {
    let record = r#"{"id":"GO-2024-2687","aliases":["CVE-2023-45288"],"affected":[
        {"package":{"ecosystem":"Go","name":"golang.org/x/net"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"0.23.0"}]}],
         "ecosystem_specific":{"imports":[{"path":"golang.org/x/net/http2","symbols":["Framer.ReadFrame"]}]}},
        {"package":{"ecosystem":"Go","name":"example.com/b"}}]}"#;
    let out = parse(&GO_VULNDB, &[("ID/GO-2024-2687.json", record), ("index/db.json", "{}")]);
    assert_eq!((out.records_read, out.records_stored), (1, 1));
    let code = &out.records[0].code;
    let found: Vec<_> =
        code.iter().map(|it| (it.package.as_str(), it.path.as_str(), it.symbols.len())).collect();
    assert_eq!(found, [("golang.org/x/net", "golang.org/x/net/http2", 1), ("example.com/b", "", 0)]);
}

#[test]
fn versions_in_yaml_are_texts() {
    let record = "id: PYSEC-2014-9\nwithdrawn: null\naffected:\n- package:\n    name: Oslo_Utils\n    ecosystem: PyPI\n  ranges:\n  - type: ECOSYSTEM\n    events:\n    - introduced: '0'\n    - fixed: 1.10\n  versions:\n  - 0.90\naliases: [CVE-2014-0001]\n";
    let out =
        parse(&PYPA, &[("x/vulns/oslo/PYSEC-2014-9.yaml", record), ("x/vulns/b/PYSEC-1.yaml", "id: [")]);
    assert_eq!((out.records_stored, out.records_quarantined), (1, 1));
    let row = &out.advisories[0];
    assert_eq!((row.package.as_str(), row.vulnerability.as_str()), ("oslo-utils", "CVE-2014-0001"));
    assert_eq!(row.ranges[0].end, End::Fixed("1.10".to_owned()));
    assert_eq!(row.versions, ["0.90"]);
}
