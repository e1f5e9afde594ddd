//! The results of one image: one for the operating system, one for each place of others.

use std::collections::BTreeMap;

use plimsoll_core::{Finding, ImageReport, InstalledPackage};
use serde_json::{Map, Value, json};

use super::vocabulary;
use crate::artifact::Artifact;
use crate::documents::unless_empty;
use crate::union::{Union, UnionFinding, UnionPackage};
use crate::words::{self, Standing};
use crate::{Style, identity};

/// What groups packages into a result; the operating system's come first.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    class: &'static str,
    kind: String,
    target: String,
}

const OS_PACKAGES: &str = "os-pkgs";
const LANGUAGE_PACKAGES: &str = "lang-pkgs";

#[derive(Default)]
struct Group {
    packages: Vec<usize>,
    findings: Vec<usize>,
}

/// The results of an image. Those of an index say their platform in the target.
pub(super) fn of(image: &ImageReport, artifact: &Artifact, many: bool, style: &Style) -> Vec<Value> {
    let union = Union::of(std::slice::from_ref(image));
    let mut groups: BTreeMap<Key, Group> = BTreeMap::new();
    if image.distro.is_some() {
        groups.entry(os_key(image, artifact, many)).or_default();
    }
    let keys: Vec<Key> = union.packages.iter().map(|it| key(it.installed, image, artifact, many)).collect();
    for (index, key) in keys.iter().enumerate() {
        groups.entry(key.clone()).or_default().packages.push(index);
    }
    for (index, found) in union.findings.iter().enumerate() {
        if let Some(key) = keys.get(found.package) {
            groups.entry(key.clone()).or_default().findings.push(index);
        }
    }
    // Trivy puts the operating system first, which is not the order of the letters.
    let (system, others): (Vec<_>, Vec<_>) = groups.iter().partition(|(key, _)| key.class == OS_PACKAGES);
    system.into_iter().chain(others).map(|(key, group)| result(key, group, &union, style)).collect()
}

fn key(installed: &InstalledPackage, image: &ImageReport, artifact: &Artifact, many: bool) -> Key {
    if words::is_operating_system(installed) {
        return os_key(image, artifact, many);
    }
    let (kind, target) = vocabulary::kind(installed);
    let target = match target {
        Some(target) => target.to_owned(),
        None => words::path(&installed.origin.path).trim_start_matches('/').to_owned(),
    };
    Key { class: LANGUAGE_PACKAGES, kind, target: with_platform(target, image, many) }
}

fn os_key(image: &ImageReport, artifact: &Artifact, many: bool) -> Key {
    let (family, version) = match &image.distro {
        Some(distro) => (vocabulary::family(&distro.id), distro.version_id.as_str()),
        None => ("none", ""),
    };
    let target = format!("{} ({})", artifact.name, format!("{family} {version}").trim_end());
    Key { class: OS_PACKAGES, kind: family.to_owned(), target: with_platform(target, image, many) }
}

fn with_platform(target: String, image: &ImageReport, many: bool) -> String {
    match &image.platform {
        Some(platform) if many => format!("{target} [{platform}]"),
        _ => target,
    }
}

fn result(key: &Key, group: &Group, union: &Union<'_>, style: &Style) -> Value {
    let findings = group.findings.iter().filter_map(|index| union.findings.get(*index));
    let (apart, counted): (Vec<_>, Vec<_>) =
        findings.partition(|it| matches!(words::standing(it.finding), Standing::Apart(_)));
    let packages = if style.list_packages { group.packages.as_slice() } else { &[] };
    let packages = packages.iter().filter_map(|index| Some(package(union.packages.get(*index)?)));
    json!({
        "Target": key.target,
        "Class": key.class,
        "Type": key.kind,
        "Packages": unless_empty(packages.collect()),
        "Vulnerabilities": unless_empty(counted.into_iter().map(|it| vulnerability(it, union)).collect()),
        "ExperimentalModifiedFindings": unless_empty(apart.into_iter().map(|it| modified(it, union)).collect()),
    })
}

fn identifier(it: &UnionPackage<'_>) -> Value {
    let place = words::path(&it.installed.origin.path);
    let uid = identity::fingerprint(&[&it.purl, &place]);
    json!({ "PURL": it.purl, "UID": uid.get(..16) })
}

fn layer(it: &UnionPackage<'_>) -> Value {
    let Some(layer) = it.layer else { return Value::Null };
    json!({
        "Digest": layer.info.digest.map(|digest| digest.to_string()),
        "DiffID": layer.info.diff_id.to_string(),
    })
}

fn package_id(installed: &InstalledPackage) -> String {
    format!("{}@{}", installed.package.name, installed.package.version)
}

/// The file, for packages that are not the operating system's.
fn package_path(installed: &InstalledPackage) -> Option<String> {
    let path = words::path(&installed.origin.path);
    (!words::is_operating_system(installed)).then(|| path.trim_start_matches('/').to_owned())
}

fn package(it: &UnionPackage<'_>) -> Value {
    let package = &it.installed.package;
    let source = package.source.as_ref();
    json!({
        "ID": package_id(it.installed),
        "Name": package.name,
        "Identifier": identifier(it),
        "Version": package.version,
        "Arch": it.architecture,
        "SrcName": source.map(|source| &source.name),
        "SrcVersion": source.map(|source| source.version.as_ref().unwrap_or(&package.version)),
        "Licenses": package.license.as_ref().map(|license| [license]),
        "Maintainer": package.vendor,
        "Modularitylabel": package.module,
        "Layer": layer(it),
        "FilePath": package_path(it.installed),
    })
}

fn vulnerability(found: &UnionFinding<'_>, union: &Union<'_>) -> Value {
    let (finding, it) = (found.finding, union.package_of(found));
    let aliases = finding.aliases.iter().filter(|alias| **alias != finding.id);
    let place = words::path(&it.installed.origin.path);
    json!({
        "VulnerabilityID": finding.id,
        "VendorIDs": unless_empty(aliases.map(|alias| json!(alias)).collect()),
        "PkgID": package_id(it.installed),
        "PkgName": it.installed.package.name,
        "PkgPath": package_path(it.installed),
        "PkgIdentifier": identifier(it),
        "InstalledVersion": it.installed.package.version,
        "FixedVersion": finding.fixed_version,
        "Status": finding.status.name(),
        "Layer": layer(it),
        "SeveritySource": finding.severity.source,
        "PrimaryURL": words::primary_link(finding),
        "DataSource": { "ID": finding.why.feed, "Name": finding.why.feed },
        "Fingerprint": format!("sha256:{}", identity::fingerprint(&[&finding.id, &it.purl, &place])),
        "Title": finding.summary,
        "Description": finding.description.as_deref().or(finding.summary.as_deref()),
        "Severity": vocabulary::severity(finding.severity.severity),
        "CweIDs": unless_empty(finding.cwes.iter().map(|cwe| json!(cwe)).collect()),
        "VendorSeverity": vendor_severity(finding),
        "CVSS": cvss(finding),
        "References": unless_empty(words::links(finding).map(|link| json!(link)).collect()),
        "PublishedDate": finding.published.map(|it| it.to_string()),
    })
}

fn vendor_severity(finding: &Finding) -> Value {
    let ratings = finding.ratings.iter().chain([&finding.severity]);
    let numbers: Map<String, Value> =
        ratings.map(|it| (it.source.clone(), json!(vocabulary::severity_number(it.severity)))).collect();
    Value::Object(numbers)
}

fn cvss(finding: &Finding) -> Value {
    let mut sources: Map<String, Value> = Map::new();
    for it in &finding.cvss {
        let prefix = match it.version.as_str() {
            "2.0" => "V2",
            "4.0" => "V40",
            _ => "V3",
        };
        let source = sources.entry(it.source.clone()).or_insert_with(|| json!({}));
        source[format!("{prefix}Vector")] = json!(it.vector);
        source[format!("{prefix}Score")] = json!(f64::from(it.score_tenths) / 10.0);
    }
    if sources.is_empty() { Value::Null } else { Value::Object(sources) }
}

fn modified(found: &UnionFinding<'_>, union: &Union<'_>) -> Value {
    let statement = match words::standing(found.finding) {
        Standing::Apart(why) => why,
        Standing::Counted | Standing::InDoubt => "",
    };
    json!({
        "Type": "vulnerability",
        "Status": "not_affected",
        "Statement": statement,
        "Source": "Plimsoll",
        "Finding": vulnerability(found, union),
    })
}
