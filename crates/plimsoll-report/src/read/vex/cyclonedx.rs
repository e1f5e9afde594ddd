//! The analyses in CycloneDX documents (1.4 and later, `vulnerabilities[].analysis`).

use std::collections::HashMap;

use plimsoll_core::{Purl, VexIdentifier, VexProduct, VexStatement, VexStatus};
use serde::Deserialize;
use serde_json::Value;

use super::super::json::{each, nullable, parse};
use super::super::{ReadError, filled};
use super::{VexDocument, identifier, problem};

#[derive(Deserialize)]
struct Document {
    metadata: Option<Metadata>,
    #[serde(default, deserialize_with = "nullable")]
    components: Vec<Component>,
    #[serde(default, deserialize_with = "nullable")]
    vulnerabilities: Vec<Value>,
}

#[derive(Deserialize)]
struct Metadata {
    timestamp: Option<String>,
    supplier: Option<Organisation>,
    component: Option<Component>,
}

#[derive(Deserialize)]
struct Organisation {
    name: Option<String>,
}

#[derive(Deserialize)]
struct Component {
    #[serde(rename = "bom-ref")]
    reference: Option<String>,
    purl: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    components: Vec<Component>,
}

#[derive(Deserialize)]
struct Vulnerability {
    id: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    references: Vec<Reference>,
    analysis: Option<Analysis>,
    #[serde(default, deserialize_with = "nullable")]
    affects: Vec<Affects>,
    updated: Option<String>,
    published: Option<String>,
}

#[derive(Deserialize)]
struct Reference {
    id: Option<String>,
}

#[derive(Deserialize)]
struct Analysis {
    state: Option<String>,
    justification: Option<String>,
    detail: Option<String>,
    #[serde(rename = "firstIssued")]
    first_issued: Option<String>,
    #[serde(rename = "lastUpdated")]
    last_updated: Option<String>,
}

#[derive(Deserialize)]
struct Affects {
    #[serde(rename = "ref")]
    reference: String,
    #[serde(default, deserialize_with = "nullable")]
    versions: Vec<Version>,
}

#[derive(Deserialize)]
struct Version {
    version: Option<String>,
    range: Option<String>,
    status: Option<String>,
}

impl Version {
    /// Whether it is said of this version, against the analysis, that it may have the vulnerability.
    fn is_excepted(&self) -> bool {
        matches!(self.status.as_deref(), Some("affected" | "unknown"))
    }
}

pub(super) fn read(source: &str, text: &str, carried: bool) -> Result<VexDocument, ReadError> {
    let document: Document = parse(text, carried, "CycloneDX document")?;
    let (vulnerabilities, wrong) = each::<Vulnerability>(document.vulnerabilities);
    let mut problems: Vec<_> =
        wrong.into_iter().map(|it| problem(source, format!("an analysis cannot be read, {it}"))).collect();
    let metadata = document.metadata;
    let whole = metadata.as_ref().and_then(|it| it.component.as_ref());
    let known = references(document.components.iter().chain(whole));
    let author = metadata.as_ref().and_then(|it| it.supplier.as_ref()).and_then(|it| it.name.clone());
    let written = metadata.as_ref().and_then(|it| it.timestamp.clone());
    let mut statements = Vec::new();
    for vulnerability in vulnerabilities {
        let Some(analysis) = vulnerability.analysis else { continue };
        let Some(state) = analysis.state else { continue };
        let status = status(&state).unwrap_or_else(|| {
            problems.push(problem(source, format!("the state `{state}` of an analysis is unknown")));
            VexStatus::UnderInvestigation
        });
        let times =
            [analysis.last_updated, analysis.first_issued, vulnerability.updated, vulnerability.published];
        let time = times.into_iter().flatten().chain(written.clone()).find_map(|it| it.parse().ok());
        let ids =
            vulnerability.id.into_iter().chain(vulnerability.references.into_iter().filter_map(|it| it.id));
        let products = vulnerability.affects.iter().flat_map(|it| products(it, status, &known)).collect();
        if status.suppresses()
            && vulnerability.affects.iter().any(|it| it.versions.iter().any(Version::is_excepted))
        {
            let what = format!(
                "an analysis says `{state}` and calls some versions affected or unknown; of those it suppresses nothing"
            );
            problems.push(problem(source, what));
        }
        if vulnerability.affects.iter().any(|it| it.versions.iter().any(|it| it.range.is_some())) {
            let what = "an analysis is about a range of versions, which is not read; it suppresses nothing";
            problems.push(problem(source, what));
        }
        statements.push(VexStatement {
            source: source.to_owned(),
            vulnerabilities: ids.collect(),
            products,
            status,
            justification: filled(analysis.justification),
            text: filled(analysis.detail),
            author: author.clone(),
            time,
        });
    }
    Ok(VexDocument { format: "CycloneDX", statements, problems })
}

/// CycloneDX's impact analysis states in the words of VEX.
fn status(state: &str) -> Option<VexStatus> {
    match state {
        "resolved" | "resolved_with_pedigree" => Some(VexStatus::Fixed),
        "exploitable" => Some(VexStatus::Affected),
        "in_triage" => Some(VexStatus::UnderInvestigation),
        "false_positive" | "not_affected" => Some(VexStatus::NotAffected),
        _ => None,
    }
}

/// The package URL of each component that has one.
fn references<'a>(components: impl Iterator<Item = &'a Component>) -> HashMap<&'a str, &'a str> {
    let mut known = HashMap::new();
    let mut waiting: Vec<&Component> = components.collect();
    while let Some(component) = waiting.pop() {
        if let (Some(reference), Some(purl)) = (&component.reference, &component.purl) {
            known.insert(reference.as_str(), purl.as_str());
        }
        waiting.extend(&component.components);
    }
    known
}

/// One product for each version that is named; of a range nobody is meant, and none of those that
/// a suppressing state does not hold for.
fn products(affects: &Affects, status: VexStatus, known: &HashMap<&str, &str>) -> Vec<VexProduct> {
    let name = product_name(&affects.reference, known);
    let one = |identifier| VexProduct { identifiers: vec![identifier], components: Vec::new() };
    if affects.versions.is_empty() {
        return vec![one(name)];
    }
    let VexIdentifier::Purl(purl) = &name else { return Vec::new() };
    let meant = affects.versions.iter().filter(|it| !(status.suppresses() && it.is_excepted()));
    let versions = meant.filter_map(|it| it.version.clone());
    versions
        .filter(|version| purl.version.as_ref().is_none_or(|it| it == version))
        .map(|version| one(VexIdentifier::Purl(Purl { version: Some(version), ..purl.clone() })))
        .collect()
}

/// A component of this document, or of another by BOM-Link: `urn:cdx:SERIAL/VERSION#REFERENCE`.
fn product_name(reference: &str, known: &HashMap<&str, &str>) -> VexIdentifier {
    if let Some(purl) = known.get(reference) {
        return identifier(purl);
    }
    match reference.strip_prefix("urn:cdx:").and_then(|it| it.split_once('#')) {
        Some((_, element)) if element.contains("pkg%3A") => identifier(&decoded(element)),
        Some((_, element)) => identifier(element),
        None => identifier(reference),
    }
}

/// A BOM-Link's element is percent-encoded as a whole.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escape = after.get(..2).and_then(|it| std::str::from_utf8(it).ok());
        match escape.and_then(|it| u8::from_str_radix(it, 16).ok()).filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
