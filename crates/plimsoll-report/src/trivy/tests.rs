//! Trivy's JSON as Copa and CI plug-ins read it.

use expect_test::expect_file;
use plimsoll_core::Evidence;
use serde_json::{Value, json};

use super::Trivy;
use crate::golden::{self, rendered, rendered_value, style};
use crate::{Format, Style};

/// The golden report with packages of a known distribution.
fn real() -> plimsoll_core::Report {
    let mut report = golden::referenced();
    let image = &mut report.images[0];
    image.distro.as_mut().unwrap().id = "rhel".to_owned();
    for installed in &mut image.packages {
        if installed.package.kind == "lang" {
            installed.package.kind = "npm".to_owned();
        }
    }
    report
}

fn results(report: &plimsoll_core::Report) -> Vec<Value> {
    rendered_value(&Trivy, report)["Results"].as_array().unwrap().clone()
}

#[test]
fn the_golden_report_is_written_so() {
    expect_file!["../../testdata/everything.trivy.json"].assert_eq(&rendered(&Trivy, &real()));
}

#[test]
fn copa_finds_what_it_asks_for() {
    let report = rendered_value(&Trivy, &real());
    assert_eq!(report["SchemaVersion"], 2);
    assert_eq!(report["Metadata"]["OS"], json!({ "Family": "redhat", "Name": "10", "EOSL": true }));
    assert_eq!(report["Metadata"]["ImageConfig"]["architecture"], "amd64");
    let systems: Vec<_> =
        report["Results"].as_array().unwrap().iter().filter(|it| it["Class"] == "os-pkgs").collect();
    assert_eq!(systems.len(), 1);
    assert_eq!(systems[0]["Type"], "redhat");
    let first = &systems[0]["Vulnerabilities"][0];
    assert_eq!(
        [&first["VulnerabilityID"], &first["PkgName"], &first["InstalledVersion"], &first["FixedVersion"]],
        ["CVE-2024-0001", "famous-tools", "1.0.9", "1.0.11"]
    );
}

#[test]
fn installed_packages_and_those_of_lock_files_have_their_own_results() {
    let mut report = real();
    let target = |report: &plimsoll_core::Report| {
        let it = results(report)
            .into_iter()
            .find(|it| it["Class"] == "lang-pkgs" && it["Type"] != "generic")
            .unwrap();
        (it["Type"].clone(), it["Target"].as_str().unwrap().to_owned())
    };
    assert_eq!(target(&report), (json!("node-pkg"), "Node.js".to_owned()));
    let package = report.images[0].packages.iter_mut().find(|it| it.package.kind == "npm").unwrap();
    package.package.evidence = Evidence::LockFile;
    package.origin.path = plimsoll_core::ImagePath::new("app/yarn.lock");
    assert_eq!(target(&report), (json!("yarn"), "app/yarn.lock".to_owned()));
}

#[test]
fn what_is_kept_apart_is_no_vulnerability_there() {
    let modified: Vec<Value> = results(&real())
        .into_iter()
        .filter_map(|it| it["ExperimentalModifiedFindings"].as_array().cloned())
        .flatten()
        .collect();
    let ids: Vec<&Value> = modified.iter().map(|it| &it["Finding"]["VulnerabilityID"]).collect();
    assert_eq!(ids, ["CVE-2024-0008", "NOTE-2024-1", "CVE-2024-0011"]);
}

#[test]
fn packages_are_listed_when_asked() {
    let mut out = Vec::new();
    Trivy.render(&real(), &Style { list_packages: false, ..style(80) }, &mut out).unwrap();
    assert!(!String::from_utf8(out).unwrap().contains("\"Packages\""));
    assert!(rendered(&Trivy, &real()).contains("\"Packages\""));
}

#[test]
fn of_an_index_every_image_has_its_results() {
    let targets: Vec<String> =
        results(&golden::index()).iter().map(|it| it["Target"].as_str().unwrap().to_owned()).collect();
    assert_eq!(targets.iter().filter(|it| it.ends_with("[linux/arm64/v8]")).count(), 3);
}
