//! Grype's JSON against a golden document.

use expect_test::expect_file;

use super::Grype;
use crate::golden::{self, rendered, rendered_value};

#[test]
fn the_golden_report_is_written_so() {
    expect_file!["../../testdata/everything.grype.json"].assert_eq(&rendered(&Grype, &golden::referenced()));
}

#[test]
fn what_is_kept_apart_is_ignored_with_the_reason() {
    let document = rendered_value(&Grype, &golden::everything());
    assert_eq!(document["matches"].as_array().unwrap().len(), 11);
    let ignored = &document["ignoredMatches"][0];
    assert_eq!(ignored["vulnerability"]["id"], "CVE-2024-0008");
    assert!(ignored["appliedIgnoreRules"][0]["reason"].as_str().unwrap().contains("kernel"));
}

#[test]
fn what_is_missing_stands_in_the_descriptor() {
    assert_eq!(rendered_value(&Grype, &golden::everything())["descriptor"]["complete"], false);
    assert_eq!(rendered_value(&Grype, &golden::clean())["descriptor"]["complete"], true);
}
