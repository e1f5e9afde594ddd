//! VEX documents that are attached to an image: which attachments may be one, and reading them.
//!
//! An attachment that turns out to be something else, a bill of materials or a provenance, is
//! passed over. An attestation about another image says nothing about this one.

use plimsoll_core::Digest;

use super::super::json::Probe;
use super::super::{ReadError, text};
use super::{VexDocument, envelope, is_vex, read_plain};

/// Media types of VEX documents themselves.
const DOCUMENT_TYPES: [&str; 4] = [
    "application/vnd.openvex+json",
    "application/openvex+json",
    "application/csaf+json",
    "application/vnd.cyclonedx+json",
];

/// Media types of attestations, which may be about anything.
const ATTESTATION_TYPES: [&str; 3] = [
    "application/vnd.in-toto+json",
    "application/vnd.dsse.envelope.v1+json",
    "application/vnd.dev.sigstore.bundle",
];

/// Parts of the predicate types under which VEX is attested. CycloneDX has one for everything.
const PREDICATES: [&str; 3] = ["openvex.dev/", "csaf", "cyclonedx.org/"];

/// Whether an attachment may be a VEX document by what is said of it: its media type, the type of
/// the artifact it belongs to, and what it attests.
pub fn may_be_vex(media_type: &str, artifact_type: Option<&str>, predicate_type: Option<&str>) -> bool {
    if let Some(predicate) = predicate_type {
        let predicate = predicate.to_ascii_lowercase();
        return PREDICATES.iter().any(|it| predicate.contains(it));
    }
    let types = || std::iter::once(media_type).chain(artifact_type);
    // Parameters (`; version=1.5`) and versions of bundles stand behind the type.
    DOCUMENT_TYPES.iter().chain(&ATTESTATION_TYPES).any(|known| types().any(|it| it.starts_with(known)))
}

/// Reads an attachment of the manifest with this digest; `None` where it is no VEX document.
pub fn read_attached(source: &str, bytes: &[u8], subject: &Digest) -> Result<Option<VexDocument>, ReadError> {
    let outer = text(bytes)?;
    let outer_probe = Probe::of(outer)?;
    let opened = envelope::payload(outer, &outer_probe)?;
    let (text, probe) = match &opened {
        Some(payload) => (payload.as_str(), Probe::of(payload)?),
        None => (outer, outer_probe),
    };
    let (inner, carried) = probe.inner();
    if !is_vex(inner) {
        return Ok(None);
    }
    if carried && !envelope::is_about(text, subject)? {
        return Err(ReadError::new("it is an attestation about something else"));
    }
    let document = read_plain(source, text, &probe)?;
    // A CycloneDX document without an analysis is a bill of materials.
    let is_empty = document.statements.is_empty() && document.problems.is_empty();
    Ok((!is_empty).then_some(document))
}
