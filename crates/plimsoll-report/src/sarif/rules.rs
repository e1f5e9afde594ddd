//! The rules: one for each vulnerability, with what GitHub shows beside every alert.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use plimsoll_core::{Finding, Severity};
use serde_json::{Value, json};

use super::level;
use crate::documents::unless_empty;
use crate::markup::Markdown;
use crate::union::Union;
use crate::words;

/// The most references in a help text.
const LINKS_MAX: usize = 10;

/// The vulnerabilities of a report, each with its first and worst finding.
pub(super) struct Rules<'a> {
    order: Vec<&'a Finding>,
    indexes: BTreeMap<&'a str, usize>,
    severities: Vec<Severity>,
}

impl<'a> Rules<'a> {
    /// Every vulnerability, in the order of the findings.
    pub fn of(union: &Union<'a>) -> Rules<'a> {
        let mut rules = Rules { order: Vec::new(), indexes: BTreeMap::new(), severities: Vec::new() };
        for found in &union.findings {
            let finding = found.finding;
            let index = *rules.indexes.entry(&finding.id).or_insert(rules.order.len());
            match rules.severities.get_mut(index) {
                Some(severity) => *severity = (*severity).max(finding.severity.severity),
                None => {
                    rules.order.push(finding);
                    rules.severities.push(finding.severity.severity);
                }
            }
        }
        rules
    }

    /// The place of a vulnerability's rule.
    pub fn index(&self, id: &str) -> Option<usize> {
        self.indexes.get(id).copied()
    }

    /// The rules as SARIF has them.
    pub fn descriptors(&self, union: &Union<'a>) -> Vec<Value> {
        let mut actions: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for found in &union.findings {
            let action = words::action(found.finding, union.package_of(found).installed);
            let actions = actions.entry(&found.finding.id).or_default();
            if actions.last() != Some(&action) {
                actions.push(action);
            }
        }
        let pairs = self.order.iter().zip(&self.severities);
        pairs
            .map(|(finding, severity)| {
                let actions = actions.get(finding.id.as_str()).map(Vec::as_slice).unwrap_or_default();
                descriptor(finding, *severity, actions)
            })
            .collect()
    }
}

fn descriptor(finding: &Finding, severity: Severity, actions: &[String]) -> Value {
    let summary = finding.summary.as_deref().unwrap_or(&finding.id);
    let kind = if words::is_vulnerability(finding) { "vulnerability" } else { "informational" };
    let mut tags: Vec<String> = ["security", kind, severity.name()].map(str::to_owned).to_vec();
    if finding.kev.is_some() {
        tags.push("exploited".to_owned());
    }
    // As GitHub writes them.
    tags.extend(finding.cwes.iter().map(|cwe| format!("external/cwe/{}", cwe.to_lowercase())));
    json!({
        "id": finding.id,
        "name": if finding.class == plimsoll_core::FindingClass::Malware { "MaliciousPackage" } else { "VulnerablePackage" },
        "shortDescription": { "text": format!("{} ({})", finding.id, words::capitalised(severity)) },
        "fullDescription": { "text": summary },
        "defaultConfiguration": { "level": level(severity) },
        "helpUri": words::primary_link(finding),
        "help": { "text": plain(finding, severity, actions), "markdown": markdown(finding, severity, actions) },
        "properties": {
            "precision": if finding.why.certain { "very-high" } else { "medium" },
            "security-severity": security_severity(finding, severity),
            "tags": tags,
            "aliases": unless_empty(finding.aliases.iter().map(|it| json!(it)).collect()),
        },
    })
}

/// A score as text, which is what GitHub sorts by. A CVSS score that contradicts the severity
/// that counts would show another severity there than here, so then the severity's own stands.
fn security_severity(finding: &Finding, severity: Severity) -> Option<String> {
    let agreeing = |tenths: &u8| Severity::from_cvss_tenths(*tenths) == severity;
    let scored = finding.cvss.iter().map(|it| it.score_tenths).filter(agreeing).max();
    let tenths = match (scored, severity) {
        (Some(tenths), _) => tenths,
        (None, Severity::Critical) => 95,
        (None, Severity::High) => 80,
        (None, Severity::Medium) => 55,
        (None, Severity::Low) => 20,
        (None, Severity::Negligible) => 1,
        (None, Severity::Unknown) => return None,
    };
    Some(format!("{}.{}", tenths / 10, tenths % 10))
}

fn plain(finding: &Finding, severity: Severity, actions: &[String]) -> String {
    let mut text = format!("{}\nSeverity: {}", finding.id, words::capitalised(severity));
    for line in finding.summary.iter().chain(actions) {
        text.push('\n');
        text.push_str(line);
    }
    text
}

fn markdown(finding: &Finding, severity: Severity, actions: &[String]) -> String {
    let mut text = format!("**{}** ({})\n", Markdown(&finding.id), words::capitalised(severity));
    if let Some(summary) = &finding.summary {
        let _ = write!(text, "\n{}\n", Markdown(summary));
    }
    if !actions.is_empty() {
        text.push('\n');
    }
    for action in actions {
        let _ = writeln!(text, "- {}", Markdown(action));
    }
    let links: Vec<&str> = words::links(finding).take(LINKS_MAX).collect();
    if !links.is_empty() {
        text.push('\n');
    }
    for link in links {
        let _ = writeln!(text, "- <{link}>");
    }
    text
}
