//! Manifests, indexes and configurations, as the OCI image specification and Docker write them.
//!
//! Pure parsing of what may be hostile: everything is bounded by [`Limits`], a key that occurs
//! twice is an error where two readers could disagree, and a document that is two things at once
//! is neither. Fetches nothing and never looks at a descriptor's `urls`.
//!
//! [`Limits`]: plimsoll_core::Limits

mod config;
mod document;
mod error;
mod instruction;
mod media_type;
mod strict;

use std::collections::BTreeMap;

use plimsoll_core::{Digest, Platform};

pub use config::parse_config;
pub use document::parse_document;
pub use error::ManifestError;
pub use instruction::{Made, made};
pub use media_type::{ACCEPTED, LayerKind, layer_kind};
pub use plimsoll_core::media_type::{is_index, is_manifest};

/// The annotation by which a layout's index names a tag.
pub const REF_NAME: &str = "org.opencontainers.image.ref.name";

/// What a registry or a layout hands out under a tag or a manifest's digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Document {
    /// An index: a list of manifests.
    Index(Index),
    /// A manifest: a configuration and layers.
    Manifest(Box<Manifest>),
}

/// An OCI image index or a Docker manifest list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// As the document says, else the OCI one.
    pub media_type: String,
    /// What it lists, in its order.
    pub manifests: Vec<Descriptor>,
}

/// An OCI image manifest or a Docker manifest (version 2, schema 2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// As the document says, else the OCI one.
    pub media_type: String,
    /// What kind of artifact it says it is; images have none as a rule.
    pub artifact_type: Option<String>,
    /// Its configuration; `None` in OCI's withdrawn artifact manifest only.
    pub config: Option<Descriptor>,
    /// Its layers, base first.
    pub layers: Vec<Descriptor>,
    /// The manifest that it is attached to.
    pub subject: Option<Descriptor>,
}

/// A reference to a blob or manifest: type, digest and size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Descriptor {
    /// The media type that the referring document claims.
    pub media_type: String,
    /// The digest.
    pub digest: Digest,
    /// The size in bytes.
    pub size_bytes: u64,
    /// The platform, in an index.
    pub platform: Option<Platform>,
    /// The annotations.
    pub annotations: BTreeMap<String, String>,
    /// The kind of artifact, in an index.
    pub artifact_type: Option<String>,
}

impl Descriptor {
    /// The tag under which a layout's index lists this.
    pub fn ref_name(&self) -> Option<&str> {
        self.annotations.get(REF_NAME).map(String::as_str)
    }

    /// Whether this is BuildKit's attestation about another manifest of the index.
    pub fn is_attestation(&self) -> bool {
        self.annotations.get("vnd.docker.reference.type").is_some_and(|it| it == "attestation-manifest")
    }

    /// Whether this index entry is something attached to images rather than an image:
    /// `unknown/unknown`, or an attestation or artifact by its own word.
    ///
    /// An entry for a real platform is never one: runtimes choose by platform alone, and a word
    /// that hides an image from a scanner but not from them would be too easy.
    pub fn is_attachment(&self) -> bool {
        match &self.platform {
            Some(platform) => platform.is_unknown(),
            None => self.is_attestation() || self.is_artifact(),
        }
    }

    /// Whether the descriptor says that it points to an artifact; for images some writers put
    /// the configuration's type there.
    fn is_artifact(&self) -> bool {
        self.artifact_type.as_deref().is_some_and(|it| !media_type::is_image_config(it, ""))
    }
}

/// The parts of an image's configuration that a scan needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageConfig {
    /// For what it was built; old configurations do not say.
    pub platform: Option<Platform>,
    /// The digests of the uncompressed layers, base first: claims, to be checked.
    pub diff_ids: Vec<Digest>,
    /// How it was built, base first.
    pub history: Vec<History>,
    /// When it was built, as the configuration writes it.
    pub created: Option<String>,
}

/// One step of an image's history.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct History {
    /// The instruction, as its builder wrote it.
    pub created_by: Option<String>,
    /// The builder's comment.
    pub comment: Option<String>,
    /// Whether the step made no layer.
    pub empty_layer: bool,
}

impl Manifest {
    /// Whether this is a container image.
    pub fn is_image(&self) -> bool {
        self.why_no_image().is_none()
    }

    /// Why this is no container image, as a sentence without a full stop; `None` for an image.
    pub fn why_no_image(&self) -> Option<String> {
        use plimsoll_core::Escaped;
        let Some(config) = &self.config else {
            let kind = self.artifact_type.as_deref().unwrap_or("unnamed");
            return Some(format!("an artifact of type `{}`, which is no container image", Escaped(kind)));
        };
        if !media_type::is_image_config(&config.media_type, &self.media_type) {
            let kind = self.artifact_type.as_deref().unwrap_or(&config.media_type);
            return Some(format!("an artifact of type `{}`, which is no container image", Escaped(kind)));
        }
        let first = self.layers.first()?;
        if self.layers.iter().any(|layer| layer_kind(&layer.media_type) != LayerKind::Other) {
            return None;
        }
        Some(format!(
            "an artifact whose content is of type `{}`, which is no container image's layer",
            Escaped(&first.media_type)
        ))
    }

    /// Holds the configuration against this manifest: both must speak of the same layers.
    pub fn check_config(&self, config: &ImageConfig) -> Result<(), ManifestError> {
        if self.layers.len() == config.diff_ids.len() {
            return Ok(());
        }
        Err(ManifestError::LayerCount { layers: self.layers.len(), diff_ids: config.diff_ids.len() })
    }
}

#[cfg(test)]
mod tests;
