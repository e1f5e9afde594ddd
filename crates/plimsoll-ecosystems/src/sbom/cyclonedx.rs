//! CycloneDX JSON, 1.2 to 1.7: components, nested or not.

use plimsoll_core::{Digest, Purl, SourcePackage};
use serde::Deserialize;

use super::document::Document;
use super::draft::{Draft, Said, license, version_of_parts};
use super::json::{entries, parse};
use crate::lenient::{Maybe, Text};

#[derive(Deserialize)]
struct Bom {
    #[serde(default, rename = "specVersion")]
    version: Text,
    metadata: Option<Maybe<Metadata>>,
    components: Option<Vec<Maybe<Component>>>,
}

#[derive(Deserialize)]
struct Metadata {
    component: Option<Component>,
}

/// A component, as both syntaxes give it.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Component {
    #[serde(rename = "type")]
    pub sort: Text,
    pub group: Text,
    pub name: Text,
    pub version: Text,
    pub purl: Text,
    pub scope: Text,
    licenses: Option<Vec<Maybe<LicenseChoice>>>,
    properties: Option<Vec<Maybe<Property>>>,
    hashes: Option<Vec<Maybe<Hash>>>,
    components: Option<Vec<Component>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct LicenseChoice {
    expression: Text,
    license: Option<License>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct License {
    id: Text,
    name: Text,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Property {
    name: Text,
    value: Text,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Hash {
    alg: Text,
    content: Text,
}

/// Reads a document whose `bomFormat` says that it is one.
pub(super) fn read(text: &str, carried: bool) -> Result<Document, serde_json::Error> {
    let bom: Bom = parse(text, carried)?;
    let mut draft = Draft::new(READER);
    let components = entries(bom.components, &mut draft);
    let subject = match bom.metadata {
        Some(Maybe::Is(metadata)) => metadata.component,
        Some(Maybe::Not(_)) => {
            draft.unreadable("are broken", "metadata");
            None
        }
        None => None,
    };
    Ok(finish(draft, format!("CycloneDX {} JSON", bom.version.0), subject, components))
}

/// The origin of packages of both syntaxes.
pub(super) const READER: &str = "sbom/cyclonedx";

/// What both syntaxes come to.
pub(super) fn finish(
    mut draft: Draft,
    format: String,
    subject: Option<Component>,
    components: Vec<Component>,
) -> Document {
    let mut waiting = components;
    waiting.reverse();
    if let Some(mut subject) = subject {
        draft.digest = digest(&subject);
        draft.name = Some(subject.name.0.clone());
        waiting.extend(subject.components.take().unwrap_or_default());
        // A document about one library lists what it needs; it is a package itself. What the
        // document is about need not have a package URL.
        if !subject.purl.0.is_empty() {
            waiting.push(subject);
        }
    }
    while let Some(mut component) = waiting.pop() {
        waiting.extend(component.components.take().unwrap_or_default().into_iter().rev());
        take(component, &mut draft);
    }
    draft.finish(format)
}

fn take(component: Component, draft: &mut Draft) {
    // What is not in the product when it runs (section "scope").
    if component.scope.0 == "excluded" {
        draft.excluded();
    } else if component.sort.0 == "operating-system" {
        draft.system(&component.name.0, &component.version.0);
    } else if is_package(&component) {
        draft.take(said(component));
    }
}

/// What stands for a package. An application without package URL and version is a lock file or a
/// folder that holds packages, in the documents of most programs.
fn is_package(component: &Component) -> bool {
    let (has_purl, has_version) = (!component.purl.0.is_empty(), !component.version.0.is_empty());
    match &*component.sort.0 {
        "library" | "framework" | "" => true,
        "application" => has_purl || has_version,
        "container" => false,
        _ => has_purl,
    }
}

fn said(component: Component) -> Said {
    let properties: Vec<Property> =
        component.properties.unwrap_or_default().into_iter().filter_map(Maybe::get).collect();
    let property =
        |ending: &str| properties.iter().find(|it| it.name.0.ends_with(ending)).map(|it| it.value.0.clone());
    let path = property("trivy:FilePath").or(property("trivy:PkgPath")).or(property("syft:location:0:path"));
    let name = match &*component.group.0 {
        "" => component.name.0,
        group => format!("{group}/{}", component.name.0),
    };
    Said {
        name,
        version: component.version.0,
        purl: component.purl.0,
        license: license_of(component.licenses.unwrap_or_default()),
        path,
        source: trivys_source(&properties),
    }
}

fn license_of(choices: Vec<Maybe<LicenseChoice>>) -> Option<String> {
    let texts = choices.into_iter().filter_map(Maybe::get).map(|choice| match choice.license {
        Some(License { id, name }) if id.0.is_empty() => name.0,
        Some(License { id, .. }) => id.0,
        None => choice.expression.0,
    });
    let texts: Vec<String> = texts.filter_map(license).collect();
    (!texts.is_empty()).then(|| texts.join(" AND "))
}

/// The source package as Trivy writes it: in properties, its version in three parts.
fn trivys_source(properties: &[Property]) -> Option<SourcePackage> {
    let of = |key: &str| {
        let is_it = |it: &&Property| it.name.0.strip_prefix("aquasecurity:trivy:") == Some(key);
        properties.iter().find(is_it).map_or("", |it| &*it.value.0)
    };
    let name = of("SrcName");
    let version = version_of_parts(of("SrcVersion"), of("SrcRelease"), of("SrcEpoch"));
    (!name.is_empty()).then(|| SourcePackage { name: name.to_owned(), version })
}

/// The digest of the image described, by its package URL, version or hash.
fn digest(component: &Component) -> Option<Digest> {
    if component.sort.0 != "container" {
        return None;
    }
    let of_purl = Purl::parse(&component.purl.0).and_then(|it| it.version).and_then(|it| it.parse().ok());
    let of_hash = |hash: &Maybe<Hash>| match hash {
        Maybe::Is(Hash { alg, content }) => {
            format!("{}:{}", alg.0.to_ascii_lowercase().replace('-', ""), content.0).parse().ok()
        }
        Maybe::Not(_) => None,
    };
    let of_version = component.version.0.parse().ok();
    of_purl.or(of_version).or_else(|| component.hashes.iter().flatten().find_map(of_hash))
}

impl Component {
    /// A component of this type, of which the rest is not read yet.
    pub(super) fn of_sort(sort: String) -> Component {
        Component { sort: Text(sort), ..Component::default() }
    }

    /// Adds a property whose value comes later.
    pub(super) fn begin_property(&mut self, name: String) {
        let property = Property { name: Text(name), ..Property::default() };
        self.properties.get_or_insert_default().push(Maybe::Is(property));
    }

    /// The value of the last property.
    pub(super) fn end_property(&mut self, value: String) {
        if let Some(Maybe::Is(property)) = self.properties.as_mut().and_then(|it| it.last_mut()) {
            property.value = Text(value);
        }
    }

    /// Adds a licence or an expression.
    pub(super) fn add_license(&mut self, expression: String) {
        let choice = LicenseChoice { expression: Text(expression), license: None };
        self.licenses.get_or_insert_default().push(Maybe::Is(choice));
    }
}
