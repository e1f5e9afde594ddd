//! The media types of manifests, which registries, engines and stores tell apart.
//!
//! Only names: what a document is, its bytes say to whoever reads them.

/// A manifest of the OCI image specification.
pub const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// An index of the OCI image specification; also the type of lists of referrers.
pub const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
/// OCI's artifact manifest, withdrawn before 1.1; some registries still hold them.
pub const OCI_ARTIFACT: &str = "application/vnd.oci.artifact.manifest.v1+json";
/// Docker's manifest, schema 2.
pub const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
/// Docker's index.
pub const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";

/// A media type without parameters (RFC 9110 section 8.3.1).
pub fn essence(media_type: &str) -> &str {
    media_type.split(';').next().unwrap_or_default().trim()
}

/// Whether a media type announces an index.
pub fn is_index(media_type: &str) -> bool {
    matches!(essence(media_type), OCI_INDEX | DOCKER_LIST)
}

/// Whether a media type announces a manifest of an image.
pub fn is_manifest(media_type: &str) -> bool {
    matches!(essence(media_type), OCI_MANIFEST | DOCKER_MANIFEST)
}
