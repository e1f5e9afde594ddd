//! SPDX JSON, 2.2 and 2.3.

use std::collections::BTreeSet;

use plimsoll_core::Purl;
use serde::Deserialize;
use serde_json::Value;

use super::super::json::{each, nullable, parse};
use super::packages::{Packages, Said};
use super::{ReadError, Sbom, vocabulary};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    spdx_version: String,
    #[serde(default, deserialize_with = "nullable")]
    name: String,
    #[serde(default, deserialize_with = "nullable")]
    packages: Vec<Value>,
    #[serde(default, deserialize_with = "nullable")]
    relationships: Vec<Value>,
    #[serde(default, deserialize_with = "nullable")]
    document_describes: Vec<String>,
}

/// A package, as both syntaxes give it.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct SpdxPackage {
    #[serde(rename = "SPDXID", deserialize_with = "nullable")]
    pub id: String,
    #[serde(deserialize_with = "nullable")]
    pub name: String,
    #[serde(deserialize_with = "nullable")]
    pub version_info: String,
    #[serde(deserialize_with = "nullable")]
    pub primary_package_purpose: String,
    pub license_concluded: Option<String>,
    pub license_declared: Option<String>,
    #[serde(deserialize_with = "nullable")]
    pub source_info: String,
    #[serde(deserialize_with = "nullable")]
    pub external_refs: Vec<ExternalRef>,
}

/// A reference to the package elsewhere.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct ExternalRef {
    #[serde(deserialize_with = "nullable")]
    pub reference_type: String,
    #[serde(deserialize_with = "nullable")]
    pub reference_locator: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Relationship {
    relationship_type: String,
    related_spdx_element: String,
}

pub(super) fn read(text: &str, carried: bool) -> Result<Sbom, ReadError> {
    let document: Document = parse(text, carried, "SPDX document")?;
    if !document.spdx_version.starts_with("SPDX-2.") {
        return Err(ReadError::new(format!("{} is not read; write SPDX 2.3", document.spdx_version)));
    }
    let (packages, wrong) = each::<SpdxPackage>(document.packages);
    // Relationships are read for what the document describes only; a broken one costs nothing.
    let (relationships, _) = each::<Relationship>(document.relationships);
    let described = relationships
        .into_iter()
        .filter(|it| it.relationship_type == "DESCRIBES")
        .map(|it| it.related_spdx_element)
        .chain(document.document_describes)
        .collect();
    let format = format!("SPDX {} JSON", document.spdx_version.trim_start_matches("SPDX-"));
    Ok(sbom(format, document.name, packages, &described, &wrong))
}

/// What both syntaxes come to.
pub(super) fn sbom(
    format: String,
    document_name: String,
    list: Vec<SpdxPackage>,
    described: &BTreeSet<String>,
    wrong: &[String],
) -> Sbom {
    let mut packages = Packages::new("sbom/spdx");
    wrong.iter().for_each(|it| packages.unreadable("are broken", it));
    let mut system = None;
    let mut name = None;
    let mut digest = None;
    for package in list {
        let purl = package.external_refs.iter().find(|it| it.reference_type == "purl");
        let purl = purl.map(|it| it.reference_locator.clone());
        let is_described = described.contains(&package.id);
        if is_described {
            name = name.or(Some(package.name.clone()));
            let version = purl.as_deref().and_then(Purl::parse).and_then(|it| it.version);
            digest = digest.or(version.and_then(|it| it.parse().ok()));
        }
        if package.primary_package_purpose == "OPERATING-SYSTEM"
            || package.id.starts_with("SPDXRef-OperatingSystem")
        {
            system = system.or_else(|| vocabulary::of_words(&package.name, &package.version_info));
        } else if purl.is_some() || !holds_packages(&package, is_described) {
            packages.take(said(package, purl));
        }
    }
    let name = name.or(Some(document_name)).filter(|it| !it.is_empty());
    Sbom { format, name, digest, inventory: packages.finish(system) }
}

/// What is no package itself: the thing described, and the folders and lock files that some
/// programs write as packages.
fn holds_packages(package: &SpdxPackage, is_described: bool) -> bool {
    let purpose = matches!(
        &*package.primary_package_purpose,
        "CONTAINER" | "FILE" | "SOURCE" | "ARCHIVE" | "DEVICE" | "INSTALL" | "OTHER"
    );
    let unversioned_application =
        package.primary_package_purpose == "APPLICATION" && package.version_info.is_empty();
    let by_id =
        ["SPDXRef-Application", "SPDXRef-ContainerImage", "SPDXRef-Filesystem", "SPDXRef-DocumentRoot"];
    is_described || purpose || unversioned_application || by_id.iter().any(|it| package.id.starts_with(it))
}

fn said(package: SpdxPackage, purl: Option<String>) -> Said {
    let license = [package.license_declared, package.license_concluded]
        .into_iter()
        .flatten()
        .find(|it| !matches!(it.as_str(), "NOASSERTION" | "NONE" | ""));
    Said {
        name: package.name,
        version: package.version_info,
        purl,
        license,
        path: path(&package.source_info),
        source: None,
    }
}

/// Syft's sentence "acquired package info from … : /path".
fn path(source_info: &str) -> Option<String> {
    let (_, paths) = source_info.strip_prefix("acquired package info from ")?.rsplit_once(": ")?;
    let first = paths.split(", ").next()?;
    first.starts_with('/').then(|| first.to_owned())
}
