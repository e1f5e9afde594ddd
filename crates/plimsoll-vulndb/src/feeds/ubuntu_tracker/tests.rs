use super::super::shared::packed::tar;
use super::*;

fn parse(files: &[(&str, &str)]) -> FeedOutput {
    let mut out = FeedOutput::default();
    let part = Part { name: "tracker", file_name: "t.tar", bytes: &tar(files) };
    UbuntuTracker.parse(&part, &mut out).unwrap();
    assert_eq!(out.records_read, out.records_stored + out.records_quarantined + out.out_of_scope);
    out
}

/// One statement as `realm channel status range | note`.
fn check(line: &str, expected: &str) {
    let out = parse(&[("x/active/CVE-2024-0001", &format!("Candidate: CVE-2024-0001\n{line}\n"))]);
    let rows: Vec<String> = out
        .advisories
        .iter()
        .map(|it| {
            let range = match it.ranges.as_slice() {
                [] => "*".to_owned(),
                [Range { introduced: None, end: End::Fixed(fixed) }] => format!("<{fixed}"),
                other => format!("{other:?}"),
            };
            let (channel, note) = (it.channel.as_deref(), it.note.as_deref());
            let status = it.status.name();
            format!("{} {} {status} {range} | {}", it.realm, channel.unwrap_or("-"), note.unwrap_or("-"))
        })
        .collect();
    assert_eq!(rows.join("\n"), expected);
}

#[test]
fn every_state_of_the_tracker_keeps_its_meaning() {
    let jammy = |rest: &str, expected: &str| {
        check(&format!("jammy_glibc: {rest}"), &format!("deb/ubuntu:22.04 - {expected}"))
    };
    jammy("released (2.35-0ubuntu3.4)", "fixed <2.35-0ubuntu3.4 | -");
    jammy("released (0)", "not_affected * | 0");
    jammy("released", "under_investigation * | released without a version");
    jammy("released (esm only)", "under_investigation * | released without a version: esm only");
    jammy("not-affected (code not present)", "not_affected * | code not present");
    jammy("needed", "affected * | -");
    jammy("needs-triage", "under_investigation * | -");
    jammy("pending (2.35-1)", "affected <2.35-1 | fix 2.35-1 pending");
    jammy("pending", "affected * | -");
    jammy("in-progress", "affected * | -");
    jammy("deferred (2022-03-21)", "fix_deferred * | 2022-03-21");
    jammy("ignored (changes too intrusive)", "will_not_fix * | changes too intrusive");
    jammy("ignored", "will_not_fix * | -");
    jammy("ignored (end of life, was needed)", "end_of_life * | end of life, was needed");
    jammy("ignored (end of standard support)", "end_of_life * | end of standard support");
    jammy(
        "ignored (end of life, was not-affected [1.2])",
        "not_affected * | end of life, was not-affected [1.2]",
    );
    jammy("mystery (x)", "under_investigation * | mystery (x)");
    check("jammy_glibc: DNE", "");
}

#[test]
fn series_are_releases_and_channels() {
    check("esm-infra/xenial_glibc: needed", "deb/ubuntu:16.04 esm-infra affected * | -");
    check("esm-apps/jammy_glibc: needed", "deb/ubuntu:22.04 esm-apps affected * | -");
    check("trusty/esm_glibc: needed", "deb/ubuntu:14.04 esm-infra affected * | -");
    check("esm-infra-legacy/trusty_glibc: needed", "deb/ubuntu:14.04 esm-infra-legacy affected * | -");
    check("fips-updates/focal_glibc: needed", "deb/ubuntu:20.04 fips-updates affected * | -");
    for other in ["upstream", "devel", "snap", "vivid/ubuntu-core", "vivid/stable-phone-overlay"] {
        assert_eq!(place(other), Place::NotARelease, "{other}");
    }
    for strange in ["zurg", "esm-infra/zurg", "zurg/focal", ""] {
        assert_eq!(place(strange), Place::Unknown, "{strange}");
    }
}

const RECORD: &str = "# a remark\nCandidate: CVE-2023-4911\nPublicDate: 2023-10-03 18:15:00 UTC\n\
    References:\n https://ubuntu.com/security/notices/USN-6409-1\n javascript:x\nDescription:\n One\n two.\n\
    Notes:\n someone> text_with: colons\nPriority: high\n because\nPriority_sudo: low\nPriority_sudo_xenial: negligible\n\
    CVSS:\n nvd: CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H [7.8 HIGH]\n other: nonsense\n\n\
    Patches_glibc:\n upstream: https://x\nTags_glibc: not-ue\nxenial_glibc: needed\nxenial_sudo: needed\nbionic_sudo: needed\n";

#[test]
fn a_whole_file_becomes_a_record_with_rows() {
    let out = parse(&[("cves/CVE-2023-4911", RECORD)]);
    let severities: Vec<_> = out
        .advisories
        .iter()
        .map(|it| format!("{} {} {}", it.realm, it.package, it.severity.unwrap()))
        .collect();
    assert_eq!(
        severities,
        ["deb/ubuntu:16.04 glibc high", "deb/ubuntu:16.04 sudo negligible", "deb/ubuntu:18.04 sudo low"]
    );
    let record = &out.records[0];
    assert_eq!(record.details.as_deref(), Some("One\ntwo."));
    assert_eq!(record.references, ["https://ubuntu.com/security/notices/USN-6409-1"]);
    assert_eq!(record.ratings, [Rating { source: "ubuntu".to_owned(), severity: Severity::High }]);
    assert_eq!((record.cvss[0].source.as_str(), record.cvss[0].score_tenths), ("nvd", 78));
    assert_eq!(record.published.unwrap().to_string(), "2023-10-03T18:15:00Z");
    assert_eq!(out.quarantined.len(), 1, "the vector that is none");
}

#[test]
fn untriaged_is_no_severity() {
    let text = "Priority: untriaged\nxenial_a: needed\n";
    let out = parse(&[("active/CVE-2024-0001", text)]);
    assert_eq!(out.advisories[0].severity, None);
    assert_eq!(out.records[0].ratings, []);
}

#[test]
fn files_that_are_no_records_are_not_read_and_empty_ones_are_told() {
    let out = parse(&[
        ("README", "x"),
        ("active/00boilerplate.linux", "jammy_a: needed"),
        ("active/CVE-2024-NNN1", "jammy_a: needed"),
        ("subprojects/x/CVE-2024-0009", "jammy_a: needed"),
        ("active/CVE-2024-0001", ""),
        ("active/CVE-2024-0002", "jammy_a: DNE\n"),
        ("retired/CVE-2024-0003", "Description:\n ** REJECT ** no\njammy_a: needed\n"),
        ("retired/CVE-2024-0004", "zurg_a: needed\njammy_a: needed\n"),
    ]);
    assert_eq!((out.records_read, out.records_stored, out.out_of_scope), (4, 1, 2));
    assert_eq!((out.records_quarantined, out.quarantined.len()), (1, 2));
    assert_eq!(out.advisories.len(), 1);
    assert!(out.records[0].withdrawn);
}

#[test]
fn a_tar_without_records_is_an_error() {
    let part = Part { name: "", file_name: "", bytes: &tar(&[("README", "x")]) };
    assert!(UbuntuTracker.parse(&part, &mut FeedOutput::default()).is_err());
}
