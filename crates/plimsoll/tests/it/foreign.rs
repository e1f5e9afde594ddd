//! Documents that others wrote: SBOMs and package URLs scanned, VEX and ignore files applied,
//! reports converted and compared.

use std::io::Write;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::sandbox::{DEBIAN, Sandbox, finished};

const PURL: &str = "pkg:deb/debian/libssl3@3.0.9-1?arch=amd64&distro=debian-12&upstream=openssl";

fn write(sandbox: &Sandbox, name: &str, text: &str) -> String {
    let path = sandbox.path(name);
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

fn sbom(sandbox: &Sandbox) -> String {
    let document = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "metadata": {"component": {"type": "container", "name": "shop/app:1"}},
        "components": [
            {"type": "operating-system", "name": "debian", "version": "12.4"},
            {"type": "library", "name": "libssl3", "version": "3.0.9-1", "purl": PURL},
        ],
    });
    write(sandbox, "app.cdx.json", &document.to_string())
}

fn vex(sandbox: &Sandbox, product: &str) -> String {
    let document = json!({
        "@context": "https://openvex.dev/ns/v0.2.0",
        "author": "Shop",
        "statements": [{
            "vulnerability": {"name": "CVE-2023-0001"},
            "products": [{"@id": product}],
            "status": "not_affected",
            "justification": "vulnerable_code_not_in_execute_path",
        }],
    });
    write(sandbox, "app.vex.json", &document.to_string())
}

#[test]
fn an_sbom_is_scanned_like_an_image() {
    let sandbox = Sandbox::new().with_database();
    let report = sandbox.report(0, &[&format!("sbom:{}", sbom(&sandbox))]);
    assert_eq!(report["subject"]["kind"], "sbom");
    assert_eq!(report["subject"]["name"], "shop/app:1");
    assert_eq!(report["distro"]["id"], "debian");
    assert_eq!(report["layers"], json!([]));
    assert_eq!(report["findings"][0]["id"], "CVE-2023-0001");
    assert_eq!(report["findings"][0]["package"]["purl"], PURL);
}

#[test]
fn package_urls_are_scanned_one_by_one_or_as_a_list() {
    let sandbox = Sandbox::new().with_database();
    let one = sandbox.report(0, &[&format!("purl:{PURL}")]);
    assert_eq!(one["subject"]["kind"], "package_urls");
    assert_eq!(one["findings"][0]["id"], "CVE-2023-0001");
    let mut command = sandbox.command(&["scan", "--format", "json", "purls:-"]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(format!("# list\n{PURL}\n").as_bytes()).unwrap();
    let ran = finished(child.wait_with_output().unwrap());
    assert_eq!(ran.status, 0, "{}", ran.err);
    let list: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(list["findings"], one["findings"]);
    let wrong = sandbox.run(&["scan", "purl:openssl"]);
    assert_eq!(wrong.status, 2);
    assert!(wrong.err.contains("pkg:npm/lodash"), "{}", wrong.err);
}

#[test]
fn vex_marks_a_finding_with_its_reason_and_takes_it_out_of_the_gate() {
    let sandbox = Sandbox::new().with_database();
    let image = sandbox.image("image", DEBIAN);
    let vex = vex(&sandbox, "pkg:deb/debian/libssl3");
    let report = sandbox.report(0, &["--vex", &vex, &image]);
    let findings = report["findings"].as_array().unwrap();
    let suppressed = findings.iter().find(|it| it["id"] == "CVE-2023-0001").unwrap();
    assert_eq!(suppressed["suppressed"]["status"], "not_affected");
    assert_eq!(suppressed["suppressed"]["author"], "Shop");
    assert_eq!(report["summary"]["suppressed"], 1);
    assert_eq!(report["summary"]["findings"], 1);
    let without = sandbox.report(0, &[&image]);
    assert_ne!(report["digests"]["vex"], without["digests"]["vex"]);
    let gate = ["scan", "--fail-on", "high", "--only-fixable"];
    assert_eq!(sandbox.run(&[&gate[..], &[&image]].concat()).status, 1);
    let ran = sandbox.run(&[&gate[..], &["--vex", &vex, &image]].concat());
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(ran.out.contains("vulnerable code not in execute path"), "{}", ran.out);
}

#[test]
fn vex_about_something_else_marks_nothing() {
    let sandbox = Sandbox::new().with_database();
    let image = sandbox.image("image", DEBIAN);
    let vex = vex(&sandbox, "pkg:deb/debian/libssl3@9.9");
    assert_eq!(sandbox.report(0, &["--vex", &vex, &image])["summary"]["suppressed"], 0);
    let ran = sandbox.run(&["scan", "--vex", "/nonexistent", &image]);
    assert_eq!(ran.status, 2);
}

#[test]
fn an_ignore_file_marks_findings_and_says_what_has_ended_or_matches_nothing() {
    let sandbox = Sandbox::new().with_database();
    let image = sandbox.image("image", DEBIAN);
    let lines = "# not reachable\nCVE-2023-0002\nCVE-2023-0001 exp:2020-01-01\nCVE-1999-0001\n";
    let file = write(&sandbox, ".trivyignore", lines);
    let report = sandbox.report(0, &["--ignore-file", &file, &image]);
    assert_eq!(report["summary"]["suppressed"], 1);
    let findings = report["findings"].as_array().unwrap();
    let ignored = findings.iter().find(|it| it["id"] == "CVE-2023-0002").unwrap();
    assert_eq!(ignored["suppressed"]["kind"], "exception");
    assert_eq!(ignored["suppressed"]["text"], "not reachable");
    let problems: Vec<&str> =
        report["problems"].as_array().unwrap().iter().map(|it| it["what"].as_str().unwrap()).collect();
    assert!(problems.iter().any(|it| it.contains("CVE-2023-0001") && it.contains("ended on 2020-01-01")));
    assert!(problems.iter().any(|it| it.contains("CVE-1999-0001") && it.contains("matches nothing")));
    assert_eq!(report["complete"], true);
}

#[test]
fn a_report_is_converted_and_an_sbom_written() {
    let sandbox = Sandbox::new().with_database();
    let image = sandbox.image("image", DEBIAN);
    let file = sandbox.path("report.json").display().to_string();
    assert_eq!(sandbox.run(&["scan", "--format", "json", "--output", &file, &image]).status, 0);
    let again = sandbox.run(&["convert", &file, "--format", "json"]);
    assert_eq!(again.status, 0, "{}", again.err);
    assert_eq!(again.out, std::fs::read_to_string(&file).unwrap());
    assert!(sandbox.run(&["convert", &file]).out.contains("CVE-2023-0001"));
    let packages = sandbox.run(&["convert", &sbom(&sandbox), "--format", "table"]);
    assert!(packages.out.contains("libssl3"), "{}", packages.out);
    let listed = sandbox.run(&["sbom", "--format", "json", &image]);
    assert_eq!(listed.status, 0, "{}", listed.err);
    let listed: Value = serde_json::from_str(&listed.out).unwrap();
    assert_eq!(listed["packages"].as_array().unwrap().len(), 3);
    let wrong = write(&sandbox, "other.json", "{}");
    assert_eq!(sandbox.run(&["convert", &wrong]).status, 2);
}

#[test]
fn two_images_or_reports_are_compared() {
    let sandbox = Sandbox::new().with_database();
    let old = sandbox.image("old", DEBIAN);
    let new = sandbox.image("new", &DEBIAN.replace("3.0.9-1", "3.0.11-1~deb12u2"));
    let ran = sandbox.run(&["diff", &old, &new]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(ran.out.contains("0 new, 1 gone, 0 changed, 1 unchanged findings"), "{}", ran.out);
    assert!(ran.out.contains("- HIGH CVE-2023-0001 in libssl3"), "{}", ran.out);
    let back = sandbox.run(&["diff", "--fail-on-new", "high", "--format", "json", &new, &old]);
    assert_eq!(back.status, 1, "{}", back.err);
    let document: Value = serde_json::from_str(&back.out).unwrap();
    assert_eq!(document["findings"]["new"][0]["id"], "CVE-2023-0001");
    assert_eq!(document["packages"]["changed"][0]["name"], "libssl3");
    let file = sandbox.path("report.json").display().to_string();
    assert_eq!(sandbox.run(&["scan", "--format", "json", "--output", &file, &old]).status, 0);
    let ran = sandbox.run(&["diff", "--fail-on-new", "low", &file, &old]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(ran.out.contains("0 new, 0 gone"), "{}", ran.out);
}
