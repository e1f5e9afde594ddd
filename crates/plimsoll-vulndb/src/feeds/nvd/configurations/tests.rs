use super::*;

/// The rows of one record's configurations, as `package status ranges versions | note`.
#[track_caller]
fn check(configurations: &str, expected: &[&str]) {
    let list: Vec<Configuration<'_>> = serde_json::from_str(configurations).unwrap();
    let mut out = FeedOutput::default();
    rows("nvd", "CVE-2024-0001", &list, &mut out);
    let shown: Vec<String> = out.advisories.iter().map(show).collect();
    assert_eq!(shown, expected);
}

fn show(row: &Advisory) -> String {
    let mut text = format!("{} {}", row.package, row.status.name());
    for range in &row.ranges {
        let start = range.introduced.as_deref().unwrap_or("0");
        text += &match &range.end {
            End::Fixed(end) => format!(" [{start},{end})"),
            End::LastAffected(end) => format!(" [{start},{end}]"),
            End::Limit(end) => format!(" [{start},{end}|"),
            End::Open => format!(" [{start},"),
        };
    }
    for version in &row.versions {
        text += &format!(" ={version}");
    }
    if let Some(note) = &row.note {
        text += &format!(" | {note}");
    }
    text
}

fn one(criteria: &str, bounds: &str) -> String {
    format!(
        r#"[{{"nodes":[{{"operator":"OR","negate":false,"cpeMatch":[{{"vulnerable":true,"criteria":"cpe:2.3:{criteria}"{bounds}}}]}}]}}]"#
    )
}

#[test]
fn bounds_are_what_they_say() {
    let nginx = "a:f5:nginx:*:*:*:*:*:*:*:*";
    check(&one(nginx, r#","versionEndExcluding":"1.2.3""#), &["nginx fixed [0,1.2.3)"]);
    check(
        &one(nginx, r#","versionStartIncluding":"1.0","versionEndIncluding":"1.2""#),
        &["nginx affected [1.0,1.2]"],
    );
    check(&one(nginx, r#","versionStartExcluding":"1.0""#), &["nginx affected [1.0,"]);
    check(&one(nginx, ""), &["nginx affected"]);
    check(&one("a:nginx:nginx:1.20.0:*:*:*:*:*:*:*", ""), &["nginx affected =1.20.0"]);
}

#[test]
fn a_version_and_its_update_are_one_version() {
    check(&one("a:openssl:openssl:1.1.1:k:*:*:*:*:*:*", ""), &["openssl affected =1.1.1k"]);
    check(&one("a:python:python:3.11.0:alpha1:*:*:*:*:*:*", ""), &["python affected =3.11.0alpha1"]);
    check(&one("a:python:python:3.11.0:-:*:*:*:*:*:*", ""), &["python affected =3.11.0"]);
    check(&one("a:openbsd:openssh:9.3:p1:*:*:*:*:*:*", ""), &["openssh affected =9.3p1"]);
    check(&one("a:openbsd:openssh:9.3:*:*:*:*:*:*:*", ""), &["openssh affected [9.3,9.3p99]"]);
    check(
        &one("a:openbsd:openssh:*:*:*:*:*:*:*:*", r#","versionEndIncluding":"9.3""#),
        &["openssh affected [0,9.3p99]"],
    );
}

#[test]
fn no_version_is_not_any_version() {
    check(&one("a:openssl:openssl:-:*:*:*:*:*:*:*", ""), &[]);
}

#[test]
fn java_is_spelled_as_its_release_file_spells_it() {
    for (dictionary, expected) in [
        ("1.8.0-update_33", "1.8.0_33"),
        ("1.7.0-update75", "1.7.0_75"),
        ("8-update401", "1.8.0_401"),
        ("8u401", "1.8.0_401"),
        ("8", "1.8.0"),
        ("1.8.0_402", "1.8.0_402"),
        ("11.0.22", "11.0.22"),
        ("9", "9"),
        ("21", "21"),
    ] {
        assert_eq!(spelled(dictionary, Style::Java), expected);
    }
    check(&one("a:oracle:openjdk:8:update401:*:*:*:*:*:*", ""), &["openjdk affected =1.8.0_401"]);
}

#[test]
fn openjdk_is_meant_by_oracles_names_only_where_nothing_names_it() {
    let both = r#"[{"nodes":[{"cpeMatch":[
        {"vulnerable":true,"criteria":"cpe:2.3:a:oracle:jdk:1.8.0:update401:*:*:*:*:*:*"},
        {"vulnerable":true,"criteria":"cpe:2.3:a:oracle:openjdk:8:update402:*:*:*:*:*:*"}]}]}]"#;
    check(both, &["jdk affected =1.8.0_401", "openjdk affected =1.8.0_402"]);
    check(
        &one("a:oracle:jdk:21.0.2:*:*:*:*:*:*:*", ""),
        &["jdk affected =21.0.2", "openjdk affected =21.0.2"],
    );
}

/// `python` AND a condition.
fn and(condition: &str) -> String {
    format!(
        r#"[{{"operator":"AND","nodes":[{{"operator":"OR","negate":false,"cpeMatch":[{{"vulnerable":true,"criteria":"cpe:2.3:a:python:python:*:*:*:*:*:*:*:*","versionEndExcluding":"3.12.0"}}]}},
        {{"operator":"OR","negate":false,"cpeMatch":[{condition}]}}]}}]"#
    )
}

#[test]
fn conditions_that_no_container_meets_leave_the_row_out() {
    let on = |name: &str| format!(r#"{{"vulnerable":false,"criteria":"cpe:2.3:{name}:*:*:*:*:*:*:*"}}"#);
    let windows = on("o:microsoft:windows:-");
    let linux = on("o:linux:linux_kernel:-");
    check(&and(&windows), &[]);
    check(&and(&linux), &["python fixed [0,3.12.0)"]);
    check(&and(&format!("{windows},{linux}")), &["python fixed [0,3.12.0)"]);
    check(&and(&on("a:acme:rocket:1")), &["python fixed [0,3.12.0) | only together with acme rocket"]);
    check(
        &and(&format!("{windows},{}", on("h:acme:box:-"))),
        &["python fixed [0,3.12.0) | only together with acme box"],
    );
}

#[test]
fn a_platform_is_not_vulnerable() {
    let json =
        r#"[{"nodes":[{"cpeMatch":[{"vulnerable":false,"criteria":"cpe:2.3:a:php:php:*:*:*:*:*:*:*:*"}]}]}]"#;
    check(json, &[]);
}

#[test]
fn targets_tell_plug_ins_and_other_systems_apart() {
    check(&one("a:redis:redis:*:*:*:*:*:wordpress:*:*", ""), &[]);
    check(&one("a:redis:redis:*:*:*:*:*:windows:*:*", ""), &[]);
    check(&one("a:nodejs:node.js:*:*:*:*:-:*:*:*", ""), &["node affected"]);
    check(&one("a:ruby-lang:ruby:3.0:*:*:*:*:ruby:*:*", ""), &["ruby affected =3.0"]);
    check(&one("a:acme:nginx:*:*:*:*:*:*:*:*", ""), &[]);
    check(&one("o:f5:nginx:*:*:*:*:*:*:*:*", ""), &[]);
}

#[test]
fn what_cannot_be_read_is_said_and_is_not_read_as_no() {
    let list: Vec<Configuration<'_>> = serde_json::from_str(
        r#"[{"nodes":[{"cpeMatch":[{"vulnerable":true,"criteria":"cpe:2.3:a:soap::lite:soap::lite:*:*:*:*:*:perl:*:*"},
        {"vulnerable":true,"criteria":"cpe:2.3:a:php:php:*:*:*:*:*:*:*:*","versionEndExcluding":"\u0007"}]}]},
        {"negate":true,"nodes":[]}]"#,
    )
    .unwrap();
    let mut out = FeedOutput::default();
    rows("nvd", "CVE-2024-0001", &list, &mut out);
    assert_eq!(out.quarantined.len(), 3, "{:?}", out.quarantined);
    assert_eq!(show(&out.advisories[0]), "php under_investigation");
}
