//! Syft's own JSON.

use plimsoll_core::{Distro, SourcePackage};
use serde::Deserialize;
use serde_json::Value;

use super::document::Document;
use super::draft::{Draft, Said};
use super::json::{entries, parse};
use crate::lenient::{Maybe, Text};

#[derive(Deserialize)]
struct Syft {
    artifacts: Option<Vec<Maybe<Artifact>>>,
    distro: Option<Maybe<Release>>,
    source: Option<Maybe<Source>>,
    schema: Option<Maybe<Schema>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Schema {
    version: Text,
}

/// What os-release says; of old documents the name stands for the id.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Release {
    id: Text,
    name: Text,
    #[serde(rename = "prettyName")]
    pretty_name: Text,
    #[serde(rename = "versionID")]
    version_id: Text,
    version: Text,
    #[serde(rename = "versionCodename")]
    codename: Text,
    #[serde(rename = "cpeName")]
    cpe: Text,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Source {
    name: Text,
    metadata: Value,
    target: Value,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Artifact {
    name: Text,
    version: Text,
    purl: Text,
    locations: Option<Vec<Maybe<Location>>>,
    licenses: Option<Vec<Value>>,
    upstreams: Option<Vec<Maybe<Upstream>>>,
}

#[derive(Deserialize)]
struct Location {
    path: String,
}

#[derive(Deserialize)]
struct Upstream {
    name: String,
    #[serde(default)]
    version: Text,
}

/// Reads a document with `artifacts` and a `schema`.
pub(super) fn read(text: &str, carried: bool) -> Result<Document, serde_json::Error> {
    let document: Syft = parse(text, carried)?;
    let mut draft = Draft::new("sbom/syft");
    for artifact in entries(document.artifacts, &mut draft) {
        draft.take(said(artifact));
    }
    let source = document.source.and_then(Maybe::get).unwrap_or_default();
    let about = if source.metadata.is_object() { &source.metadata } else { &source.target };
    draft.name = about["userInput"].as_str().map(str::to_owned).or(Some(source.name.0));
    draft.digest = about["manifestDigest"].as_str().and_then(|it| it.parse().ok());
    if let Some(distro) = document.distro.and_then(Maybe::get).and_then(distro) {
        draft.distro(distro);
    }
    let schema = document.schema.and_then(Maybe::get).unwrap_or_default();
    Ok(draft.finish(format!("Syft {} JSON", schema.version.0)))
}

fn said(artifact: Artifact) -> Said {
    let license = |value: &Value| {
        let text = value.as_str().or(value["value"].as_str()).or(value["spdxExpression"].as_str());
        text.map(str::to_owned)
    };
    let licenses: Vec<String> = artifact.licenses.iter().flatten().filter_map(license).collect();
    let path = artifact.locations.into_iter().flatten().find_map(Maybe::get).map(|it| it.path);
    let upstream = artifact.upstreams.into_iter().flatten().find_map(Maybe::get);
    Said {
        name: artifact.name.0,
        version: artifact.version.0,
        purl: artifact.purl.0,
        license: (!licenses.is_empty()).then(|| licenses.join(" AND ")),
        path,
        source: upstream.map(|it| SourcePackage { name: it.name, version: filled(it.version) }),
    }
}

fn distro(release: Release) -> Option<Distro> {
    let id = filled(release.id).or(filled(release.name))?.to_ascii_lowercase();
    Some(Distro {
        id,
        version_id: filled(release.version_id).unwrap_or(release.version.0),
        codename: filled(release.codename),
        pretty_name: filled(release.pretty_name),
        cpe: filled(release.cpe),
        ..Distro::default()
    })
}

fn filled(text: Text) -> Option<String> {
    Some(text.0).filter(|it| !it.is_empty())
}
