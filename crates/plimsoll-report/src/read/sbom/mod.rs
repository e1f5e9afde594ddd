//! Bills of materials that others wrote, as inventories: CycloneDX (JSON and XML), SPDX 2.2 and
//! 2.3 (JSON and tag-value), Syft's and Trivy's own JSON, and lists of package URLs.
//!
//! A package is known by its package URL; the distribution by a component that says so or by
//! what most package URLs say. Everything that looks like a package and cannot be read as one is
//! a problem of the inventory.

mod cyclonedx;
mod cyclonedx_xml;
mod packages;
mod purls;
mod spdx;
mod spdx_tag_value;
mod syft;
mod trivy;
mod vocabulary;

use plimsoll_core::{Digest, Inventory};

use super::json::Probe;
use super::{ReadError, text};

pub use purls::read as read_purls;

/// A bill of materials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sbom {
    /// The format with its version, for people: `CycloneDX 1.6 JSON`.
    pub format: String,
    /// What the document says it describes.
    pub name: Option<String>,
    /// The digest of the image that it says it describes.
    pub digest: Option<Digest>,
    /// The packages, the distribution, and what could not be read.
    pub inventory: Inventory,
}

/// Reads a document of any of the formats.
pub fn read(bytes: &[u8]) -> Result<Sbom, ReadError> {
    let text = text(bytes)?;
    let start = text.trim_start();
    if start.starts_with('<') {
        return cyclonedx_xml::read(text);
    }
    if start.starts_with('{') {
        return read_json(text);
    }
    if spdx_tag_value::is_it(start) {
        return spdx_tag_value::read(text);
    }
    if start.starts_with("pkg:") {
        return purls::read(text);
    }
    Err(ReadError::new("it is no SBOM of CycloneDX, SPDX, Syft or Trivy, and no list of package URLs"))
}

fn read_json(text: &str) -> Result<Sbom, ReadError> {
    let probe = Probe::of(text)?;
    let (inner, carried) = probe.inner();
    if inner.bom_format == "CycloneDX" {
        return cyclonedx::read(text, carried);
    }
    if inner.spdx_version.is_string() {
        return spdx::read(text, carried);
    }
    if inner.context.as_str().is_some_and(|it| it.contains("spdx.org/rdf/3")) {
        return Err(ReadError::new("SPDX 3 is not read; write SPDX 2.3 or CycloneDX"));
    }
    if inner.artifacts && inner.schema {
        return syft::read(text, carried);
    }
    if inner.trivy_schema.is_number() {
        return trivy::read(text, carried);
    }
    if probe.payload_type.is_string() {
        return Err(ReadError::new("it is a signed envelope; decode its payload and give that"));
    }
    Err(ReadError::new("it is JSON, but no SBOM of CycloneDX, SPDX, Syft or Trivy"))
}

#[cfg(test)]
mod tests;
