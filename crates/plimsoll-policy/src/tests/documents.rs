//! Policies as people write them, and what they are told.

use super::*;

const FULL: &str = r#"{
  "mode": "block", "dry_run": true, "severity": "High", "only_fixable": true, "fix_age_days": 7,
  "grace_days": {"critical": 0, "high": 14}, "unrated": "allow", "known_exploited": "deny",
  "epss": {"at_least": 0.1, "action": "warn"}, "unscanned": "allow", "unsupported": "deny",
  "incomplete": "deny", "end_of_life": "allow", "stale_database": "deny", "database_age_days": 3,
  "spare_pulled_days": 30, "unused_exceptions": "warn", "scanners": ["robot/scanner"]
}"#;

#[test]
fn a_policy_is_read_and_written_the_same() {
    let policy = Policy::from_json(FULL).unwrap();
    assert_eq!(policy.grace_days, [(Severity::Critical, 0), (Severity::High, 14)].into());
    assert_eq!(policy.epss, Some(EpssLevel { at_least_millionths: 100_000, outcome: Outcome::Warn }));
    let written = policy.to_json();
    assert_eq!(Policy::from_json(&written).unwrap(), policy);
    assert_eq!(Policy::from_json(&written).unwrap().to_json(), written);
    assert_eq!(Policy::from_json(&Policy::off().to_json()).unwrap(), Policy::off());
}

#[test]
fn what_is_left_out_is_as_usual() {
    assert_eq!(Policy::from_json("{}").unwrap(), Policy::usual());
    assert_eq!(Policy::from_toml("").unwrap(), Policy::usual());
    let policy = Policy::from_toml("severity = \"high\"\n[epss]\nat_least = 0.5\n").unwrap();
    assert_eq!(policy.epss, Some(EpssLevel { at_least_millionths: 500_000, outcome: Outcome::Deny }));
    assert_eq!(policy.severity, Some(Severity::High));
}

#[test]
fn the_same_words_stand_in_toml() {
    let toml = r#"
        mode = "block"
        severity = "high"
        grace_days = { high = 14 }
        scanners = ["robot/scanner"]
    "#;
    let json = r#"{"severity":"high","grace_days":{"high":14},"scanners":["robot/scanner"]}"#;
    assert_eq!(Policy::from_toml(toml).unwrap(), Policy::from_json(json).unwrap());
}

#[track_caller]
fn refused(text: &str, expected: &str) {
    assert_eq!(Policy::from_json(text).unwrap_err().to_string(), expected);
}

#[test]
fn what_is_wrong_is_said_with_its_place_and_what_would_be_right() {
    refused(
        "{\n  \"severity\": \"hihg\"\n}",
        "line 2, column 20: `hihg` is no severity; use one of critical, high, medium, low, negligible, unknown",
    );
    refused(r#"{"mode":"on"}"#, "line 1, column 12: `on` is no mode; use one of off, warn, block");
    refused(r#"{"unscanned":"no"}"#, "line 1, column 17: `no` is no action; use one of allow, warn, deny");
    refused(r#"{"fix_age_days":-1}"#, "line 1, column 18: -1 days are none; use 0 to 3650");
    let error = Policy::from_json(r#"{"severty":"high"}"#).unwrap_err();
    assert_eq!((error.line, error.column), (Some(1), Some(10)));
    assert!(error.what.starts_with("unknown field `severty`, expected one of `mode`"), "{error}");
    let error = Policy::from_json(r#"{"epss":{"at_least":7}}"#).unwrap_err();
    assert!(error.what.contains("from 0 to 1, such as 0.1"), "{error}");
    let error = Policy::from_toml("mode = \"block\"\nseverity = \"hihg\"\n").unwrap_err();
    assert_eq!((error.line, error.column), (Some(2), Some(12)));
    assert!(error.what.starts_with("`hihg` is no severity"), "{error}");
    for bad in ["", "[]", "null", "{", "{\"mode\":\"off\",\"mode\":\"block\"}", &"[".repeat(60_000)] {
        assert!(Policy::from_json(bad).is_err(), "{bad}");
    }
    assert!(Policy::from_json(&" ".repeat(70_000)).unwrap_err().what.contains("at most"));
}

#[test]
fn what_cannot_be_meant_is_refused() {
    refused(
        r#"{"only_fixable":true}"#,
        "`only_fixable`, `fix_age_days` and `grace_days` say which findings count for `severity` and `epss`; set one of these",
    );
    let error = Policy::from_json(r#"{"severity":"high","grace_days":{"low":3}}"#).unwrap_err();
    assert!(error.what.contains("below `severity`"), "{error}");
    let error = Policy::from_json(r#"{"scanners":[""]}"#).unwrap_err();
    assert!(error.what.contains("`scanners`"), "{error}");
}
