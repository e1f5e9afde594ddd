//! SPDX 3.0 as JSON: elements of all types in one list.

use plimsoll_core::Purl;
use serde::Deserialize;

use super::document::Document;
use super::draft::{Draft, Said};
use super::json::{entries, parse};
use super::spdx::READER;
use crate::lenient::{Maybe, Text, Texts};

#[derive(Deserialize)]
struct Graph {
    #[serde(rename = "@graph")]
    elements: Option<Vec<Maybe<Element>>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Element {
    #[serde(rename = "type")]
    sort: Text,
    #[serde(rename = "spdxId")]
    id: Text,
    name: Text,
    #[serde(rename = "specVersion")]
    specification: Text,
    #[serde(rename = "rootElement")]
    roots: Texts,
    #[serde(rename = "software_packageUrl")]
    package_url: Text,
    #[serde(rename = "software_packageVersion")]
    version: Text,
    #[serde(rename = "software_primaryPurpose")]
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
pub(super) fn read(text: &str, carried: bool) -> Result<Document, serde_json::Error> {
    let graph: Graph = parse(text, carried)?;
    let mut draft = Draft::new(READER);
    let mut elements = entries(graph.elements, &mut draft);
    let version = elements.iter().find(|it| it.sort.0 == "CreationInfo").map(|it| it.specification.0.clone());
    // Roots are the document's and its bills of materials'; what is described is one of them.
    let roots: Vec<String> = elements.iter_mut().flat_map(|it| std::mem::take(&mut it.roots.0)).collect();
    let document_name = elements.iter().find(|it| it.sort.0 == "SpdxDocument").map(|it| it.name.0.clone());
    let roots: std::collections::HashSet<String> = roots.into_iter().collect();
    for element in elements.into_iter().filter(|it| it.sort.0 == "software_Package") {
        let is_root = roots.contains(&element.id.0);
        take(element, is_root, &mut draft);
    }
    draft.name = draft.name.take().or(document_name);
    Ok(draft.finish(format!("SPDX {} JSON", version.as_deref().unwrap_or("3"))))
}

fn take(element: Element, is_root: bool, draft: &mut Draft) {
    match &*element.purpose.0 {
        "source" => return draft.excluded(),
        "operatingSystem" => return draft.system(&element.name.0, &element.version.0),
        _ => (),
    }
    let identifiers = element.identifiers.unwrap_or_default().into_iter().filter_map(Maybe::get);
    let purls = identifiers.filter(|it| matches!(&*it.sort.0, "packageUrl" | "packageURL"));
    let stated = Some(element.package_url.0).filter(|purl| !purl.is_empty());
    let purls: Vec<String> = stated.into_iter().chain(purls.map(|it| it.identifier.0)).collect();
    if is_root {
        let version = purls.first().and_then(|it| Purl::parse(it)).and_then(|it| it.version);
        draft.name.get_or_insert_with(|| element.name.0.clone());
        draft.digest = draft.digest.or(version.and_then(|it| it.parse().ok()));
    }
    let is_library = matches!(&*element.purpose.0, "" | "library" | "framework" | "module");
    let is_application = element.purpose.0 == "application" && !element.version.0.is_empty();
    let said = Said { name: element.name.0, version: element.version.0, ..Said::default() };
    if purls.is_empty() && !is_root && (is_library || is_application) {
        draft.take(said.clone());
    }
    for purl in purls {
        draft.take(Said { purl, ..said.clone() });
    }
}
