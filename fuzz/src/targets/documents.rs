//! Manifests, indexes and image configurations.

use plimsoll_core::Limits;
use plimsoll_image::manifest::{Document, made, parse_config, parse_document};

/// Runs the target.
pub fn run(input: &[u8]) {
    let limits = Limits { manifest_bytes: 256 << 10, config_bytes: 256 << 10, ..Limits::standard() };
    let manifest = match parse_document(input, None, &limits) {
        Ok(Document::Index(index)) => {
            for descriptor in &index.manifests {
                let _ = (descriptor.ref_name(), descriptor.is_attestation(), descriptor.is_attachment());
            }
            None
        }
        Ok(Document::Manifest(manifest)) => {
            let _ = (manifest.is_image(), manifest.why_no_image());
            Some(manifest)
        }
        Err(error) => {
            let _ = error.to_string();
            None
        }
    };
    if let Ok(config) = parse_config(input, &limits) {
        let _ = made(&config);
        if let Some(manifest) = manifest {
            let _ = manifest.check_config(&config);
        }
    }
}
