//! SPDX against golden documents in both notations.

use expect_test::expect_file;

use super::{SpdxJson, SpdxTagValue};
use crate::golden::{self, rendered, rendered_value};

#[test]
fn the_golden_report_is_written_so() {
    expect_file!["../../testdata/everything.spdx.json"]
        .assert_eq(&rendered(&SpdxJson, &golden::everything()));
    expect_file!["../../testdata/everything.spdx"].assert_eq(&rendered(&SpdxTagValue, &golden::everything()));
}

#[test]
fn a_value_can_neither_begin_a_field_nor_end_a_text() {
    let mut report = golden::clean();
    let package = &mut report.images[0].packages[0].package;
    package.name = "a\nPackageName: b".to_owned();
    package.license = Some("</text>\nSPDXID: SPDXRef-evil".to_owned());
    let text = rendered(&SpdxTagValue, &report);
    assert!(!text.contains("\nPackageName: b"));
    assert!(text.contains("<text>< /text>\nSPDXID: SPDXRef-evil</text>"));
}

#[test]
fn licences_are_expressions_or_texts_of_their_own() {
    let mut report = golden::clean();
    for (package, license) in
        report.images[0].packages.iter_mut().zip(["MIT OR Zlib", "Beerware 42", "Beerware 42"])
    {
        package.package.license = Some(license.to_owned());
    }
    let document = rendered_value(&SpdxJson, &report);
    let declared: Vec<_> = document["packages"].as_array().unwrap()[2..5]
        .iter()
        .map(|it| it["licenseDeclared"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(declared, ["MIT OR Zlib", "LicenseRef-1", "LicenseRef-1"]);
    assert_eq!(document["hasExtractedLicensingInfos"][0]["extractedText"], "Beerware 42");
}

#[test]
fn what_is_missing_stands_in_the_comment() {
    let document = rendered_value(&SpdxJson, &golden::everything());
    assert!(document["comment"].as_str().unwrap().starts_with("NOT COMPLETE"));
    assert!(rendered_value(&SpdxJson, &golden::clean())["comment"].is_null());
}
