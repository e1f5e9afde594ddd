//! VEX documents: who says that a vulnerability does or does not matter to a product.
//!
//! OpenVEX 0.0.1 and 0.2.0, CSAF 2.0 and CycloneDX, each alone or carried by an in-toto
//! statement, which may be in a signed envelope. No signature is verified here. A statement that
//! cannot be read suppresses nothing, and is said.

mod attached;
mod csaf;
mod cyclonedx;
mod envelope;
mod openvex;

pub use attached::{may_be_vex, read_attached};

use plimsoll_core::{Problem, ProblemKind, Purl, VexIdentifier, VexStatement};

use super::json::Probe;
use super::{ReadError, text};

/// A VEX document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VexDocument {
    /// The format, for people.
    pub format: &'static str,
    /// Its statements, in the order of the document.
    pub statements: Vec<VexStatement>,
    /// What could not be read. Nothing of it hides a finding: what is not read suppresses nothing.
    pub problems: Vec<Problem>,
}

/// Reads a document; `source` is what users call it.
pub fn read(source: &str, bytes: &[u8]) -> Result<VexDocument, ReadError> {
    let text = text(bytes)?;
    let probe = Probe::of(text)?;
    match envelope::payload(text, &probe)? {
        None => read_plain(source, text, &probe),
        Some(payload) => {
            let mut document = read_plain(source, &payload, &Probe::of(&payload)?)?;
            let what = format!("{source}: it is signed, and its signatures are not verified");
            document.problems.push(Problem::new(ProblemKind::Unsupported, what).harmless());
            Ok(document)
        }
    }
}

fn is_vex(probe: &Probe) -> bool {
    probe.context.as_str().is_some_and(|it| it.contains("openvex"))
        || probe.document.csaf_version.is_string()
        || probe.bom_format == "CycloneDX"
}

/// Reads a document that is in no envelope.
fn read_plain(source: &str, text: &str, probe: &Probe) -> Result<VexDocument, ReadError> {
    let (inner, carried) = probe.inner();
    if inner.context.as_str().is_some_and(|it| it.contains("openvex")) {
        return openvex::read(source, text, carried);
    }
    if inner.document.csaf_version.is_string() {
        return csaf::read(source, text, carried);
    }
    if inner.bom_format == "CycloneDX" {
        return cyclonedx::read(source, text, carried);
    }
    Err(ReadError::new("it is no VEX document of OpenVEX, CSAF or CycloneDX"))
}

/// The name of a product in any of the forms that documents use.
fn identifier(text: &str) -> VexIdentifier {
    if let Some(purl) = Purl::parse(text) {
        return VexIdentifier::Purl(purl);
    }
    match text.parse() {
        Ok(digest) => VexIdentifier::Digest(digest),
        Err(_) => VexIdentifier::Name(text.to_owned()),
    }
}

/// A digest whose algorithm stands beside it: `sha-256`, `SHA-256`, `sha256`.
fn hash(algorithm: &str, value: &str) -> Option<VexIdentifier> {
    let algorithm = algorithm.to_ascii_lowercase().replace('-', "");
    let digest = format!("{algorithm}:{}", value.to_ascii_lowercase()).parse().ok()?;
    Some(VexIdentifier::Digest(digest))
}

fn problem(source: &str, what: impl std::fmt::Display) -> Problem {
    Problem::new(ProblemKind::Malformed, format!("{source}: {what}")).harmless()
}

#[cfg(test)]
mod tests;
