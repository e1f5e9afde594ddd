use super::*;

fn parse(json: &str) -> FeedOutput {
    let mut out = FeedOutput::default();
    let part = Part { name: "x.json", file_name: "x.json", bytes: json.as_bytes() };
    UbuntuVex.parse(&part, &mut out).unwrap();
    assert_eq!(out.records_read, out.records_stored + out.records_quarantined + out.out_of_scope);
    out
}

/// The rows of one statement about two products, as `realm channel package status | note`.
fn check(more: &str, distro: &str, expected: &[&str]) {
    let out = parse(&format!(
        r#"{{"statements":[{{"vulnerability":{{"name":"CVE-2024-0001"}},{more},"products":[
        {{"@id":"pkg:deb/ubuntu/libsigc%2B%2B@2.0-1?arch=source&distro={distro}"}},
        {{"@id":"pkg:deb/ubuntu/libsigc-dev@2.0-1?arch=amd64&distro={distro}"}}]}}]}}"#
    ));
    let rows: Vec<String> = out
        .advisories
        .iter()
        .map(|it| {
            let (channel, note) = (it.channel.as_deref().unwrap_or("-"), it.note.as_deref().unwrap_or("-"));
            format!("{} {channel} {} {} | {note}", it.realm, it.package, it.status.name())
        })
        .collect();
    assert_eq!(rows, expected);
}

#[test]
fn words_of_affected_packages_are_told_apart() {
    let affected = |action: &str| format!(r#""status":"affected","action_statement":"{action}""#);
    let start = "This package (for the given release) is";
    check(
        &affected(&format!(
            "{start} vulnerable to the CVE, the problem is understood, but the Ubuntu Security Team decided to not fix it. CVE Notes / justification: too hard"
        )),
        "jammy",
        &["deb/ubuntu:22.04 - libsigc++ will_not_fix | too hard"],
    );
    check(
        &affected(&format!("{start} no longer supported. Please upgrade your system.")),
        "esm-infra/xenial",
        &["deb/ubuntu:16.04 esm-infra libsigc++ end_of_life | -"],
    );
    check(
        &affected(&format!("{start} vulnerable to the CVE and needs fixing.")),
        "noble",
        &["deb/ubuntu:24.04 - libsigc++ affected | -"],
    );
    check(&affected("anything new"), "noble", &["deb/ubuntu:24.04 - libsigc++ affected | -"]);
}

#[test]
fn a_package_that_a_release_does_not_have_is_not_called_not_affected() {
    check(
        r#""status":"not_affected","justification":"vulnerable_code_not_present","impact_statement":"x. CVE Notes / justification: since 7.69""#,
        "focal",
        &["deb/ubuntu:20.04 - libsigc++ not_affected | since 7.69"],
    );
    check(r#""status":"not_affected","justification":"component_not_present""#, "noble", &[]);
    check(r#""status":"fixed""#, "noble", &[]);
}

#[test]
fn what_cannot_be_read_is_counted() {
    let out = parse(r#"{"statements":[7,{"vulnerability":{"name":"../../x"},"status":"affected"}]}"#);
    assert_eq!(out.records_quarantined, 1);
    assert_eq!(parse(r#"{"x":1}"#).records_quarantined, 1);
    assert_eq!(parse(r#"{"statements":[]}"#).out_of_scope, 1);
    let unknown = parse(
        r#"{"statements":[{"vulnerability":{"name":"CVE-2024-0001"},"status":"weird","products":[
        {"@id":"pkg:deb/ubuntu/a@1?arch=source&distro=zzz"},{"@id":"pkg:deb/ubuntu/a@1?arch=src?distro=jammy"}]}]}"#,
    );
    assert_eq!((unknown.advisories.len(), unknown.quarantined.len()), (1, 2));
    assert_eq!(unknown.advisories[0].status, Status::UnderInvestigation);
    let part = Part { name: "", file_name: "", bytes: b"{" };
    assert!(UbuntuVex.parse(&part, &mut FeedOutput::default()).is_err());
}
