//! The media types of layers and configurations, as rows.

use plimsoll_core::media_type::{
    DOCKER_LIST, DOCKER_MANIFEST, OCI_ARTIFACT, OCI_INDEX, OCI_MANIFEST, essence,
};

/// How the content of a layer can be had, as its media type tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LayerKind {
    /// An ordinary layer.
    Plain,
    /// Foreign or non-distributable: registries need not hold it (Windows base layers).
    Foreign,
    /// Encrypted (ocicrypt).
    Encrypted,
    /// No layer of a file system that Plimsoll knows.
    Other,
}

const SCHEMA_1: [&str; 3] = [
    "application/vnd.docker.distribution.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v1+prettyjws",
    "application/vnd.docker.container.image.v1+json; schema=1",
];

/// What a client asks a registry for: every type of manifest and index.
pub const ACCEPTED: [&str; 5] = [OCI_INDEX, OCI_MANIFEST, DOCKER_LIST, DOCKER_MANIFEST, OCI_ARTIFACT];

/// Every media type of a layer, without compression suffix.
const LAYERS: [(&str, LayerKind); 9] = [
    ("application/vnd.oci.image.layer.v1.tar", LayerKind::Plain),
    ("application/vnd.docker.image.rootfs.diff.tar", LayerKind::Plain),
    ("application/vnd.docker.image.rootfs.diff.tar.gzip", LayerKind::Plain),
    ("application/vnd.docker.image.rootfs.diff.tar.zstd", LayerKind::Plain),
    ("application/vnd.oci.image.layer.nondistributable.v1.tar", LayerKind::Foreign),
    ("application/vnd.docker.image.rootfs.foreign.diff.tar", LayerKind::Foreign),
    ("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", LayerKind::Foreign),
    ("application/vnd.docker.image.rootfs.foreign.diff.tar.zstd", LayerKind::Foreign),
    // Pushed by Docker 1.10 beta to registries that still have it.
    ("application/vnd.docker.container.image.rootfs.diff+x-gtar", LayerKind::Plain),
];

/// What kind of layer a media type announces. The compression is told by the bytes, not here.
pub fn layer_kind(media_type: &str) -> LayerKind {
    let media_type = essence(media_type);
    if let Some(plain) = media_type.strip_suffix("+encrypted") {
        return match layer_kind(plain) {
            LayerKind::Other => LayerKind::Other,
            _ => LayerKind::Encrypted,
        };
    }
    let stem = ["+gzip", "+zstd"].iter().find_map(|it| media_type.strip_suffix(it)).unwrap_or(media_type);
    LAYERS.iter().find(|(name, _)| *name == stem).map_or(LayerKind::Other, |(_, kind)| *kind)
}

/// Whether a media type announces Docker's schema 1.
pub(super) fn is_schema_1(media_type: &str) -> bool {
    SCHEMA_1.contains(&essence(media_type))
}

/// Whether a manifest's configuration is an image's.
///
/// Old Docker clients pushed configurations as `application/octet-stream` (distribution's own
/// server lets them pass for that reason), never together with an OCI manifest.
pub(super) fn is_image_config(config: &str, manifest: &str) -> bool {
    match essence(config) {
        "application/vnd.oci.image.config.v1+json" | "application/vnd.docker.container.image.v1+json" => true,
        "application/octet-stream" => essence(manifest) == DOCKER_MANIFEST,
        _ => false,
    }
}
