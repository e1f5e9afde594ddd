//! The JSON report against its own golden document, its schema and its manual.

use expect_test::expect_file;
use plimsoll_core::{Report, SubjectKind};
use serde_json::{Value, json};

use super::Json;
use crate::{Format, golden, schema_check};

const SCHEMA: &str = include_str!("../../../../docs/report.schema.json");
const MANUAL: &str = include_str!("../../../../docs/report.md");

fn schema() -> Value {
    serde_json::from_str(SCHEMA).unwrap()
}

fn render(report: &Report) -> String {
    let mut out = Vec::new();
    Json.render(report, &golden::style(80), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn render_value(report: &Report) -> Value {
    serde_json::from_str(&render(report)).unwrap()
}

/// Every kind of report.
fn reports() -> [Report; 4] {
    [golden::everything(), golden::clean(), golden::index(), golden::not_supported()]
}

#[test]
fn the_golden_reports_are_written_so() {
    expect_file!["../../testdata/everything.json"].assert_eq(&render(&golden::everything()));
    expect_file!["../../testdata/index.json"].assert_eq(&render(&golden::index()));
    expect_file!["../../testdata/not_supported.json"].assert_eq(&render(&golden::not_supported()));
}

#[test]
fn every_report_validates_against_the_schema() {
    for report in reports() {
        assert_eq!(schema_check::errors(&schema(), &render_value(&report)), Vec::<String>::new());
    }
}

#[test]
fn a_field_more_or_less_anywhere_does_not_validate() {
    let schema = schema();
    let document = render_value(&golden::index());
    for pointer in one_of_each_object(&document) {
        let names: Vec<String> =
            document.pointer(&pointer).unwrap().as_object().unwrap().keys().cloned().collect();
        for name in names {
            let mut less = document.clone();
            less.pointer_mut(&pointer).unwrap().as_object_mut().unwrap().remove(&name);
            assert_ne!(schema_check::errors(&schema, &less), Vec::<String>::new(), "{pointer}/{name}");
        }
        let mut more = document.clone();
        more.pointer_mut(&pointer).unwrap()["unheard_of"] = json!(1);
        assert_ne!(schema_check::errors(&schema, &more), Vec::<String>::new(), "{pointer}");
    }
}

/// JSON pointers to the objects of a document, of lists of objects the first of each.
fn one_of_each_object(document: &Value) -> Vec<String> {
    let mut pointers = Vec::new();
    let mut waiting = vec![(String::new(), document)];
    while let Some((pointer, value)) = waiting.pop() {
        match value {
            Value::Object(fields) => {
                waiting.extend(fields.iter().map(|(name, value)| (format!("{pointer}/{name}"), value)));
                pointers.push(pointer);
            }
            Value::Array(items) => waiting.extend(items.first().map(|it| (format!("{pointer}/0"), it))),
            _ => (),
        }
    }
    pointers
}

#[test]
fn a_wrong_word_date_or_number_does_not_validate() {
    for (pointer, wrong) in [
        ("/schema_version", json!("2")),
        ("/findings/0/severity", json!("severe")),
        ("/created", json!("yesterday")),
        ("/distro/support_ends", json!("2024-06-30T00:00:00Z")),
        ("/summary/critical", json!(-1)),
        ("/findings/1/epss/score", json!(97.4)),
        ("/packages/0/name", json!(null)),
        ("/layers/0/size_bytes", json!(0.5)),
    ] {
        let mut document = render_value(&golden::everything());
        *document.pointer_mut(pointer).unwrap() = wrong;
        assert_ne!(schema_check::errors(&schema(), &document), Vec::<String>::new(), "{pointer}");
    }
}

#[test]
fn every_field_of_the_schema_is_described_in_the_manual_under_its_object() {
    let schema = schema();
    for (name, definition) in schema["$defs"].as_object().unwrap() {
        let (_, section) =
            MANUAL.split_once(&format!("\n### {name}\n")).unwrap_or_else(|| panic!("no section {name}"));
        let section = section.split("\n### ").next().unwrap();
        for field in definition["properties"].as_object().into_iter().flat_map(|it| it.keys()) {
            assert!(section.contains(&format!("\n| `{field}` | ")), "{name}.{field}");
        }
    }
}

#[test]
fn nothing_in_the_document_can_steer_a_terminal() {
    for report in reports() {
        let document = render(&report);
        assert!(document.bytes().all(|byte| matches!(byte, b'\n' | b' '..=b'~')));
    }
}

#[test]
fn escaping_changes_no_text() {
    let mut report = golden::clean();
    report.subject.name = "é \u{1f6a2} \u{9b}\u{7f}\u{202e}\"\\\u{0}".to_owned();
    assert_eq!(render_value(&report)["subject"]["name"], report.subject.name);
}

#[test]
fn what_is_not_supported_is_not_complete() {
    let document = render_value(&golden::not_supported());
    assert_eq!(document["complete"], false);
    for list in ["packages", "findings", "layers", "images"] {
        assert_eq!(document[list], json!([]), "{list}");
    }
}

#[test]
fn a_report_without_an_image_is_not_complete() {
    let mut report = golden::clean();
    report.images.clear();
    report.subject.kind = SubjectKind::Index;
    assert_eq!(render_value(&report)["complete"], false);
}

#[test]
fn the_union_has_everything_once_with_its_platforms() {
    let document = render_value(&golden::index());
    let list = |list: &str, name: &str| -> Vec<String> {
        let items = document[list].as_array().unwrap();
        items.iter().map(|it| format!("{} {}", it[name].as_str().unwrap(), it["platforms"])).collect()
    };
    let packages = list("packages", "purl");
    assert!(packages.contains(
        &r#"pkg:sys/examplix/libfamous@1.0.9?distro=examplix-10 ["linux/amd64","linux/arm64/v8"]"#.to_owned()
    ));
    assert!(packages.iter().any(|it| it.contains("only-arm") && it.ends_with(r#" ["linux/arm64/v8"]"#)));
    let findings = list("findings", "id");
    assert!(findings.contains(&r#"CVE-2024-0003 ["linux/amd64"]"#.to_owned()));
    assert_eq!(findings.iter().filter(|it| it.starts_with("CVE-2024-0001 ")).count(), 2);
    let apart = ["CVE-2024-0008", "CVE-2024-0011", "NOTE-2024-1"];
    let counted = findings.iter().filter(|it| !apart.iter().any(|id| it.starts_with(id))).count();
    assert_eq!(document["summary"]["findings"], counted);
}

#[test]
fn packages_that_differ_in_architecture_alone_stay_two_in_one_image() {
    let mut report = golden::clean();
    let mut second = report.images[0].packages[0].clone();
    second.purl = second.purl.replace("amd64", "i386");
    report.images[0].packages.insert(0, second);
    let packages = render_value(&report)["packages"].clone();
    assert_eq!(packages.as_array().unwrap().len(), report.images[0].packages.len());
    assert!(packages[0]["purl"].as_str().unwrap().contains("i386"));
}

#[test]
fn a_finding_that_points_at_no_package_is_not_lost() {
    let document = render_value(&golden::everything());
    let lost = document["findings"].as_array().unwrap().iter().find(|it| it["id"] == "CVE-2024-0009");
    assert_eq!(lost.unwrap()["package"]["name"], "unknown");
}
