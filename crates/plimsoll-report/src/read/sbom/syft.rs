//! Syft's own JSON.

use plimsoll_core::{Distro, SourcePackage};
use serde::Deserialize;
use serde_json::Value;

use super::super::json::{each, nullable, parse};
use super::packages::{Packages, Said};
use super::{ReadError, Sbom};

#[derive(Deserialize)]
struct Document {
    #[serde(default, deserialize_with = "nullable")]
    artifacts: Vec<Value>,
    #[serde(default, deserialize_with = "nullable")]
    distro: Release,
    #[serde(default, deserialize_with = "nullable")]
    source: Source,
    #[serde(default, deserialize_with = "nullable")]
    schema: Schema,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Schema {
    version: String,
}

/// What os-release says; of old documents the name stands for the id.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Release {
    id: Option<String>,
    name: Option<String>,
    #[serde(rename = "prettyName")]
    pretty_name: Option<String>,
    #[serde(rename = "versionID")]
    version_id: Option<String>,
    version: Option<String>,
    #[serde(rename = "versionCodename")]
    codename: Option<String>,
    #[serde(rename = "cpeName")]
    cpe: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Source {
    name: Option<String>,
    #[serde(deserialize_with = "nullable")]
    metadata: Value,
    #[serde(deserialize_with = "nullable")]
    target: Value,
}

#[derive(Deserialize)]
struct Artifact {
    name: String,
    #[serde(default)]
    version: String,
    purl: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    locations: Vec<Location>,
    #[serde(default, deserialize_with = "nullable")]
    licenses: Vec<Value>,
    #[serde(default, deserialize_with = "nullable")]
    upstreams: Vec<Upstream>,
}

#[derive(Deserialize)]
struct Location {
    path: String,
}

#[derive(Deserialize)]
struct Upstream {
    name: String,
    version: Option<String>,
}

pub(super) fn read(text: &str, carried: bool) -> Result<Sbom, ReadError> {
    let document: Document = parse(text, carried, "Syft document")?;
    let (artifacts, wrong) = each::<Artifact>(document.artifacts);
    let mut packages = Packages::new("sbom/syft");
    wrong.iter().for_each(|it| packages.unreadable("are broken", it));
    for artifact in artifacts {
        packages.take(said(artifact));
    }
    let source = document.source;
    let about = if source.metadata.is_object() { &source.metadata } else { &source.target };
    let name = about["userInput"].as_str().map(str::to_owned).or(source.name);
    let digest = about["manifestDigest"].as_str().and_then(|it| it.parse().ok());
    let format = format!("Syft {} JSON", document.schema.version);
    Ok(Sbom { format, name, digest, inventory: packages.finish(distro(document.distro)) })
}

fn said(artifact: Artifact) -> Said {
    let license = |value: &Value| {
        let text = value.as_str().or(value["value"].as_str()).or(value["spdxExpression"].as_str());
        text.map(str::to_owned)
    };
    let licenses: Vec<String> = artifact.licenses.iter().filter_map(license).collect();
    let upstream = artifact.upstreams.into_iter().next();
    Said {
        name: artifact.name,
        version: artifact.version,
        purl: artifact.purl,
        license: (!licenses.is_empty()).then(|| licenses.join(" AND ")),
        path: artifact.locations.into_iter().next().map(|it| it.path),
        source: upstream.map(|it| SourcePackage { name: it.name, version: it.version }),
    }
}

fn distro(release: Release) -> Option<Distro> {
    let id = release.id.or(release.name).filter(|it| !it.is_empty())?.to_ascii_lowercase();
    Some(Distro {
        id,
        version_id: release.version_id.or(release.version).unwrap_or_default(),
        codename: release.codename,
        pretty_name: release.pretty_name,
        cpe: release.cpe,
        ..Distro::default()
    })
}
