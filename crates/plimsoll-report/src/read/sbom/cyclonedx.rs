//! CycloneDX JSON, 1.2 to 1.7.

use plimsoll_core::{Distro, Purl, SourcePackage};
use serde::Deserialize;
use serde_json::Value;

use super::super::json::{each, nullable, parse};
use super::packages::{Packages, Said};
use super::{ReadError, Sbom, vocabulary};

#[derive(Deserialize)]
struct Document {
    #[serde(rename = "specVersion", default)]
    version: String,
    metadata: Option<Metadata>,
    #[serde(default, deserialize_with = "nullable")]
    components: Vec<Value>,
}

#[derive(Deserialize)]
struct Metadata {
    component: Option<Component>,
}

/// A component, as both syntaxes give it.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Component {
    #[serde(rename = "type", deserialize_with = "nullable")]
    pub kind: String,
    #[serde(deserialize_with = "nullable")]
    pub group: String,
    #[serde(deserialize_with = "nullable")]
    pub name: String,
    #[serde(deserialize_with = "nullable")]
    pub version: String,
    pub purl: Option<String>,
    #[serde(deserialize_with = "nullable")]
    pub licenses: Vec<LicenseChoice>,
    #[serde(deserialize_with = "nullable")]
    pub properties: Vec<Property>,
    #[serde(deserialize_with = "nullable")]
    pub hashes: Vec<Hash>,
    #[serde(deserialize_with = "nullable")]
    pub components: Vec<Component>,
}

/// A licence or an expression.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct LicenseChoice {
    pub license: Option<License>,
    pub expression: Option<String>,
}

/// A licence by its id or name.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct License {
    pub id: Option<String>,
    pub name: Option<String>,
}

/// A name and a value that a program wrote.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Property {
    #[serde(deserialize_with = "nullable")]
    pub name: String,
    #[serde(deserialize_with = "nullable")]
    pub value: String,
}

/// A hash of a component.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Hash {
    #[serde(deserialize_with = "nullable")]
    pub alg: String,
    #[serde(deserialize_with = "nullable")]
    pub content: String,
}

pub(super) fn read(text: &str, carried: bool) -> Result<Sbom, ReadError> {
    let document: Document = parse(text, carried, "CycloneDX document")?;
    let (components, wrong) = each::<Component>(document.components);
    let subject = document.metadata.and_then(|it| it.component);
    Ok(sbom(format!("CycloneDX {} JSON", document.version), subject, components, &wrong))
}

/// What both syntaxes come to.
pub(super) fn sbom(
    format: String,
    subject: Option<Component>,
    components: Vec<Component>,
    wrong: &[String],
) -> Sbom {
    let mut packages = Packages::new("sbom/cyclonedx");
    wrong.iter().for_each(|it| packages.unreadable("are broken", it));
    let mut system: Option<Distro> = None;
    let mut waiting = components;
    waiting.reverse();
    if let Some(subject) = &subject {
        waiting.extend(subject.components.iter().cloned());
        // A document about one library lists what it needs; it is a package itself.
        if is_package(subject) && subject.purl.is_some() {
            waiting.push(Component { components: Vec::new(), ..subject.clone() });
        }
    }
    while let Some(component) = waiting.pop() {
        if component.kind == "operating-system" {
            system = system.or_else(|| vocabulary::of_words(&component.name, &component.version));
        } else if is_package(&component) {
            packages.take(said(&component));
        }
        waiting.extend(component.components);
    }
    let digest = subject.as_ref().and_then(digest);
    let name = subject.map(|it| it.name).filter(|it| !it.is_empty());
    Sbom { format, name, digest, inventory: packages.finish(system) }
}

/// What stands for a package. An application without a package URL is a lock file or a folder
/// that holds packages, in the documents of most programs.
fn is_package(component: &Component) -> bool {
    match &*component.kind {
        "library" | "framework" | "" => true,
        "application" | "platform" | "firmware" | "device-driver" | "machine-learning-model" | "file" => {
            component.purl.is_some()
        }
        _ => false,
    }
}

fn said(component: &Component) -> Said {
    let name = match &*component.group {
        "" => component.name.clone(),
        group => format!("{group}/{}", component.name),
    };
    let property = |ending: &str| {
        component.properties.iter().find(|it| it.name.ends_with(ending)).map(|it| it.value.clone())
    };
    let path = property("trivy:FilePath").or(property("trivy:PkgPath")).or(property("syft:location:0:path"));
    Said {
        name,
        version: component.version.clone(),
        purl: component.purl.clone(),
        license: licenses(&component.licenses),
        path,
        source: source(component),
    }
}

/// Trivy writes source packages as properties, version, release and epoch apart.
fn source(component: &Component) -> Option<SourcePackage> {
    let property = |name: &str| {
        let name = format!("aquasecurity:trivy:{name}");
        component.properties.iter().find(|it| it.name == name).map(|it| it.value.as_str())
    };
    if !component.purl.as_deref().is_some_and(vocabulary::names_system_package) {
        return None;
    }
    let version = property("SrcVersion").map(|version| {
        let release = property("SrcRelease").map(|it| format!("-{it}")).unwrap_or_default();
        let epoch =
            property("SrcEpoch").filter(|it| *it != "0").map(|it| format!("{it}:")).unwrap_or_default();
        format!("{epoch}{version}{release}")
    });
    Some(SourcePackage { name: property("SrcName")?.to_owned(), version })
}

fn licenses(choices: &[LicenseChoice]) -> Option<String> {
    let one = |choice: &LicenseChoice| {
        let license = choice.license.as_ref();
        choice.expression.clone().or(license.and_then(|it| it.id.clone().or(it.name.clone())))
    };
    let all: Vec<String> = choices.iter().filter_map(one).collect();
    (!all.is_empty()).then(|| all.join(" AND "))
}

/// The digest of the image described, by its hash or its package URL.
fn digest(component: &Component) -> Option<plimsoll_core::Digest> {
    if component.kind != "container" {
        return None;
    }
    let purl = component.purl.as_deref().and_then(Purl::parse);
    let of_purl = purl.and_then(|it| it.version).and_then(|it| it.parse().ok());
    let of_version = component.version.parse().ok();
    let of_hash = component.hashes.iter().find_map(|it| {
        format!("{}:{}", it.alg.to_ascii_lowercase().replace('-', ""), it.content).parse().ok()
    });
    of_purl.or(of_version).or(of_hash)
}
