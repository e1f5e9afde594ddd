//! Advisories that are about no vulnerability: left out, or shown apart where they are asked for.

use serde_json::{Value, json};

use crate::sandbox::Sandbox;

const PACKAGE: &str = "purl:pkg:cargo/old-crate@1.0.0";

/// A vulnerability with a fix, and that nobody looks after the crate any more.
fn feed() -> Vec<Value> {
    let record = |id: &str, end: Option<&str>, about: Value| {
        let mut events = vec![json!({ "introduced": "0.0.0-0" })];
        events.extend(end.map(|version| json!({ "fixed": version })));
        json!({
            "schema_version": "1.6.0",
            "id": id,
            "modified": "2024-01-01T00:00:00Z",
            "summary": format!("{id} of old-crate"),
            "affected": [{
                "package": { "ecosystem": "crates.io", "name": "old-crate" },
                "ranges": [{ "type": "SEMVER", "events": events }],
                "database_specific": about,
            }],
        })
    };
    vec![
        record("RUSTSEC-2024-0001", Some("1.2.0"), json!({})),
        record("RUSTSEC-2024-0002", None, json!({ "informational": "unmaintained" })),
    ]
}

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    let mirror = sandbox.mirror("mirror", &feed());
    let ran = sandbox.run(&["db", "update", "--mirror", &mirror]);
    assert_eq!(ran.status, 0, "{}{}", ran.out, ran.err);
    sandbox
}

fn ids(report: &Value) -> Vec<(&str, &str)> {
    let findings = report["findings"].as_array().unwrap().iter();
    findings.map(|it| (it["id"].as_str().unwrap(), it["class"].as_str().unwrap())).collect()
}

#[test]
fn what_is_no_vulnerability_is_shown_to_those_who_ask_and_never_counted() {
    let sandbox = sandbox();
    let report = sandbox.report(0, &[PACKAGE]);
    assert_eq!(ids(&report), [("RUSTSEC-2024-0001", "vulnerability")]);

    let asked = sandbox.report(0, &["--informational", PACKAGE]);
    let both = [("RUSTSEC-2024-0001", "vulnerability"), ("RUSTSEC-2024-0002", "informational")];
    assert_eq!(ids(&asked), both);
    assert_eq!(asked["findings"][1]["note"], "unmaintained");
    assert_eq!(asked["summary"], report["summary"]);
}

#[test]
fn the_table_has_it_in_a_part_of_its_own() {
    let ran = sandbox().run(&["scan", "--informational", PACKAGE]);
    let (counted, apart) = ran.out.split_once("Informational (no vulnerabilities, and not counted)").unwrap();
    assert!(!counted.contains("RUSTSEC-2024-0002"), "{counted}");
    assert!(apart.contains("RUSTSEC-2024-0002") && apart.contains("unmaintained"), "{apart}");
    assert!(ran.out.contains("1 vulnerability in 1 finding"), "{}", ran.out);
}

#[test]
fn no_gate_heeds_it() {
    let sandbox = sandbox();
    let gate = |more: &[&str]| {
        let arguments = ["scan", "--informational", "--fail-on", "unknown", PACKAGE];
        sandbox.run(&[&arguments, more].concat()).status
    };
    assert_eq!(gate(&[]), 1);
    assert_eq!(gate(&["--ignore", "RUSTSEC-2024-0001"]), 0);
}

#[test]
fn explain_answers_without_being_asked_twice() {
    let ran = sandbox().run(&["explain", "RUSTSEC-2024-0002", PACKAGE]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(ran.out.contains("informational (unmaintained): no vulnerability"), "{}", ran.out);
    assert!(ran.out.contains("affected           old-crate"), "{}", ran.out);
}
