use super::*;

fn parse(json: &str) -> FeedOutput {
    let mut out = FeedOutput::default();
    let part = Part { name: "tracker", file_name: "json", bytes: json.as_bytes() };
    DEBIAN.parse(&part, &mut out).unwrap();
    assert_eq!(out.records_read, out.records_stored + out.records_quarantined + out.out_of_scope);
    out
}

/// One row of bookworm beside `others`, as `STATUS range note severity`.
fn check(row: &str, others: &str, expected: &str) {
    let out =
        parse(&format!(r#"{{"zlib":{{"CVE-2023-45853":{{"releases":{{"bookworm":{row}{others}}}}}}}}}"#));
    let advisory = out.advisories.iter().find(|it| it.realm.0 == "deb/debian:12").unwrap();
    let range = match advisory.ranges.as_slice() {
        [] => "*".to_owned(),
        [Range { introduced: None, end: End::Fixed(fixed) }] => format!("<{fixed}"),
        other => format!("{other:?}"),
    };
    let note = advisory.note.as_deref().unwrap_or("-");
    let severity = advisory.severity.map_or("-", Severity::name);
    assert_eq!(format!("{} {range} | {note} | {severity}", advisory.status.name()), expected);
    assert_eq!(advisory.name_kind, NameKind::Source);
}

#[test]
fn what_nobody_has_looked_at_gives_no_row_and_is_counted() {
    let out = parse(r#"{"zlib":{"CVE-2020-0001":{"releases":{"bookworm":{"status":"undetermined"}}}}}"#);
    assert_eq!((out.advisories.len(), out.records_read, out.out_of_scope), (0, 1, 1));
}

#[test]
fn every_state_of_the_tracker_keeps_its_meaning() {
    check(r#"{"status":"resolved","fixed_version":"1.2-3","urgency":"high"}"#, "", "fixed <1.2-3 | - | high");
    check(r#"{"status":"resolved","fixed_version":"0","urgency":"low**"}"#, "", "not_affected * | - | low");
    check(r#"{"status":"open","urgency":"not yet assigned"}"#, "", "affected * | - | -");
    check(r#"{"status":"open","urgency":"unimportant"}"#, "", "affected * | - | negligible");
    check(r#"{"status":"open","urgency":"end-of-life"}"#, "", "end_of_life * | no longer supported | -");
    check(
        r#"{"status":"open","nodsa":"Minor issue","nodsa_reason":""}"#,
        "",
        "affected * | minor issue (no DSA): Minor issue | -",
    );
    check(
        r#"{"status":"open","nodsa":"not built","nodsa_reason":"ignored"}"#,
        "",
        "will_not_fix * | ignored: not built | -",
    );
    check(r#"{"status":"open","nodsa":"","nodsa_reason":"postponed"}"#, "", "fix_deferred * | postponed | -");
}

#[test]
fn extended_support_is_a_channel_and_speaks_of_old_releases_only() {
    let json = r#"{"bash":{"CVE-2024-0001":{"releases":{"stretch":{"status":"resolved","fixed_version":"4.4-5+deb9u1"},
        "jessie":{"status":"resolved","fixed_version":"0"},"bookworm":{"status":"open"},"sid":{"status":"open"}}},
        "CVE-2024-0002":{"releases":{"bookworm":{"status":"open"}}},
        "CVE-2024-0003":{"releases":{"sid":{"status":"open"}}}}}"#;
    let mut out = FeedOutput::default();
    let part = Part { name: "tracker", file_name: "json", bytes: json.as_bytes() };
    EXTENDED.parse(&part, &mut out).unwrap();
    let rows: Vec<_> = out
        .advisories
        .iter()
        .map(|it| (it.realm.0.as_str(), it.channel.as_deref(), it.status, it.ranges.len()))
        .collect();
    assert_eq!(
        rows,
        [
            ("deb/debian:9", None, Status::EndOfLife, 1),
            ("deb/debian:9", Some("elts"), Status::Fixed, 1),
            ("deb/debian:8", None, Status::NotAffected, 0),
        ]
    );
    assert_eq!((out.records_read, out.records_stored, out.out_of_scope), (3, 1, 2));
}

#[test]
fn rule_10_a_fix_that_is_not_in_the_archive_is_announced_and_not_offered() {
    check(
        r#"{"status":"open","fixed_version":"1.3","repositories":{"bookworm":"1.2"}}"#,
        "",
        "affected <1.3 | fix 1.3 announced, not yet in the archive | -",
    );
}

#[test]
fn rule_12_what_is_as_new_as_the_fix_in_sid_is_not_affected() {
    check(
        r#"{"status":"open","nodsa":"later","nodsa_reason":"postponed"}"#,
        r#","sid":{"status":"resolved","fixed_version":"1:1.3.1-1"}"#,
        "fix_deferred <1:1.3.1-1 | postponed: later | -",
    );
    check(
        r#"{"status":"open"}"#,
        r#","sid":{"status":"resolved","fixed_version":"0"}"#,
        "affected * | - | -",
    );
    check(r#"{"status":"open"}"#, r#","sid":{"status":"open"}"#, "affected * | - | -");
}

#[test]
fn an_unknown_status_is_not_read_as_not_affected() {
    let out = parse(
        r#"{"a":{"CVE-2024-0001":{"releases":{"sid":{"status":"weird"},"bookworm":{"status":"resolved"}}}}}"#,
    );
    assert!(out.advisories.iter().all(|it| it.status == Status::UnderInvestigation));
    assert_eq!((out.advisories.len(), out.quarantined.len()), (2, 2));
}

#[test]
fn one_bad_record_costs_itself_alone() {
    let out = parse(
        r#"{"a":7,"b":{"../../x":{"releases":{}},"CVE-2024-0001":3,"CVE-2024-0002":{"releases":[]},
        "CVE-2024-0003":{"releases":{"bookworm":{"status":"open"},"trixie":"?"}},
        "TEMP-0000000-1A2B3C":{"description":7,"releases":{"sid":{"status":"open"}}},
        "CVE-2024-0004":{"releases":{}},"CVE-2024-0005":{"releases":{"trixie":7}}}}"#,
    );
    assert_eq!((out.records_read, out.records_quarantined), (8, 5));
    assert_eq!((out.records_stored, out.out_of_scope), (2, 1));
    let ids: Vec<_> = out.advisories.iter().map(|it| it.vulnerability.as_str()).collect();
    assert_eq!(ids, ["CVE-2024-0003", "TEMP-0000000-1A2B3C"], "ids without a CVE are kept");
}

#[test]
fn releases_without_a_number_are_counted_once() {
    let out = parse(
        r#"{"a":{"CVE-2024-0001":{"releases":{"zurg":{"status":"open"},"sid":{"status":"open"}}},
        "CVE-2024-0002":{"releases":{"zurg":{"status":"open"},"jessie":{"status":"open"}}}}}"#,
    );
    let realms: Vec<_> = out.advisories.iter().map(|it| it.realm.0.as_str()).collect();
    assert_eq!(realms, ["deb/debian:sid", "deb/debian:8"]);
    assert_eq!(out.quarantined.len(), 1);
    assert!(out.quarantined[0].why.contains("2 rows"));
}

#[test]
fn a_description_is_kept_once_for_all_packages() {
    let out = parse(
        r#"{"a":{"CVE-2024-0001":{"description":"x","releases":{"sid":{"status":"open"}}}},
        "b":{"CVE-2024-0001":{"description":"x","releases":{"sid":{"status":"open"}}}}}"#,
    );
    assert_eq!((out.advisories.len(), out.records.len()), (2, 1));
    assert_eq!(out.records[0].details.as_deref(), Some("x"));
}

#[test]
fn a_file_cut_short_is_an_error() {
    let part = Part { name: "tracker", file_name: "json", bytes: br#"{"a":{"CVE-2024-0001":{"#.as_slice() };
    assert!(DEBIAN.parse(&part, &mut FeedOutput::default()).is_err());
}
