//! Grype's JSON, for the programs that read it: matches, and those ignored with the rule.
//!
//! Source: what Grype's presenter writes (anchore/grype:grype/presenter/models). Problems stand
//! in the descriptor, the one place that is the scanner's own.

mod vocabulary;

use std::io;

use plimsoll_core::{CvssVector, Finding, Report, Status};
use serde_json::{Value, json};

use crate::artifact::Artifact;
use crate::union::{self, Union, UnionFinding, UnionPackage};
use crate::words::{self, Standing};
use crate::{Format, Style, documents, identity, is_complete};

/// The row of Grype's JSON.
pub(crate) struct Grype;

impl Format for Grype {
    fn name(&self) -> &'static str {
        "grype"
    }

    fn render(&self, report: &Report, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
        let union = Union::of(&report.images);
        let is_apart = |it: &&UnionFinding<'_>| matches!(words::standing(it.finding), Standing::Apart(_));
        let (apart, counted): (Vec<_>, Vec<_>) = union.findings.iter().partition(is_apart);
        let document = json!({
            "matches": counted.into_iter().map(|it| matched(it, &union)).collect::<Vec<_>>(),
            "ignoredMatches": documents::unless_empty(apart.into_iter().map(|it| ignored(it, &union)).collect()),
            "source": source(report),
            "distro": distro(report),
            "descriptor": descriptor(report, style),
        });
        documents::write(document, out)
    }
}

fn matched(found: &UnionFinding<'_>, union: &Union<'_>) -> Value {
    let (finding, package) = (found.finding, union.package_of(found));
    json!({
        "vulnerability": vulnerability(finding),
        "relatedVulnerabilities": related(finding),
        "matchDetails": [detail(finding, package)],
        "artifact": artifact(package),
    })
}

fn ignored(found: &UnionFinding<'_>, union: &Union<'_>) -> Value {
    let why = match words::standing(found.finding) {
        Standing::Apart(why) => why,
        Standing::Counted | Standing::InDoubt => "",
    };
    let mut matched = matched(found, union);
    matched["appliedIgnoreRules"] = json!([{
        "vulnerability": found.finding.id,
        "reason": why,
        "namespace": "",
        "package": { "name": union.package_of(found).installed.package.name },
    }]);
    matched
}

fn vulnerability(finding: &Finding) -> Value {
    let urls: Vec<&str> = words::links(finding).collect();
    json!({
        "id": finding.id,
        "dataSource": words::primary_link(finding).unwrap_or_default(),
        "namespace": format!("{}:{}", finding.why.feed, finding.why.realm),
        "severity": words::capitalised(finding.severity.severity),
        "urls": urls,
        "description": finding.summary,
        "cvss": finding.cvss.iter().map(cvss).collect::<Vec<_>>(),
        "knownExploited": finding.kev.as_ref().map(|kev| json!([{
            "cve": finding.id,
            "dateAdded": kev.added.map(|it| it.date_text()),
            "dueDate": kev.due.map(|it| it.date_text()),
            "knownRansomwareCampaignUse": if kev.ransomware { "Known" } else { "Unknown" },
        }])),
        "epss": finding.epss.as_ref().map(|epss| json!([{
            "cve": finding.id,
            "epss": f64::from(epss.score_millionths) / 1e6,
            "percentile": epss.percentile_millionths.map_or(0.0, |it| f64::from(it) / 1e6),
            "date": epss.date.map(|it| it.date_text()),
        }])),
        "fix": {
            "versions": finding.fixed_version.iter().collect::<Vec<_>>(),
            "state": fix_state(finding),
        },
        "advisories": [],
        "risk": risk(finding),
    })
}

fn fix_state(finding: &Finding) -> &'static str {
    match finding.status {
        _ if finding.fixed_version.is_some() => "fixed",
        Status::Fixed => "fixed",
        Status::WillNotFix | Status::EndOfLife => "wont-fix",
        Status::Affected | Status::FixDeferred => "not-fixed",
        Status::UnderInvestigation | Status::NotAffected => "unknown",
    }
}

/// From 0 to 100: how likely, times how bad; the exploited count as certain.
fn risk(finding: &Finding) -> f64 {
    let severity = finding.cvss.iter().map(|it| it.score_tenths).max().map_or_else(
        || match words::rank(finding.severity.severity) {
            0 => 95.0,
            1 => 80.0,
            2 => 55.0,
            3 => 20.0,
            _ => 5.0,
        },
        f64::from,
    );
    let likely = match (&finding.kev, &finding.epss) {
        (Some(_), _) => 1.0,
        (None, Some(epss)) => f64::from(epss.score_millionths) / 1e6,
        (None, None) => 0.0,
    };
    (severity * likely * 1000.0).round() / 1000.0
}

fn cvss(it: &CvssVector) -> Value {
    json!({
        "source": it.source,
        "type": "Primary",
        "version": it.version,
        "vector": it.vector,
        "metrics": { "baseScore": f64::from(it.score_tenths) / 10.0 },
        "vendorMetadata": {},
    })
}

fn related(finding: &Finding) -> Vec<Value> {
    let aliases = finding.aliases.iter().filter(|it| **it != finding.id);
    let related = aliases.map(|alias| {
        json!({
            "id": alias,
            "dataSource": words::id_link(alias).unwrap_or_default(),
            "namespace": finding.why.feed,
            "severity": "Unknown",
            "urls": [],
            "cvss": [],
        })
    });
    related.collect()
}

fn detail(finding: &Finding, package: &UnionPackage<'_>) -> Value {
    let installed = &package.installed.package;
    let direct = finding.why.advisory_package == installed.name;
    json!({
        "type": if direct { "exact-direct-match" } else { "exact-indirect-match" },
        "matcher": format!("{}-matcher", installed.kind),
        "searchedBy": {
            "package": { "name": finding.why.advisory_package, "version": installed.version },
            "namespace": finding.why.realm,
        },
        "found": {
            "vulnerabilityID": finding.id,
            "versionConstraint": finding.why.comparison,
        },
        "fix": finding.fixed_version.as_ref().map(|version| json!({ "suggestedVersion": version })),
    })
}

fn artifact(package: &UnionPackage<'_>) -> Value {
    let installed = &package.installed.package;
    let path = words::path(&package.installed.origin.path);
    let id = identity::fingerprint(&[&package.purl, &path]);
    let upstreams = installed.source.iter().map(|it| json!({ "name": it.name, "version": it.version }));
    json!({
        "id": id.get(..16),
        "name": installed.name,
        "version": installed.version,
        "type": vocabulary::kind(&installed.kind),
        "locations": [{
            "path": path,
            "layerID": package.layer.map(|it| it.info.diff_id.to_string()),
            "accessPath": path,
        }],
        "language": vocabulary::language(&installed.kind),
        "licenses": installed.license.iter().collect::<Vec<_>>(),
        "cpes": [],
        "purl": package.purl,
        "upstreams": upstreams.collect::<Vec<_>>(),
    })
}

fn source(report: &Report) -> Value {
    let subject = Artifact::of(report);
    let image = report.images.first();
    let platform = image.and_then(|it| it.platform.as_ref());
    let layers = image.map(|it| it.layers.as_slice()).unwrap_or_default().iter().map(|layer| {
        json!({
            "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip",
            "digest": layer.diff_id.to_string(),
            "size": layer.size_bytes.unwrap_or(0),
        })
    });
    json!({
        "type": match report.subject.kind {
            plimsoll_core::SubjectKind::RootFileSystem => "directory",
            _ => "image",
        },
        "target": {
            "userInput": subject.name,
            "manifestDigest": report.subject.digest.map(|it| it.to_string()).unwrap_or_default(),
            "mediaType": report.subject.media_type.as_deref().unwrap_or_default(),
            "tags": subject.tag().into_iter().collect::<Vec<_>>(),
            "repoDigests": subject.repository_digest().into_iter().collect::<Vec<_>>(),
            "layers": layers.collect::<Vec<_>>(),
            "architecture": platform.map(|it| it.architecture.as_str()).unwrap_or_default(),
            "os": platform.map(|it| it.os.as_str()).unwrap_or_default(),
        },
    })
}

fn distro(report: &Report) -> Value {
    match report.images.first().and_then(|it| it.distro.as_ref()) {
        Some(distro) => json!({ "name": distro.id, "version": distro.version_id, "idLike": distro.id_like }),
        None => json!({ "name": "", "version": "", "idLike": [] }),
    }
}

fn descriptor(report: &Report, style: &Style) -> Value {
    let problems: Vec<String> = union::problems(report).into_iter().map(words::problem).collect();
    json!({
        "name": "plimsoll",
        "version": style.tool_version,
        "timestamp": report.created.to_string(),
        "db": report.snapshot.as_ref().map(|it| json!({ "built": it.built.to_string(), "checksum": it.digest.to_string() })),
        "complete": is_complete(report),
        "problems": problems,
    })
}

#[cfg(test)]
mod tests;
