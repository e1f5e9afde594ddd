//! A manifest as it is pushed: what it is, and what must be there for it.
//!
//! Pure. Reads only what the registry must know; what it does not know is kept as it came.

use std::collections::BTreeMap;

use plimsoll_core::Digest;
use plimsoll_core::media_type::{
    DOCKER_LIST, DOCKER_MANIFEST, OCI_ARTIFACT, OCI_INDEX, OCI_MANIFEST, essence, is_index,
};
use plimsoll_store::{Child, NewManifest};
use serde::Deserialize;

use super::error::{Code, Refusal};

/// The most bytes of a manifest, as the specification asks registries to take at least.
pub const MANIFEST_BYTES_MAX: usize = 4 * 1024 * 1024;

/// A manifest that was read, and the layers that may lie elsewhere.
#[derive(Debug)]
pub struct Pushed {
    /// What is stored.
    pub manifest: NewManifest,
    /// Layers that clients fetch from elsewhere; they may be here as well.
    pub foreign: Vec<Digest>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    media_type: Option<String>,
    artifact_type: Option<String>,
    config: Option<Descriptor>,
    layers: Option<Vec<Descriptor>>,
    blobs: Option<Vec<Descriptor>>,
    manifests: Option<Vec<Descriptor>>,
    subject: Option<Descriptor>,
    annotations: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    media_type: Option<String>,
    digest: String,
    urls: Option<Vec<String>>,
    platform: Option<Platform>,
}

#[derive(Deserialize)]
struct Platform {
    os: Option<String>,
    architecture: Option<String>,
    variant: Option<String>,
}

/// Reads a manifest that was pushed under this `Content-Type`.
pub fn read(content: &[u8], content_type: Option<&str>, digest: Digest) -> Result<Pushed, Refusal> {
    let wire: Wire = serde_json::from_slice(content)
        .map_err(|error| invalid(format!("the manifest cannot be read: {error}")))?;
    let media_type = media_type(content_type, wire.media_type.as_deref())?;
    // A document that is two things at once is read as either by clients: CVE-2021-41190.
    let is_index = is_index(&media_type);
    let is_image = wire.config.is_some() || wire.layers.is_some() || wire.blobs.is_some();
    match (is_index, wire.manifests.is_some(), is_image) {
        (true, true, false) | (false, false, true) => (),
        (_, true, true) => return Err(invalid("the manifest is an image and an index at once")),
        _ => return Err(invalid(format!("the manifest is no {media_type}"))),
    }
    let config = wire.config.as_ref().map(Descriptor::digest).transpose()?;
    let (here, foreign) = layers(&wire)?;
    let artifact_type = wire.artifact_type.or_else(|| wire.config.and_then(|it| it.media_type));
    Ok(Pushed {
        manifest: NewManifest {
            digest,
            media_type,
            artifact_type,
            content: content.to_vec(),
            subject: wire.subject.as_ref().map(Descriptor::digest).transpose()?,
            config,
            blobs: config.into_iter().chain(here).collect(),
            children: wire.manifests.iter().flatten().map(Descriptor::child).collect::<Result<_, _>>()?,
            annotations: wire.annotations.unwrap_or_default(),
        },
        foreign,
    })
}

/// Reads a manifest that came from another registry; or says why it is none that is listed here.
pub(crate) fn read_manifest(
    content: &[u8],
    content_type: Option<&str>,
    digest: Digest,
) -> Result<NewManifest, String> {
    read(content, content_type, digest).map(|it| it.manifest).map_err(|refusal| refusal.message().to_owned())
}

/// The header's type, which must be that of the document where it says one.
fn media_type(header: Option<&str>, document: Option<&str>) -> Result<String, Refusal> {
    let header = header.map(essence);
    let media_type = match (header, document) {
        (Some(header), Some(document)) if header != document => {
            return Err(invalid(format!("the manifest says that it is {document}, its header {header}")));
        }
        (Some(known), _) | (None, Some(known)) => known,
        (None, None) => return Err(invalid("the manifest comes without a media type")),
    };
    match media_type {
        OCI_MANIFEST | OCI_INDEX | OCI_ARTIFACT | DOCKER_MANIFEST | DOCKER_LIST => Ok(media_type.to_owned()),
        other => Err(invalid(format!("manifests of the type {other} are not taken"))),
    }
}

/// The layers that must be here, and those that need not.
fn layers(wire: &Wire) -> Result<(Vec<Digest>, Vec<Digest>), Refusal> {
    let (mut here, mut foreign) = (Vec::new(), Vec::new());
    for layer in wire.layers.iter().chain(&wire.blobs).flatten() {
        let digest = layer.digest()?;
        if layer.is_foreign() { foreign.push(digest) } else { here.push(digest) }
    }
    Ok((here, foreign))
}

impl Descriptor {
    fn digest(&self) -> Result<Digest, Refusal> {
        self.digest.parse().map_err(|error| invalid(format!("the manifest names a bad digest: {error}")))
    }

    /// Only by its media type: an address beside an ordinary layer is an offer, and no leave to be
    /// missing.
    fn is_foreign(&self) -> bool {
        let named = self.media_type.as_deref().unwrap_or_default();
        let marked = named.contains(".foreign.") || named.contains(".nondistributable.");
        marked && self.urls.as_ref().is_some_and(|urls| !urls.is_empty())
    }

    fn child(&self) -> Result<Child, Refusal> {
        let platform = self.platform.as_ref().map(|it| {
            let parts = [&it.os, &it.architecture, &it.variant];
            parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join("/")
        });
        Ok(Child { digest: self.digest()?, platform })
    }
}

fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::new(Code::ManifestInvalid, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blobs::Hash;
    use plimsoll_core::Algorithm;

    fn pushed(content: &str, content_type: Option<&str>) -> Result<Pushed, Refusal> {
        let content = content.replace("AA", &format!("sha256:{}", "a".repeat(64)));
        let content = content.replace("BB", &format!("sha256:{}", "b".repeat(64)));
        read(content.as_bytes(), content_type, Hash::of(Algorithm::Sha256, content.as_bytes()))
    }

    #[track_caller]
    fn refused(content: &str, content_type: Option<&str>, expected: &str) {
        let refusal = pushed(content, content_type).unwrap_err();
        assert!(format!("{refusal:?}").contains(expected), "{refusal:?}");
    }

    #[test]
    fn an_image_needs_its_configuration_and_its_layers() {
        let image = r#"{"config":{"mediaType":"x/config","digest":"AA"},
            "layers":[{"digest":"BB"}],"subject":{"digest":"BB"},"annotations":{"a":"b"}}"#;
        let manifest = pushed(image, Some(OCI_MANIFEST)).unwrap().manifest;
        assert_eq!(manifest.blobs.len(), 2);
        assert_eq!(manifest.config, Some(manifest.blobs[0]));
        assert_eq!(manifest.subject, Some(manifest.blobs[1]));
        assert_eq!(manifest.artifact_type.as_deref(), Some("x/config"));
    }

    #[test]
    fn only_layers_that_may_not_be_distributed_need_not_be_here() {
        let image = r#"{"config":{"digest":"AA"},"layers":[
            {"digest":"BB","mediaType":"application/vnd.docker.image.rootfs.foreign.diff.tar.gzip","urls":["https://e"]}]}"#;
        let pushed = pushed(image, Some(DOCKER_MANIFEST)).unwrap();
        assert_eq!((pushed.manifest.blobs.len(), pushed.foreign.len()), (1, 1));
    }

    #[test]
    fn an_index_needs_its_children() {
        let index = r#"{"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[
            {"digest":"AA","platform":{"os":"linux","architecture":"arm64","variant":"v8"}}]}"#;
        let manifest = pushed(index, None).unwrap().manifest;
        assert_eq!(manifest.children[0].platform.as_deref(), Some("linux/arm64/v8"));
    }

    #[test]
    fn what_is_two_things_or_none_is_refused() {
        let both = r#"{"config":{"digest":"AA"},"layers":[],"manifests":[]}"#;
        refused(both, Some(OCI_MANIFEST), "at once");
        refused(both, Some(OCI_INDEX), "at once");
        refused("{}", Some(OCI_MANIFEST), "is no application");
        refused(r#"{"manifests":[]}"#, Some(OCI_MANIFEST), "is no application");
        refused(r#"{"layers":[]}"#, Some(OCI_INDEX), "is no application");
        refused("{}", None, "without a media type");
        refused("{}", Some("text/html"), "not taken");
        refused(r#"{"mediaType":"text/html"}"#, Some(OCI_INDEX), "its header");
        refused("[", Some(OCI_INDEX), "cannot be read");
        refused(r#"{"layers":[],"layers":[]}"#, Some(OCI_MANIFEST), "duplicate");
        refused(r#"{"layers":[{"digest":"sha256:../x"}]}"#, Some(OCI_MANIFEST), "bad digest");
    }
}
