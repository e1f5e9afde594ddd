//! SARIF against a golden document.

use expect_test::expect_file;
use serde_json::{Value, json};

use super::Sarif;
use crate::golden::{self, rendered, rendered_value};

fn run(report: &plimsoll_core::Report) -> Value {
    rendered_value(&Sarif, report)["runs"][0].clone()
}

#[test]
fn the_golden_report_is_written_so() {
    expect_file!["../../testdata/everything.sarif"].assert_eq(&rendered(&Sarif, &golden::everything()));
}

#[test]
fn no_location_has_a_scheme_or_leaves_the_image() {
    let mut report = golden::everything();
    for name in ["localhost:5000/a:1", "oci:../../x", "/", "javascript:alert(1)"] {
        report.subject.name = name.to_owned();
        for result in run(&report)["results"].as_array().unwrap() {
            let uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
            assert!(
                !uri.is_empty() && !uri.contains(':') && !uri.starts_with('/') && !uri.contains(".."),
                "{uri}"
            );
        }
    }
}

#[test]
fn an_alert_is_the_same_alert_under_another_tag_and_version() {
    let fingerprint = |report| run(&report)["results"][1]["partialFingerprints"].clone();
    let mut other = golden::referenced();
    other.subject.name = "registry.example/shop/api:1.5".to_owned();
    for package in &mut other.images[0].packages {
        package.purl = package.purl.replace("@1.0.9?", "@1.0.10?");
    }
    assert_eq!(fingerprint(golden::referenced()), fingerprint(other));
}

#[test]
fn every_result_has_its_rule_and_no_two_the_same_fingerprint() {
    let run = run(&golden::everything());
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let mut seen = std::collections::BTreeSet::new();
    for result in run["results"].as_array().unwrap() {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(seen.insert(result["partialFingerprints"].to_string()));
    }
}

#[test]
fn an_incomplete_scan_was_not_successful() {
    let invocation = |report| run(&report)["invocations"][0].clone();
    assert_eq!(invocation(golden::everything())["executionSuccessful"], false);
    assert_eq!(invocation(golden::clean())["executionSuccessful"], true);
    assert_eq!(invocation(golden::clean())["toolExecutionNotifications"], json!([]));
    assert_eq!(invocation(golden::not_supported())["toolExecutionNotifications"][0]["level"], "error");
}

#[test]
fn what_is_kept_apart_is_suppressed() {
    let run = run(&golden::everything());
    for result in run["results"].as_array().unwrap() {
        let apart = ["CVE-2024-0008", "CVE-2024-0011", "NOTE-2024-1"].map(|id| json!(id));
        assert_eq!(result["suppressions"].is_array(), apart.contains(&result["ruleId"]));
    }
}
