//! GitLab's container-scanning report, schema 15.0.
//!
//! Source: gitlab.com/gitlab-org/security-products/security-report-schemas. What could not be
//! read stands in the scan's messages; what is kept apart is flagged as a likely false positive,
//! the only word that GitLab has for it.

use std::io;

use plimsoll_core::{Finding, Report, Severity};
use serde_json::{Value, json};

use crate::artifact::Artifact;
use crate::union::{self, Union, UnionFinding, UnionPackage};
use crate::words::{self, Standing};
use crate::{Format, Style, documents, identity};

/// The version of the schema; every GitLab since 15.0 reads it.
const SCHEMA_VERSION: &str = "15.0.2";

/// GitLab's limit of a name, in characters.
const NAME_CHARS_MAX: usize = 255;

/// GitLab's limit of a solution, in characters.
const SOLUTION_CHARS_MAX: usize = 7000;

/// The row of GitLab's report.
pub(crate) struct GitLab;

impl Format for GitLab {
    fn name(&self) -> &'static str {
        "gitlab"
    }

    fn render(&self, report: &Report, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
        let union = Union::of(&report.images);
        let artifact = Artifact::of(report);
        let vulnerabilities = union.findings.iter().map(|it| vulnerability(it, &union, &artifact, report));
        let document = json!({
            "version": SCHEMA_VERSION,
            "scan": scan(report, style),
            "vulnerabilities": vulnerabilities.collect::<Vec<_>>(),
            "remediations": [],
        });
        documents::write(document, out)
    }
}

fn scan(report: &Report, style: &Style) -> Value {
    // The schema's times have no zone; they are UTC.
    let time = report.created.to_string().trim_end_matches('Z').to_owned();
    let tool = json!({
        "id": "plimsoll",
        "name": "Plimsoll",
        "vendor": { "name": "Plimsoll" },
        "version": if style.tool_version.is_empty() { "unknown" } else { &style.tool_version },
    });
    json!({
        "type": "container_scanning",
        "analyzer": tool,
        "scanner": tool,
        "start_time": time,
        "end_time": time,
        "status": if report.images.is_empty() { "failure" } else { "success" },
        "messages": documents::unless_empty(messages(report)),
    })
}

fn messages(report: &Report) -> Vec<Value> {
    let fatal = report.images.is_empty();
    let whole = words::incomplete(report)
        .map(|text| json!({ "level": if fatal { "fatal" } else { "warn" }, "value": text }));
    let each = union::problems(report).into_iter().map(
        |it| json!({ "level": if it.hides_findings { "warn" } else { "info" }, "value": words::problem(it) }),
    );
    whole.into_iter().chain(each).filter(|it| it["value"] != "").collect()
}

fn vulnerability(found: &UnionFinding<'_>, union: &Union<'_>, artifact: &Artifact, report: &Report) -> Value {
    let (finding, package) = (found.finding, union.package_of(found));
    let installed = package.installed;
    let place = words::path(&installed.origin.path);
    let links = words::links(finding).map(|url| json!({ "url": url }));
    json!({
        "id": identity::uuid(&[&artifact.plain_name, &finding.id, &package.purl, &place]),
        "name": cut(&words::headline(finding, installed), NAME_CHARS_MAX),
        "description": description(finding, &place),
        "severity": severity(finding.severity.severity),
        "solution": cut(&words::action(finding, installed), SOLUTION_CHARS_MAX),
        "identifiers": identifiers(finding),
        "links": documents::unless_empty(links.collect()),
        "flags": match words::standing(finding) {
            Standing::Apart(why) => json!([{
                "type": "flagged-as-likely-false-positive",
                "origin": "Plimsoll",
                "description": why,
            }]),
            Standing::Counted | Standing::InDoubt => Value::Null,
        },
        "location": location(found, package, artifact, report),
    })
}

fn location(
    found: &UnionFinding<'_>,
    package: &UnionPackage<'_>,
    artifact: &Artifact,
    report: &Report,
) -> Value {
    let image = found.images.first().and_then(|index| report.images.get(*index));
    let distro = image.and_then(|it| it.distro.as_ref());
    let installed = &package.installed.package;
    json!({
        "dependency": { "package": { "name": installed.name }, "version": installed.version },
        "operating_system": match distro {
            Some(distro) if !distro.id.is_empty() => {
                format!("{} {}", distro.id, distro.version_id).trim_end().to_owned()
            }
            _ => "unknown".to_owned(),
        },
        "image": match (&artifact.tag(), artifact.name.is_empty()) {
            (Some(tag), _) => tag.clone(),
            (None, false) => artifact.name.clone(),
            (None, true) => "unknown".to_owned(),
        },
    })
}

fn description(finding: &Finding, place: &str) -> String {
    let mut lines: Vec<String> = finding.summary.iter().cloned().collect();
    lines.push(format!("File: {place}"));
    lines.push(format!("Why: {}", finding.why.comparison));
    if finding.kev.is_some() {
        lines.push("Known to be exploited.".to_owned());
    }
    // GitLab shows this as Markdown.
    let lines: Vec<String> = lines.iter().map(|it| crate::markup::Markdown(it).to_string()).collect();
    lines.join("\n\n")
}

fn identifiers(finding: &Finding) -> Vec<Value> {
    let own = std::iter::once(&finding.id);
    let aliases = finding.aliases.iter().filter(|it| **it != finding.id && !it.is_empty());
    own.chain(aliases)
        .map(|id| {
            let kind = id.split('-').next().unwrap_or_default().to_lowercase();
            let kind = if kind.is_empty() { "plimsoll".to_owned() } else { kind };
            json!({ "type": kind, "name": id, "value": id, "url": words::id_link(id) })
        })
        .collect()
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Negligible => "Info",
        other => words::capitalised(other),
    }
}

fn cut(text: &str, chars_max: usize) -> String {
    if text.chars().count() <= chars_max {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(chars_max.saturating_sub(1)).collect();
    short.push('\u{2026}');
    short
}

#[cfg(test)]
mod tests;
