//! CycloneDX documents (JSON, 1.2 to 1.7): components, nested or not.

use plimsoll_core::{Package, SourcePackage};
use serde::Deserialize;

use super::{Document, Draft};
use crate::lenient::{Maybe, Text};

#[derive(Deserialize)]
struct Bom {
    metadata: Option<Metadata>,
    components: Option<Vec<Component>>,
}

#[derive(Deserialize)]
struct Metadata {
    component: Option<Component>,
}

#[derive(Deserialize)]
struct Component {
    #[serde(default, rename = "type")]
    sort: Text,
    #[serde(default)]
    name: Text,
    #[serde(default)]
    version: Text,
    #[serde(default)]
    purl: Text,
    #[serde(default)]
    scope: Text,
    licenses: Option<Vec<Maybe<LicenseChoice>>>,
    properties: Option<Vec<Maybe<Property>>>,
    components: Option<Vec<Component>>,
}

#[derive(Deserialize)]
struct LicenseChoice {
    #[serde(default)]
    expression: Text,
    license: Option<License>,
}

#[derive(Deserialize)]
struct License {
    #[serde(default)]
    id: Text,
    #[serde(default)]
    name: Text,
}

#[derive(Deserialize)]
struct Property {
    #[serde(default)]
    name: Text,
    #[serde(default)]
    value: Text,
}

/// Reads a document whose `bomFormat` says that it is one.
pub(super) fn read(bytes: &[u8]) -> Result<Document, serde_json::Error> {
    let bom: Bom = serde_json::from_slice(bytes)?;
    let mut draft = Draft::default();
    let root = bom.metadata.and_then(|metadata| metadata.component);
    let mut waiting: Vec<Component> = bom.components.unwrap_or_default();
    waiting.reverse();
    // What the document is about need not have a purl.
    if let Some(root) = root.filter(|root| !root.purl.0.is_empty()) {
        waiting.push(root);
    }
    while let Some(mut component) = waiting.pop() {
        waiting.extend(component.components.take().unwrap_or_default().into_iter().rev());
        take(component, &mut draft);
    }
    Ok(draft.finish())
}

fn take(component: Component, draft: &mut Draft) {
    let Component { sort, name, version, purl, scope, licenses, properties, .. } = component;
    // What is not in the product when it runs (section "scope").
    if scope.0 == "excluded" {
        return;
    }
    if sort.0 == "operating-system" {
        draft.system(&name.0, version.0);
        return;
    }
    if purl.0.is_empty() {
        let is_application = sort.0 == "application" && !version.0.is_empty();
        if is_application || matches!(&*sort.0, "library" | "framework") {
            draft.without_purl();
        }
        return;
    }
    draft.purl(&purl.0, |package| {
        package.license = license_of(licenses.unwrap_or_default());
        if package.source.is_none() && crate::is_operating_system(&package.kind) {
            package.source = trivys_source(&properties.unwrap_or_default(), package);
        }
    });
}

fn license_of(choices: Vec<Maybe<LicenseChoice>>) -> Option<String> {
    let texts = choices.into_iter().filter_map(Maybe::get).map(|choice| match choice.license {
        Some(License { id, name }) => {
            if id.0.is_empty() {
                name.0
            } else {
                id.0
            }
        }
        None => choice.expression.0,
    });
    let texts: Vec<String> = texts.filter_map(super::license).collect();
    (!texts.is_empty()).then(|| texts.join(" AND "))
}

/// The source package as Trivy writes it: in properties, its version in three parts.
fn trivys_source(properties: &[Maybe<Property>], package: &Package) -> Option<SourcePackage> {
    let of = |key: &str| {
        properties.iter().find_map(|property| match property {
            Maybe::Is(Property { name, value }) => {
                let name = name.0.strip_prefix("aquasecurity:trivy:")?;
                (name == key && !value.0.is_empty()).then_some(&*value.0)
            }
            Maybe::Not(_) => None,
        })
    };
    let name = of("SrcName")?.to_owned();
    let version = of("SrcVersion").map(|version| {
        let epoch = of("SrcEpoch").filter(|epoch| *epoch != "0").map_or(String::new(), |it| format!("{it}:"));
        let release = of("SrcRelease").map_or(String::new(), |release| format!("-{release}"));
        format!("{epoch}{version}{release}")
    });
    Some(SourcePackage { name, version: version.filter(|version| *version != package.version) })
}
