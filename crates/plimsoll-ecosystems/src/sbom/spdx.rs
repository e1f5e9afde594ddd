//! SPDX JSON, 2.2 and 2.3.
//!
//! Packages from which others were generated (`GENERATED_FROM`, a source package) are not in
//! the product, and are left out.

use std::collections::HashSet;

use plimsoll_core::Purl;
use serde::Deserialize;

use super::document::Document;
use super::draft::{Draft, Said, license};
use super::json::{entries, parse};
use crate::lenient::{Maybe, Text, Texts};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Spdx {
    #[serde(default)]
    spdx_version: Text,
    #[serde(default)]
    name: Text,
    packages: Option<Vec<Maybe<SpdxPackage>>>,
    relationships: Option<Vec<Maybe<Relationship>>>,
    #[serde(default)]
    document_describes: Texts,
}

/// A package, as both syntaxes give it.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct SpdxPackage {
    #[serde(rename = "SPDXID")]
    pub id: Text,
    pub name: Text,
    pub version_info: Text,
    pub license_declared: Text,
    pub license_concluded: Text,
    pub primary_package_purpose: Text,
    pub source_info: Text,
    external_refs: Option<Vec<Maybe<ExternalRef>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExternalRef {
    #[serde(default)]
    reference_type: Text,
    #[serde(default)]
    reference_locator: Text,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Relationship {
    #[serde(default)]
    spdx_element_id: Text,
    #[serde(default)]
    related_spdx_element: Text,
    #[serde(default)]
    relationship_type: Text,
}

/// What relationships say of packages, by their ids.
#[derive(Default)]
pub(super) struct Roles {
    described: HashSet<String>,
    sources: HashSet<String>,
}

impl Roles {
    /// Notes a relationship, if it is one that matters.
    pub fn relate(&mut self, element: &str, relationship: &str, related: &str) {
        match relationship {
            "GENERATED_FROM" => self.sources.insert(related.to_owned()),
            "GENERATES" => self.sources.insert(element.to_owned()),
            "DESCRIBES" | "DESCRIBE" => self.described.insert(related.to_owned()),
            _ => false,
        };
    }
}

/// The origin of packages of all forms of SPDX.
pub(super) const READER: &str = "sbom/spdx";

/// Reads a document whose `spdxVersion` says that it is one.
pub(super) fn read(text: &str, carried: bool) -> Result<Document, serde_json::Error> {
    let spdx: Spdx = parse(text, carried)?;
    let mut draft = Draft::new(READER);
    let packages = entries(spdx.packages, &mut draft);
    let mut roles = Roles { described: spdx.document_describes.0.into_iter().collect(), ..Roles::default() };
    for it in spdx.relationships.unwrap_or_default().into_iter().filter_map(Maybe::get) {
        roles.relate(&it.spdx_element_id.0, &it.relationship_type.0, &it.related_spdx_element.0);
    }
    let format = format!("SPDX {} JSON", spdx.spdx_version.0.trim_start_matches("SPDX-"));
    Ok(finish(draft, format, spdx.name.0, packages, &roles))
}

/// What both syntaxes come to.
pub(super) fn finish(
    mut draft: Draft,
    format: String,
    document_name: String,
    packages: Vec<SpdxPackage>,
    roles: &Roles,
) -> Document {
    for package in packages {
        if roles.sources.contains(&package.id.0) || package.primary_package_purpose.0 == "SOURCE" {
            draft.excluded();
            continue;
        }
        let is_described = roles.described.contains(&package.id.0);
        package.take(is_described, &mut draft);
    }
    draft.name.get_or_insert(document_name);
    draft.finish(format)
}

impl SpdxPackage {
    /// A package of which the rest is not read yet.
    pub(super) fn named(name: &str) -> SpdxPackage {
        SpdxPackage { name: Text(name.to_owned()), ..SpdxPackage::default() }
    }

    /// Adds a package URL.
    pub(super) fn add_purl(&mut self, purl: &str) {
        let reference =
            ExternalRef { reference_type: Text("purl".to_owned()), reference_locator: Text(purl.to_owned()) };
        self.external_refs.get_or_insert_default().push(Maybe::Is(reference));
    }

    fn take(mut self, is_described: bool, draft: &mut Draft) {
        let is_system = self.primary_package_purpose.0.replace('_', "-") == "OPERATING-SYSTEM"
            || self.id.0.starts_with("SPDXRef-OperatingSystem");
        if is_system {
            return draft.system(&self.name.0, &self.version_info.0);
        }
        let references = self.external_refs.take().unwrap_or_default().into_iter().filter_map(Maybe::get);
        let purls: Vec<String> =
            references.filter(|it| it.reference_type.0 == "purl").map(|it| it.reference_locator.0).collect();
        if is_described {
            let version = purls.first().and_then(|it| Purl::parse(it)).and_then(|it| it.version);
            draft.name.get_or_insert_with(|| self.name.0.clone());
            draft.digest = draft.digest.or(version.and_then(|it| it.parse().ok()));
        }
        if purls.is_empty() && (is_described || self.holds_packages()) {
            return;
        }
        let path = path(&self.source_info.0);
        let license = license(self.license_declared.0).or(license(self.license_concluded.0));
        let said = Said { name: self.name.0, version: self.version_info.0, license, path, ..Said::default() };
        if purls.is_empty() {
            draft.take(said.clone());
        }
        for purl in purls {
            draft.take(Said { purl, ..said.clone() });
        }
    }

    /// Whether this is no package itself: folders and lock files that some programs write as
    /// packages.
    fn holds_packages(&self) -> bool {
        let purpose = &*self.primary_package_purpose.0;
        let is_other = matches!(purpose, "CONTAINER" | "FILE" | "ARCHIVE" | "DEVICE" | "INSTALL" | "OTHER");
        let by_id =
            ["SPDXRef-Application", "SPDXRef-ContainerImage", "SPDXRef-Filesystem", "SPDXRef-DocumentRoot"];
        is_other
            || (purpose == "APPLICATION" && self.version_info.0.is_empty())
            || by_id.iter().any(|it| self.id.0.starts_with(it))
    }
}

/// Syft's sentence "acquired package info from … : /path".
fn path(source_info: &str) -> Option<String> {
    let (_, paths) = source_info.strip_prefix("acquired package info from ")?.rsplit_once(": ")?;
    let first = paths.split(", ").next()?;
    first.starts_with('/').then(|| first.to_owned())
}
