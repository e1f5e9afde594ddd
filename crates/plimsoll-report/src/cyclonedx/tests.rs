//! CycloneDX against golden documents; the schema is asked by the tests of the program.

use expect_test::expect_file;
use serde_json::json;

use super::{CycloneDx, CycloneDxSbom};
use crate::golden::{self, rendered, rendered_value};

#[test]
fn the_golden_report_is_written_so() {
    expect_file!["../../testdata/everything.cdx.json"]
        .assert_eq(&rendered(&CycloneDx, &golden::everything()));
}

#[test]
fn every_reference_is_given_once_and_leads_somewhere() {
    for report in [golden::everything(), golden::index()] {
        let bom = rendered_value(&CycloneDx, &report);
        let components = bom["components"].as_array().unwrap();
        let references: std::collections::BTreeSet<_> =
            components.iter().map(|it| it["bom-ref"].as_str().unwrap()).collect();
        assert_eq!(references.len(), components.len());
        for vulnerability in bom["vulnerabilities"].as_array().unwrap() {
            for affected in vulnerability["affects"].as_array().unwrap() {
                assert!(references.contains(affected["ref"].as_str().unwrap()), "{affected}");
            }
        }
    }
}

#[test]
fn what_is_missing_makes_the_composition_incomplete() {
    let aggregate = |report| rendered_value(&CycloneDxSbom, &report)["compositions"][0]["aggregate"].clone();
    assert_eq!(aggregate(golden::everything()), "incomplete");
    assert_eq!(aggregate(golden::not_supported()), "incomplete");
    assert_eq!(aggregate(golden::clean()), "unknown");
    let bom = rendered_value(&CycloneDxSbom, &golden::everything());
    assert!(bom["annotations"][0]["text"].as_str().unwrap().starts_with("NOT COMPLETE"));
    assert_eq!(bom["vulnerabilities"], json!(null));
}

#[test]
fn kernel_headers_are_not_affected_and_doubt_is_in_triage() {
    let bom = rendered_value(&CycloneDx, &golden::everything());
    let state = |id: &str| {
        let all = bom["vulnerabilities"].as_array().unwrap();
        all.iter().find(|it| it["id"] == id).unwrap()["analysis"]["state"].clone()
    };
    assert_eq!(state("CVE-2024-0008"), "not_affected");
    assert_eq!(state("CVE-2024-0006"), "in_triage");
    assert_eq!(state("CVE-2024-0007"), "in_triage");
    assert_eq!(state("CVE-2024-0001"), json!(null));
}

#[test]
fn an_image_of_a_registry_has_a_package_url() {
    let bom = rendered_value(&CycloneDxSbom, &golden::referenced());
    let digest = "aa".repeat(32);
    let purl = format!("pkg:oci/api@sha256:{digest}?repository_url=registry.example%2Fshop%2Fapi&tag=1.4");
    assert_eq!(bom["metadata"]["component"]["purl"], purl);
}
