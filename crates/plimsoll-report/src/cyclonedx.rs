//! CycloneDX 1.6 in JSON: the packages as components, and with them the vulnerabilities.
//!
//! Source: the specification at cyclonedx.org, `bom-1.6.schema.json`. The composition is
//! `incomplete` where something is known to be missing, and otherwise `unknown`: that nothing
//! else is in the image, no scanner can say.

mod components;
mod vulnerabilities;

use std::io;

use plimsoll_core::{Report, SubjectKind};
use serde_json::{Value, json};

use crate::artifact::Artifact;
use crate::union::{self, Union};
use crate::{Format, Style, documents, identity, words};

/// The row with vulnerabilities.
pub(crate) struct CycloneDx;

impl Format for CycloneDx {
    fn name(&self) -> &'static str {
        "cyclonedx"
    }

    fn render(&self, report: &Report, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
        let union = Union::of(&report.images);
        let references = components::references(&union);
        let mut document = document("cyclonedx", report, style, &union, &references);
        document["vulnerabilities"] = vulnerabilities::all(&union, &references);
        documents::write(document, out)
    }
}

/// The row without: a bill of materials and nothing else.
pub(crate) struct CycloneDxSbom;

impl Format for CycloneDxSbom {
    fn name(&self) -> &'static str {
        "cyclonedx-sbom"
    }

    fn render(&self, report: &Report, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
        let union = Union::of(&report.images);
        let references = components::references(&union);
        documents::write(document("cyclonedx-sbom", report, style, &union, &references), out)
    }
}

/// The reference of what was scanned.
const ROOT: &str = "subject";

fn document(kind: &str, report: &Report, style: &Style, union: &Union<'_>, references: &[String]) -> Value {
    let distro = components::operating_system(report);
    let mut components: Vec<Value> = distro.into_iter().collect();
    components.extend(components::all(union, references, report));
    let depends_on: Vec<&Value> = components.iter().map(|it| &it["bom-ref"]).collect();
    json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": format!("urn:uuid:{}", identity::document(kind, report, &style.tool_version)),
        "version": 1,
        "metadata": metadata(report, style),
        "dependencies": [{ "ref": ROOT, "dependsOn": depends_on }],
        "components": components,
        "compositions": [{
            "aggregate": if crate::is_complete(report) { "unknown" } else { "incomplete" },
            "assemblies": [ROOT],
            "dependencies": [ROOT],
        }],
        "annotations": documents::unless_empty(annotations(report, style)),
    })
}

fn metadata(report: &Report, style: &Style) -> Value {
    json!({
        "timestamp": report.created.to_string(),
        "tools": { "components": [tool(style)] },
        "component": subject(report),
        "properties": documents::unless_empty(properties(report)),
    })
}

fn tool(style: &Style) -> Value {
    json!({ "type": "application", "name": "plimsoll", "version": style.tool_version })
}

fn subject(report: &Report) -> Value {
    let artifact = Artifact::of(report);
    let kind = match report.subject.kind {
        SubjectKind::Image | SubjectKind::Index => "container",
        SubjectKind::RootFileSystem => "operating-system",
        SubjectKind::Sbom | SubjectKind::PackageUrls => "application",
        SubjectKind::NotSupported => "data",
    };
    json!({
        "type": kind,
        "bom-ref": ROOT,
        "name": artifact.name,
        "version": report.subject.digest.map(|it| it.to_string()),
        "purl": artifact.purl(),
    })
}

fn properties(report: &Report) -> Vec<Value> {
    let mut properties = vec![property("complete", &crate::is_complete(report))];
    if let Some(snapshot) = &report.snapshot {
        properties.push(property("database:digest", &snapshot.digest));
        properties.push(property("database:built", &snapshot.built));
    }
    for image in &report.images {
        if let Some(platform) = &image.platform {
            properties.push(property("platform", platform));
        }
        for layer in &image.layers {
            properties.push(property("layer:diff_id", &layer.diff_id));
        }
    }
    properties
}

/// A name and value of our own name space.
fn property(name: &str, value: &(impl ToString + ?Sized)) -> Value {
    json!({ "name": format!("plimsoll:{name}"), "value": value.to_string() })
}

/// The problems, each as a remark about the subject: the only place the format has for them.
fn annotations(report: &Report, style: &Style) -> Vec<Value> {
    let mut remarks: Vec<String> = words::incomplete(report).into_iter().collect();
    remarks.extend(union::problems(report).into_iter().map(words::problem));
    let annotation = |text: &String| {
        json!({
            "subjects": [ROOT],
            "annotator": { "component": tool(style) },
            "timestamp": report.created.to_string(),
            "text": text,
        })
    };
    remarks.iter().map(annotation).collect()
}

#[cfg(test)]
mod tests;
