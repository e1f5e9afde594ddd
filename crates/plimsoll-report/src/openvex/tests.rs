//! OpenVEX against a golden document.

use expect_test::expect_file;
use serde_json::json;

use super::OpenVex;
use crate::golden::{self, rendered, rendered_value};

#[test]
fn the_golden_report_is_written_so() {
    expect_file!["../../testdata/everything.openvex.json"]
        .assert_eq(&rendered(&OpenVex, &golden::referenced()));
}

#[test]
fn a_justification_is_given_only_where_it_is_known() {
    let document = rendered_value(&OpenVex, &golden::everything());
    for statement in document["statements"].as_array().unwrap() {
        let expected = match statement["vulnerability"]["name"].as_str().unwrap() {
            "CVE-2024-0008" | "CVE-2024-0011" => {
                ("not_affected", json!("vulnerable_code_not_present"), false)
            }
            "CVE-2024-0006" | "CVE-2024-0007" => ("under_investigation", json!(null), false),
            _ => ("affected", json!(null), true),
        };
        let actual = (
            statement["status"].as_str().unwrap(),
            statement["justification"].clone(),
            statement["action_statement"].is_string(),
        );
        assert_eq!(actual, expected, "{statement}");
    }
}

#[test]
fn every_image_of_an_index_is_a_product_of_its_own() {
    let mut report = golden::index();
    report.subject.name = "registry.example/shop/api:1.4".to_owned();
    let document = rendered_value(&OpenVex, &report);
    let products = document["statements"][1]["products"].as_array().unwrap();
    assert_eq!(products.len(), 2);
    assert!(
        products[1]["@id"].as_str().unwrap().starts_with(&format!("pkg:oci/api@sha256:{}", "bb".repeat(32)))
    );
}

#[test]
fn what_is_missing_is_said_where_the_format_lets_one() {
    let tooling = |report| rendered_value(&OpenVex, &report)["tooling"].clone();
    assert_eq!(tooling(golden::clean()), "plimsoll 1.2.3");
    assert!(tooling(golden::everything()).as_str().unwrap().contains("NOT COMPLETE"));
}
