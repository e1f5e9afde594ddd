//! SARIF 2.1.0: each vulnerability a rule, each finding a result.
//!
//! Source: docs.oasis-open.org/sarif/sarif/v2.1.0, and GitHub's page on what of it code
//! scanning shows. A location is a relative reference below the image's name, because GitHub
//! shows nothing that has a scheme. Results have fingerprints that survive a new tag.

mod rules;

use std::io;

use plimsoll_core::{ImagePath, Problem, Purl, Report, Severity};
use serde_json::{Value, json};

use crate::artifact::Artifact;
use crate::markup::relative_reference;
use crate::union::{self, Union, UnionFinding, UnionPackage};
use crate::words::{self, Standing};
use crate::{Format, Style, documents, identity, is_complete};

/// The row of SARIF.
pub(crate) struct Sarif;

impl Format for Sarif {
    fn name(&self) -> &'static str {
        "sarif"
    }

    fn render(&self, report: &Report, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
        let union = Union::of(&report.images);
        let document = json!({
            "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
            "version": "2.1.0",
            "runs": [run(report, style, &union)],
        });
        documents::write(document, out)
    }
}

fn run(report: &Report, style: &Style, union: &Union<'_>) -> Value {
    let artifact = Artifact::of(report);
    let rules = rules::Rules::of(union);
    let results = union.findings.iter().map(|it| result(it, union.package_of(it), &artifact, &rules, report));
    let results: Vec<Value> = results.collect();
    json!({
        "tool": { "driver": {
            "name": "Plimsoll",
            "version": style.tool_version,
            "rules": rules.descriptors(union),
        } },
        "automationDetails": { "id": format!("plimsoll/{}/", relative_reference(artifact.plain_name.as_bytes())) },
        "invocations": [{
            "executionSuccessful": is_complete(report),
            "endTimeUtc": report.created.to_string(),
            "toolExecutionNotifications": notifications(report, &artifact),
        }],
        "results": results,
        "columnKind": "utf16CodeUnits",
        "properties": {
            "imageName": artifact.name,
            "imageDigest": report.subject.digest.map(|it| it.to_string()),
            "repoTags": artifact.tag().into_iter().collect::<Vec<_>>(),
            "repoDigests": artifact.repository_digest().into_iter().collect::<Vec<_>>(),
            "complete": is_complete(report),
        },
    })
}

fn notifications(report: &Report, artifact: &Artifact) -> Vec<Value> {
    let whole = words::incomplete(report).map(
        |text| json!({ "level": "error", "descriptor": { "id": "incomplete" }, "message": { "text": text } }),
    );
    let each = union::problems(report).into_iter().map(|it| notification(it, artifact));
    whole.into_iter().chain(each).collect()
}

fn notification(problem: &Problem, artifact: &Artifact) -> Value {
    let locations = problem.path.iter().map(|path| location(artifact, Some(path), None));
    json!({
        "level": if problem.hides_findings { "error" } else { "note" },
        "descriptor": { "id": problem.kind.name() },
        "message": { "text": words::problem(problem) },
        "locations": documents::unless_empty(locations.collect()),
    })
}

fn result(
    found: &UnionFinding<'_>,
    package: &UnionPackage<'_>,
    artifact: &Artifact,
    rules: &rules::Rules<'_>,
    report: &Report,
) -> Value {
    let (finding, installed) = (found.finding, package.installed);
    let path = (!words::is_operating_system(installed)).then_some(&installed.origin.path);
    let place = words::path(&installed.origin.path);
    let suppressions = match words::standing(finding) {
        Standing::Apart(why) => json!([{ "kind": "external", "justification": why }]),
        Standing::Counted | Standing::InDoubt => Value::Null,
    };
    // Without version and tag, so that an alert stays the same alert until it is mended.
    let unversioned = purl_without_version(&package.purl);
    let fingerprint = identity::fingerprint(&[&finding.id, unversioned, &place]);
    json!({
        "ruleId": finding.id,
        "ruleIndex": rules.index(&finding.id),
        "level": level(finding.severity.severity),
        "kind": "fail",
        "message": { "text": message(found, package, report) },
        "locations": [location(artifact, path, Some(&words::named(installed)))],
        "partialFingerprints": {
            "plimsollFinding/v1": fingerprint,
            "primaryLocationLineHash": format!("{}:1", fingerprint.get(..16).unwrap_or_default()),
        },
        "suppressions": suppressions,
        "properties": {
            "purl": package.purl,
            "path": place,
            "layer": package.layer.map(|it| it.info.diff_id.to_string()),
            "severity": finding.severity.severity.name(),
            "status": finding.status.name(),
            "fixedVersion": finding.fixed_version,
            "reachable": finding.reachable.name(),
        },
    })
}

fn purl_without_version(purl: &str) -> &str {
    let base = Purl::without_qualifiers(purl);
    base.rsplit_once('@').map_or(base, |(name, _)| name)
}

fn message(found: &UnionFinding<'_>, package: &UnionPackage<'_>, report: &Report) -> String {
    let (finding, installed) = (found.finding, package.installed);
    let mut lines = vec![
        words::headline(finding, installed),
        format!("Severity: {}", words::capitalised(finding.severity.severity)),
        format!("File: {}", words::path(&installed.origin.path)),
    ];
    lines.extend(finding.summary.clone());
    lines.extend(finding.reachable.in_words().map(|it| format!("Linked: {it}")));
    if words::standing(finding) == Standing::InDoubt {
        lines.push(format!("Not certain: {}", words::doubt(finding)));
    }
    if report.images.len() > 1 {
        let platforms = found.images.iter().filter_map(|it| report.images.get(*it)?.platform.as_ref());
        let platforms: Vec<String> = platforms.map(ToString::to_string).collect();
        lines.push(format!("Platforms: {}", platforms.join(", ")));
    }
    lines.push(words::action(finding, installed));
    lines.join("\n")
}

/// The image, or a file in it, as if the image were a folder; always its first line, because
/// GitHub shows no location without one.
fn location(artifact: &Artifact, path: Option<&ImagePath>, what: Option<&str>) -> Value {
    let mut uri = relative_reference(artifact.plain_name.as_bytes());
    if let Some(path) = path {
        let inside = relative_reference(path.as_bytes());
        if !uri.is_empty() && !inside.is_empty() {
            uri.push('/');
        }
        uri.push_str(&inside);
    }
    if uri.is_empty() {
        "image".clone_into(&mut uri);
    }
    json!({
        "physicalLocation": {
            "artifactLocation": { "uri": uri },
            "region": { "startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1 },
        },
        "message": what.map(|text| json!({ "text": text })),
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Negligible | Severity::Unknown => "note",
    }
}

#[cfg(test)]
mod tests;
