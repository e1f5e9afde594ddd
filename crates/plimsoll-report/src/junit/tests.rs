//! JUnit against a golden document.

use expect_test::expect_file;

use super::JUnit;
use crate::golden::{self, rendered};

#[test]
fn the_golden_report_is_written_so() {
    expect_file!["../../testdata/everything.junit.xml"].assert_eq(&rendered(&JUnit, &golden::everything()));
}

#[test]
fn only_a_complete_scan_without_findings_is_green() {
    let counts = |report| {
        let text = rendered(&JUnit, &report);
        text.lines().nth(1).unwrap().to_owned()
    };
    assert!(counts(golden::clean()).contains("tests=\"2\" failures=\"0\" errors=\"0\""));
    assert!(counts(golden::not_supported()).contains("errors=\"2\""));
    assert!(counts(golden::everything()).contains("skipped=\"3\""));
}

#[test]
fn every_image_of_an_index_is_a_suite() {
    let text = rendered(&JUnit, &golden::index());
    assert_eq!(text.matches("<testsuite ").count(), 3);
    assert!(text.contains("(linux/arm64/v8)"));
}
