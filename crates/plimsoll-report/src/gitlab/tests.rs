//! GitLab's report against a golden document, and its limits.

use expect_test::expect_file;

use super::GitLab;
use crate::golden::{self, rendered, rendered_value};

#[test]
fn the_golden_report_is_written_so() {
    expect_file!["../../testdata/everything.gitlab.json"]
        .assert_eq(&rendered(&GitLab, &golden::everything()));
}

#[test]
fn long_names_are_cut_and_numbers_are_unique() {
    let mut report = golden::everything();
    report.images[0].packages[0].package.name = "\u{e9}".repeat(10_000);
    let document = rendered_value(&GitLab, &report);
    let mut seen = std::collections::BTreeSet::new();
    for it in document["vulnerabilities"].as_array().unwrap() {
        assert!(it["name"].as_str().unwrap().chars().count() <= 255);
        assert!(it["solution"].as_str().unwrap().chars().count() <= 7000);
        assert!(seen.insert(it["id"].to_string()));
    }
}

#[test]
fn what_is_missing_is_a_message() {
    let scan = |report| rendered_value(&GitLab, &report)["scan"].clone();
    assert!(scan(golden::clean())["messages"].is_null());
    assert_eq!(scan(golden::everything())["messages"][0]["level"], "warn");
    assert_eq!(scan(golden::not_supported())["status"], "failure");
    assert_eq!(scan(golden::not_supported())["messages"][0]["level"], "fatal");
}
