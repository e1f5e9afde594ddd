//! SPDX documents as JSON: 2.2 and 2.3, and the packages of 3.0.
//!
//! Packages from which others were generated (`GENERATED_FROM`, a source package) are not in
//! the product, and are left out.

use std::collections::HashSet;

use serde::Deserialize;

use super::{Document, Draft, license};
use crate::lenient::{Maybe, Text, Texts};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Spdx {
    packages: Option<Vec<SpdxPackage>>,
    relationships: Option<Vec<Maybe<Relationship>>>,
    #[serde(default)]
    document_describes: Texts,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SpdxPackage {
    #[serde(default, rename = "SPDXID")]
    id: Text,
    #[serde(default)]
    name: Text,
    #[serde(default)]
    version_info: Text,
    #[serde(default)]
    license_declared: Text,
    #[serde(default)]
    license_concluded: Text,
    #[serde(default)]
    primary_package_purpose: Text,
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

/// Reads a document whose `spdxVersion` says that it is one.
pub(super) fn read(bytes: &[u8]) -> Result<Document, serde_json::Error> {
    let spdx: Spdx = serde_json::from_slice(bytes)?;
    let relationships = spdx.relationships.unwrap_or_default().into_iter().filter_map(Maybe::get);
    let (mut sources, mut described) = (HashSet::new(), HashSet::new());
    described.extend(spdx.document_describes.0);
    for Relationship { spdx_element_id, related_spdx_element, relationship_type } in relationships {
        match &*relationship_type.0 {
            "GENERATED_FROM" => sources.insert(related_spdx_element.0),
            "GENERATES" => sources.insert(spdx_element_id.0),
            "DESCRIBES" | "DESCRIBE" => described.insert(related_spdx_element.0),
            _ => false,
        };
    }
    let mut draft = Draft::default();
    for package in spdx.packages.unwrap_or_default() {
        if !sources.contains(&package.id.0) && package.primary_package_purpose.0 != "SOURCE" {
            let is_described = described.contains(&package.id.0);
            package.take(is_described, &mut draft);
        }
    }
    Ok(draft.finish())
}

impl SpdxPackage {
    fn take(self, is_described: bool, draft: &mut Draft) {
        let is_system = self.primary_package_purpose.0.replace('_', "-") == "OPERATING-SYSTEM"
            || self.id.0.starts_with("SPDXRef-OperatingSystem");
        if is_system {
            draft.system(&self.name.0, self.version_info.0);
            return;
        }
        let license = license(self.license_declared.0).or(license(self.license_concluded.0));
        let mut has_purl = false;
        for reference in self.external_refs.unwrap_or_default().into_iter().filter_map(Maybe::get) {
            if reference.reference_type.0 == "purl" {
                has_purl = true;
                let license = license.clone();
                draft.purl(&reference.reference_locator.0, |package| package.license = license);
            }
        }
        // An application or image that is only the sum of its packages has no version, mostly,
        // or is what the document describes.
        let purpose = &*self.primary_package_purpose.0;
        let is_library = matches!(purpose, "" | "APPLICATION" | "LIBRARY" | "FRAMEWORK");
        if !has_purl && !is_described && is_library && !self.version_info.0.is_empty() {
            draft.without_purl();
        }
    }
}

/// SPDX 3.0: elements of all types in one list.
#[derive(Deserialize)]
struct Graph {
    #[serde(rename = "@graph")]
    elements: Vec<Element>,
}

#[derive(Deserialize)]
struct Element {
    #[serde(default, rename = "type")]
    sort: Text,
    #[serde(default, rename = "software_packageUrl")]
    package_url: Text,
    #[serde(default, rename = "software_packageVersion")]
    version: Text,
    #[serde(default, rename = "software_primaryPurpose")]
    purpose: Text,
    #[serde(rename = "externalIdentifier")]
    identifiers: Option<Vec<Maybe<Identifier>>>,
}

#[derive(Deserialize)]
struct Identifier {
    #[serde(default, rename = "externalIdentifierType")]
    sort: Text,
    #[serde(default)]
    identifier: Text,
}

/// Reads a document whose `@context` is SPDX 3's.
pub(super) fn read_graph(bytes: &[u8]) -> Result<Document, serde_json::Error> {
    let graph: Graph = serde_json::from_slice(bytes)?;
    let mut draft = Draft::default();
    for element in graph.elements {
        if element.sort.0 != "software_Package" || element.purpose.0 == "source" {
            continue;
        }
        let identifiers = element.identifiers.unwrap_or_default().into_iter().filter_map(Maybe::get);
        let purls = identifiers.filter(|it| matches!(&*it.sort.0, "packageUrl" | "packageURL"));
        let stated = Some(element.package_url.0).filter(|purl| !purl.is_empty());
        let mut purls = stated.into_iter().chain(purls.map(|it| it.identifier.0)).peekable();
        let is_library = matches!(&*element.purpose.0, "" | "application" | "library" | "framework");
        if purls.peek().is_none() && is_library && !element.version.0.is_empty() {
            draft.without_purl();
        }
        for purl in purls {
            draft.purl(&purl, |_| ());
        }
    }
    Ok(draft.finish())
}
