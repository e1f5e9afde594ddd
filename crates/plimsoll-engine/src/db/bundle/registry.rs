//! A bundle in a registry: an artifact under a tag, whose layers are moved only where they are not
//! there yet.

use plimsoll_core::{Digest, Limits, Reference};
use plimsoll_registry::{Access, ErrorKind, Options, Repository};

use super::super::store::Database;
use super::export::{Bundle, Content, ExportOptions, pack};
use super::form::{Layer, MANIFEST_TYPE, Manifest};
use super::{BundleError, BundleEvent, BundleSource, sha256};

/// What came of publishing.
pub struct Published {
    /// What was published.
    pub bundle: Bundle,
    /// The digest of its manifest.
    pub manifest: Digest,
    /// So many bytes were sent; the others were there.
    pub sent_bytes: u64,
}

/// Publishes the snapshot in use under a tag. Layers that the tag had before are used again.
///
/// # Errors
/// Where there is nothing to publish, or the registry does not take it.
pub fn publish(
    database: &Database,
    export: &ExportOptions<'_>,
    reference: &Reference,
    options: &Options,
    limits: &Limits,
) -> Result<Published, BundleError> {
    let repository = Repository::connect(reference, options, limits, Access::Write)?;
    let there = layers_there(&repository, reference)?;
    let mut bundle = pack(database, export, Content::Both, &there)?;
    let (mut sent_bytes, mut done_bytes) = (0, 0);
    let of_bytes = bundle.layers.iter().map(|(layer, _)| layer.size_bytes).sum();
    let mut send = |digest: Digest, bytes: Vec<u8>| -> Result<(), BundleError> {
        let size_bytes = bytes.len() as u64;
        if repository.push_blob(&digest, bytes)? {
            sent_bytes += size_bytes;
        }
        Ok(())
    };
    for (layer, bytes) in &mut bundle.layers {
        (export.listener)(BundleEvent::Sending { done_bytes, of_bytes });
        send(layer.digest, std::mem::take(bytes))?;
        done_bytes += layer.size_bytes;
    }
    send(sha256(&bundle.recipe_text), bundle.recipe_text.clone())?;
    let manifest = bundle.manifest();
    let digest = sha256(&manifest);
    repository.push_manifest(MANIFEST_TYPE, manifest)?;
    Ok(Published { bundle, manifest: digest, sent_bytes })
}

/// The layers of what the tag names now. Something else may be there; it is replaced.
fn layers_there(repository: &Repository, reference: &Reference) -> Result<Vec<Layer>, BundleError> {
    let layers = match repository.manifest() {
        Ok(bytes) => {
            let manifest = Manifest::decode(&reference.to_string(), &bytes);
            Ok(manifest.map_or(Vec::new(), |it| it.layers))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        // Some registries say so of a repository that is not there yet; writing will tell.
        Err(error) if error.kind() == ErrorKind::Unauthorized => Ok(Vec::new()),
        Err(error) => Err(error),
    }?;
    let mut there = Vec::new();
    for layer in layers {
        if repository.has_blob(&layer.digest)? {
            there.push(layer);
        }
    }
    Ok(there)
}

/// A bundle in a registry, to read.
pub struct RegistrySource {
    repository: Repository,
    reference: Reference,
}

impl RegistrySource {
    /// Finds the registry.
    ///
    /// # Errors
    /// Where it cannot be reached.
    pub fn open(reference: &Reference, options: &Options, limits: &Limits) -> Result<Self, BundleError> {
        let repository = Repository::connect(reference, options, limits, Access::Read)?;
        Ok(RegistrySource { repository, reference: reference.clone() })
    }
}

impl BundleSource for RegistrySource {
    fn name(&self) -> String {
        format!("`{}`", self.reference)
    }

    fn manifest(&self) -> Result<Vec<u8>, BundleError> {
        Ok(self.repository.manifest()?)
    }

    fn blob(&self, digest: &Digest, size_bytes: u64) -> Result<Vec<u8>, BundleError> {
        Ok(self.repository.blob(digest, size_bytes)?)
    }
}
