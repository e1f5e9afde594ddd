//! OpenVEX 0.2.0: what the report says of each vulnerability, as statements about the image.
//!
//! Source: github.com/openvex/spec. A finding makes a statement `affected`, with what to do;
//! one in doubt makes `under_investigation`; one kept apart makes `not_affected`, with a
//! justification where we know one. `fixed` is never said: what is fixed is in no finding,
//! and nothing of advisories that are about no vulnerability.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use plimsoll_core::{Finding, Report};
use serde_json::{Value, json};

use crate::artifact::Artifact;
use crate::union::{Union, UnionFinding};
use crate::words::{self, Standing};
use crate::{Format, Style, documents, identity};

/// The row of OpenVEX.
pub(crate) struct OpenVex;

impl Format for OpenVex {
    fn name(&self) -> &'static str {
        "openvex"
    }

    fn render(&self, report: &Report, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
        let union = Union::of(&report.images);
        let document = json!({
            "@context": "https://openvex.dev/ns/v0.2.0",
            "@id": format!("urn:uuid:{}", identity::document("openvex", report, &style.tool_version)),
            "author": "Plimsoll",
            "role": "Vulnerability scanner",
            "timestamp": report.created.to_string(),
            "version": 1,
            "tooling": tooling(report, style),
            "statements": statements(report, &union),
        });
        documents::write(document, out)
    }
}

/// The only place of the format where a whole document can be said to lack something.
fn tooling(report: &Report, style: &Style) -> String {
    let tool = format!("plimsoll {}", style.tool_version);
    match words::incomplete(report) {
        Some(incomplete) => format!("{tool}; {incomplete}"),
        None => tool,
    }
}

/// One statement for each vulnerability, standing and thing to do.
fn statements(report: &Report, union: &Union<'_>) -> Vec<Value> {
    let mut order = Vec::new();
    let mut groups: BTreeMap<_, Vec<&UnionFinding<'_>>> = BTreeMap::new();
    for found in union.findings.iter().filter(|it| words::is_vulnerability(it.finding)) {
        let action = words::action(found.finding, union.package_of(found).installed);
        let key = (&found.finding.id, words::stated_standing(found.finding), action);
        if !groups.contains_key(&key) {
            order.push(key.clone());
        }
        groups.entry(key).or_default().push(found);
    }
    order.iter().map(|key| statement(key.1, &key.2, &groups[key], report, union)).collect()
}

fn statement(
    standing: Standing<'_>,
    action: &str,
    group: &[&UnionFinding<'_>],
    report: &Report,
    union: &Union<'_>,
) -> Value {
    let finding = group[0].finding;
    let mut statement = json!({
        "vulnerability": vulnerability(finding),
        "timestamp": report.created.to_string(),
        "products": products(group, report, union),
        "status_notes": finding.note,
    });
    match standing {
        Standing::Counted => {
            statement["status"] = json!("affected");
            statement["action_statement"] = json!(action);
        }
        Standing::InDoubt => {
            statement["status"] = json!("under_investigation");
            statement["status_notes"] = json!(words::doubt(finding));
        }
        Standing::Apart(words::KERNEL_HEADERS) => {
            statement["status"] = json!("not_affected");
            statement["justification"] = json!("vulnerable_code_not_present");
            statement["status_notes"] = json!(words::KERNEL_HEADERS);
        }
        Standing::Apart(why) => {
            let said = finding.suppressed.as_ref();
            let is_fixed = said.is_some_and(|it| it.status == "fixed");
            statement["status"] = json!(if is_fixed { "fixed" } else { "not_affected" });
            if let Some(justification) = said.and_then(|it| it.justification.as_ref()) {
                statement["justification"] = json!(justification);
            }
            statement["impact_statement"] = json!(why);
        }
    }
    statement
}

fn vulnerability(finding: &Finding) -> Value {
    let aliases: BTreeSet<&String> = finding.aliases.iter().filter(|it| **it != finding.id).collect();
    json!({
        "@id": words::id_link(&finding.id),
        "name": finding.id,
        "description": finding.summary,
        "aliases": documents::unless_empty(aliases.into_iter().map(|it| json!(it)).collect()),
    })
}

/// Each image that has it, with its packages that have it.
fn products(group: &[&UnionFinding<'_>], report: &Report, union: &Union<'_>) -> Vec<Value> {
    let artifact = Artifact::of(report);
    let mut images: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
    for found in group {
        for image in &found.images {
            images.entry(*image).or_default().insert(&union.package_of(found).purl);
        }
    }
    let product = |(index, purls): (usize, BTreeSet<&str>)| {
        let image = report.images.get(index)?;
        let purl = artifact.purl_of_image(image);
        let digest = image.digest.or(report.subject.digest);
        let id = purl.clone().or_else(|| digest.map(|it| format!("urn:oci:{it}")));
        let components =
            purls.into_iter().map(|purl| json!({ "@id": purl, "identifiers": { "purl": purl } }));
        Some(json!({
            "@id": id.unwrap_or_else(|| format!("urn:uuid:{}", identity::uuid(&["product", &artifact.name]))),
            "identifiers": purl.map(|purl| json!({ "purl": purl })),
            "hashes": digest.map(|it| json!({ hash_name(it.algorithm()): it.hex() })),
            "subcomponents": components.collect::<Vec<_>>(),
        }))
    };
    images.into_iter().filter_map(product).collect()
}

fn hash_name(algorithm: plimsoll_core::Algorithm) -> &'static str {
    match algorithm {
        plimsoll_core::Algorithm::Sha256 => "sha-256",
        plimsoll_core::Algorithm::Sha512 => "sha-512",
    }
}

#[cfg(test)]
mod tests;
