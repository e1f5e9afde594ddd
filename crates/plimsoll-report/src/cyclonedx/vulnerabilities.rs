//! Findings as vulnerabilities: one for each id, severity and standing, with every package that
//! has it.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_core::{CvssVector, Finding, Rating, Severity};
use serde_json::{Value, json};

use super::property;
use crate::documents::unless_empty;
use crate::union::{Union, UnionFinding};
use crate::words::{self, Standing};

/// All vulnerabilities, worst first; what is none has no place in the format.
pub(super) fn all(union: &Union<'_>, references: &[String]) -> Value {
    let mut order = Vec::new();
    let mut groups: BTreeMap<_, Vec<&UnionFinding<'_>>> = BTreeMap::new();
    for found in union.findings.iter().filter(|it| words::is_vulnerability(it.finding)) {
        let finding = found.finding;
        let key = (&finding.id, finding.severity.severity, finding.class, words::stated_standing(finding));
        let group = groups.entry(key).or_default();
        if group.is_empty() {
            order.push(key);
        }
        group.push(found);
    }
    let numbered = order.iter().enumerate();
    numbered.map(|(index, key)| vulnerability(index, &groups[key], union, references)).collect()
}

fn vulnerability(
    index: usize,
    group: &[&UnionFinding<'_>],
    union: &Union<'_>,
    references: &[String],
) -> Value {
    let finding = group[0].finding;
    let actions: BTreeSet<String> =
        group.iter().map(|it| words::action(it.finding, union.package_of(it).installed)).collect();
    json!({
        "bom-ref": format!("vulnerability-{index}-{}", finding.id),
        "id": finding.id,
        "source": { "name": finding.why.feed, "url": words::id_link(&finding.id) },
        "references": unless_empty(references_of(finding)),
        "ratings": ratings(finding),
        "cwes": unless_empty(cwes(finding)),
        "description": finding.summary,
        "detail": finding.description.as_deref(),
        "recommendation": actions.into_iter().collect::<Vec<_>>().join("\n"),
        "advisories": unless_empty(words::links(finding).map(|url| json!({ "url": url })).collect()),
        "published": finding.published.map(|it| it.to_string()),
        "analysis": analysis(finding),
        "affects": affects(group, union, references),
        "properties": unless_empty(properties(finding)),
    })
}

/// The format wants the numbers alone.
fn cwes(finding: &Finding) -> Vec<Value> {
    let numbers = finding.cwes.iter().filter_map(|cwe| cwe.strip_prefix("CWE-")?.parse::<u32>().ok());
    numbers.filter(|it| *it > 0).map(|it| json!(it)).collect()
}

fn references_of(finding: &Finding) -> Vec<Value> {
    let own = |alias: &&String| **alias != finding.id;
    let aliases: BTreeSet<&String> = finding.aliases.iter().filter(own).collect();
    let source = |alias: &str| match words::id_link(alias) {
        Some(url) => json!({ "url": url }),
        None => json!({ "name": finding.why.feed }),
    };
    aliases.into_iter().map(|alias| json!({ "id": alias, "source": source(alias) })).collect()
}

/// The severity that counts first, then what others said.
fn ratings(finding: &Finding) -> Vec<Value> {
    let mut ratings = vec![rating(&finding.severity)];
    ratings.extend(finding.ratings.iter().filter(|it| **it != finding.severity).map(rating));
    ratings.extend(finding.cvss.iter().map(cvss));
    ratings
}

fn rating(rating: &Rating) -> Value {
    json!({ "source": { "name": rating.source }, "severity": severity(rating.severity), "method": "other" })
}

/// The format has no word for what a distribution does not regard as a security problem.
fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Negligible => "info",
        other => other.name(),
    }
}

fn cvss(cvss: &CvssVector) -> Value {
    let method = match cvss.version.as_str() {
        "2.0" => "CVSSv2",
        "3.0" => "CVSSv3",
        "3.1" => "CVSSv31",
        "4.0" => "CVSSv4",
        _ => "other",
    };
    json!({
        "source": { "name": cvss.source },
        "score": f64::from(cvss.score_tenths) / 10.0,
        "severity": severity(Severity::from_cvss_tenths(cvss.score_tenths)),
        "method": method,
        "vector": cvss.vector,
    })
}

/// Only where something is known about this image: that a package has a vulnerability says
/// nothing yet about whether it can be exploited.
fn analysis(finding: &Finding) -> Value {
    match words::stated_standing(finding) {
        Standing::Counted => Value::Null,
        Standing::InDoubt => json!({ "state": "in_triage", "detail": words::doubt(finding) }),
        Standing::Apart(words::KERNEL_HEADERS) => json!({
            "state": "not_affected",
            "justification": "code_not_present",
            "detail": words::KERNEL_HEADERS,
        }),
        Standing::Apart(why) => json!({ "state": "not_affected", "detail": why }),
    }
}

fn affects(group: &[&UnionFinding<'_>], union: &Union<'_>, references: &[String]) -> Vec<Value> {
    let mut packages: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
    for found in group {
        packages.entry(found.package).or_default().extend(found.finding.fixed_version.as_deref());
    }
    let affected = |(package, fixed): (usize, BTreeSet<&str>)| {
        let reference = references.get(package)?;
        let installed = &union.packages.get(package)?.installed.package.version;
        let mut versions = Vec::new();
        if !installed.is_empty() {
            versions.push(json!({ "version": installed, "status": status(group[0].finding) }));
        }
        let fixed = fixed.into_iter().filter(|it| it != installed);
        versions.extend(fixed.map(|it| json!({ "version": it, "status": "unaffected" })));
        Some(json!({ "ref": reference, "versions": unless_empty(versions) }))
    };
    packages.into_iter().filter_map(affected).collect()
}

fn status(finding: &Finding) -> &'static str {
    match words::stated_standing(finding) {
        Standing::Counted => "affected",
        Standing::InDoubt => "unknown",
        Standing::Apart(_) => "unaffected",
    }
}

fn properties(finding: &Finding) -> Vec<Value> {
    let mut properties =
        vec![property("status", &finding.status.name()), property("class", &finding.class.name())];
    if let Some(epss) = &finding.epss {
        properties.push(property("epss", &(f64::from(epss.score_millionths) / 1e6)));
    }
    if let Some(kev) = &finding.kev {
        properties.push(property("exploited", &true));
        properties.push(property("ransomware", &kev.ransomware));
    }
    properties.extend(finding.note.iter().map(|note| property("note", note)));
    properties.extend(finding.fix_channel.iter().map(|channel| property("fix_channel", channel)));
    properties
}
