//! Manifests and indexes.

use std::collections::BTreeMap;

use plimsoll_core::{Digest, Limits, Platform};
use serde::Deserialize;

use super::error::{describe, excerpt};
use plimsoll_core::media_type::{OCI_ARTIFACT, OCI_INDEX, OCI_MANIFEST};

use super::media_type::is_schema_1;
use super::strict::Keys;
use super::{Descriptor, Document, Index, Manifest, ManifestError, is_index, is_manifest};

const KEYS: Keys = Keys {
    known: &[
        "schemaVersion",
        "mediaType",
        "artifactType",
        "config",
        "layers",
        "manifests",
        "blobs",
        "subject",
        "digest",
        "size",
        "platform",
        "os",
        "architecture",
        "variant",
        "annotations",
    ],
    opaque: &["annotations", "data", "history", "signatures"],
};

/// Reads a manifest or an index.
///
/// `media_type_hint` is what the outside said (a `Content-Type`, a descriptor); it is asked only
/// where the document does not say, and held against what it turns out to be.
pub fn parse_document(
    bytes: &[u8],
    media_type_hint: Option<&str>,
    limits: &Limits,
) -> Result<Document, ManifestError> {
    let size_bytes = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if size_bytes > limits.manifest_bytes {
        let limit_bytes = limits.manifest_bytes;
        return Err(ManifestError::TooLarge { what: "manifest", size_bytes, limit_bytes });
    }
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(ManifestError::NotJson { what: "manifest", got: describe(bytes) });
    }
    let unreadable = |error: serde_json::Error| ManifestError::from_json("manifest", bytes, &error);
    KEYS.check(bytes).map_err(unreadable)?;
    let wire: Wire = serde_json::from_slice(bytes).map_err(unreadable)?;
    let media_type = wire.media_type.clone().or_else(|| media_type_hint.map(str::to_owned));
    let document = wire.classify(limits)?;
    match media_type {
        Some(claimed) => agree(document, &claimed),
        None => Ok(document),
    }
}

/// Refuses a document that is announced as the opposite of what it is.
fn agree(document: Document, claimed: &str) -> Result<Document, ManifestError> {
    let why = match &document {
        Document::Index(_) if is_manifest(claimed) => "its media type says manifest, but it is an index",
        Document::Manifest(_) if is_index(claimed) => "its media type says index, but it is a manifest",
        _ => return Ok(document),
    };
    Err(ManifestError::Malformed { what: "manifest", why: why.to_owned() })
}

#[derive(Deserialize)]
struct Wire {
    #[serde(rename = "schemaVersion")]
    schema_version: Option<u64>,
    #[serde(rename = "mediaType")]
    media_type: Option<String>,
    #[serde(rename = "artifactType")]
    artifact_type: Option<String>,
    config: Option<WireDescriptor>,
    layers: Option<Vec<WireDescriptor>>,
    manifests: Option<Vec<WireDescriptor>>,
    blobs: Option<Vec<WireDescriptor>>,
    subject: Option<WireDescriptor>,
    #[serde(rename = "fsLayers")]
    fs_layers: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct WireDescriptor {
    #[serde(rename = "mediaType")]
    media_type: Option<String>,
    digest: String,
    size: serde_json::Number,
    platform: Option<WirePlatform>,
    annotations: Option<BTreeMap<String, Option<String>>>,
    #[serde(rename = "artifactType")]
    artifact_type: Option<String>,
}

#[derive(Deserialize)]
struct WirePlatform {
    os: Option<String>,
    architecture: Option<String>,
    variant: Option<String>,
}

impl Wire {
    fn classify(self, limits: &Limits) -> Result<Document, ManifestError> {
        if self.schema_version == Some(1)
            || self.fs_layers.is_some()
            || self.media_type.as_deref().is_some_and(is_schema_1)
        {
            return Err(ManifestError::Schema1);
        }
        match (self.manifests.is_some(), self.config.is_some() || self.layers.is_some()) {
            (true, true) => Err(ManifestError::ManifestAndIndex),
            (true, false) => Ok(Document::Index(self.index(limits)?)),
            (false, true) => Ok(Document::Manifest(Box::new(self.manifest(limits)?))),
            (false, false) if self.media_type.as_deref() == Some(OCI_ARTIFACT) => {
                Ok(Document::Manifest(Box::new(self.artifact(limits)?)))
            }
            (false, false) => Err(ManifestError::Malformed {
                what: "manifest",
                why: "it has neither `config` and `layers` nor `manifests`".to_owned(),
            }),
        }
    }

    fn index(self, limits: &Limits) -> Result<Index, ManifestError> {
        let manifests = self.manifests.unwrap_or_default();
        check_count("manifests", manifests.len(), limits.index_entries)?;
        let manifests = manifests
            .into_iter()
            .map(|it| it.read("index", "an entry of `manifests`"))
            .collect::<Result<_, _>>()?;
        Ok(Index { media_type: self.media_type.unwrap_or_else(|| OCI_INDEX.to_owned()), manifests })
    }

    fn manifest(self, limits: &Limits) -> Result<Manifest, ManifestError> {
        let Some(config) = self.config else {
            let why = "it has `layers` but no `config`".to_owned();
            return Err(ManifestError::Malformed { what: "manifest", why });
        };
        let layers = self.layers.unwrap_or_default();
        check_count("layers", layers.len(), limits.layers)?;
        let layers: Vec<Descriptor> =
            layers.into_iter().map(|it| it.read("manifest", "a layer")).collect::<Result<_, _>>()?;
        if let Some((at, layer)) =
            layers.iter().enumerate().find(|(_, it)| it.size_bytes > limits.layer_bytes)
        {
            let (size_bytes, limit_bytes) = (layer.size_bytes, limits.layer_bytes);
            return Err(ManifestError::LayerTooLarge { number: at + 1, size_bytes, limit_bytes });
        }
        Ok(Manifest {
            media_type: self.media_type.unwrap_or_else(|| OCI_MANIFEST.to_owned()),
            artifact_type: self.artifact_type.filter(|it| !it.is_empty()),
            config: Some(config.read("manifest", "`config`")?),
            layers,
            subject: self.subject.map(|it| it.read("manifest", "`subject`")).transpose()?,
        })
    }

    fn artifact(self, limits: &Limits) -> Result<Manifest, ManifestError> {
        let blobs = self.blobs.unwrap_or_default();
        check_count("blobs", blobs.len(), limits.layers)?;
        Ok(Manifest {
            media_type: OCI_ARTIFACT.to_owned(),
            artifact_type: self.artifact_type,
            config: None,
            layers: blobs.into_iter().map(|it| it.read("manifest", "a blob")).collect::<Result<_, _>>()?,
            subject: self.subject.map(|it| it.read("manifest", "`subject`")).transpose()?,
        })
    }
}

fn check_count(what: &'static str, count: usize, limit: usize) -> Result<(), ManifestError> {
    if count > limit { Err(ManifestError::TooMany { what, count, limit }) } else { Ok(()) }
}

impl WireDescriptor {
    fn read(self, document: &'static str, of: &str) -> Result<Descriptor, ManifestError> {
        let bad = |why| ManifestError::Malformed { what: document, why };
        let digest: Digest = self.digest.parse().map_err(|error| {
            bad(format!("the digest `{}` of {of} is wrong: {error}", excerpt(&self.digest)))
        })?;
        let size_bytes = match self.size.as_u64() {
            // What does not fit the specification's int64 is a lie in any case.
            Some(size) if i64::try_from(size).is_ok() => size,
            _ => {
                return Err(bad(format!(
                    "the size of {of} is {}, which no blob can have",
                    excerpt(&self.size.to_string())
                )));
            }
        };
        let annotations = self.annotations.unwrap_or_default();
        Ok(Descriptor {
            media_type: self.media_type.unwrap_or_default(),
            digest,
            size_bytes,
            platform: self.platform.and_then(WirePlatform::read),
            annotations: annotations.into_iter().filter_map(|(key, value)| Some((key, value?))).collect(),
            artifact_type: self.artifact_type.filter(|it| !it.is_empty()),
        })
    }
}

impl WirePlatform {
    fn read(self) -> Option<Platform> {
        platform(self.os, self.architecture, self.variant)
    }
}

/// A platform, where operating system and architecture are both said.
pub(super) fn platform(
    os: Option<String>,
    architecture: Option<String>,
    variant: Option<String>,
) -> Option<Platform> {
    let said = |it: &String| !it.is_empty();
    Some(Platform {
        os: os.filter(said)?,
        architecture: architecture.filter(said)?,
        variant: variant.filter(said),
    })
}
