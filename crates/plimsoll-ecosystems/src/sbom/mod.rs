//! Bills of materials that others wrote: CycloneDX (1.2 to 1.7, JSON and XML), SPDX (2.2 and 2.3
//! as JSON and tag-value, 3.0 as JSON), Syft's and Trivy's own JSON, and lists of package URLs.
//!
//! [`read`] is a function of bytes and knows no image; the extractor `sbom/document` finds the
//! documents that somebody put into an image, and the command line reads them in the place of
//! one. A package is known by its package URL; the distribution by a component that says so, or
//! by what most package URLs say. Everything that looks like a package and cannot be read as one
//! is a problem of the document, never passed over.

mod cyclonedx;
mod cyclonedx_xml;
mod document;
mod draft;
mod extractor;
mod json;
mod purls;
mod spdx;
mod spdx3;
mod spdx_tag_value;
mod syft;
mod trivy;

use std::fmt;

pub use document::{Document, Listed};
pub use extractor::SbomDocument;
pub use purls::read as read_purls;

use crate::notes::excerpt;
use json::Head;

/// Why there is no document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadError {
    /// The bytes are something else.
    NotOne,
    /// It is one, but cannot be read; why, without a full stop.
    Broken(String),
}

impl ReadError {
    fn broken(why: &dyn fmt::Display) -> ReadError {
        ReadError::Broken(excerpt(why.to_string().as_bytes()))
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadError::NotOne => {
                f.write_str("it is no SBOM of CycloneDX, SPDX, Syft or Trivy, and no list of package URLs")
            }
            ReadError::Broken(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for ReadError {}

/// Reads a document of any of the formats.
pub fn read(bytes: &[u8]) -> Result<Document, ReadError> {
    let text = String::from_utf8_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes));
    let start = text.trim_start();
    if start.starts_with('{') {
        return read_json(&text);
    }
    if start.starts_with('<') {
        return cyclonedx_xml::read(&text);
    }
    if spdx_tag_value::is_it(start) {
        return spdx_tag_value::read(&text);
    }
    if start.starts_with("pkg:") { Ok(read_purls(&text)) } else { Err(ReadError::NotOne) }
}

fn read_json(text: &str) -> Result<Document, ReadError> {
    let head = match Head::of(text) {
        Ok(head) => head,
        Err(error) if is_marked(text) => return Err(ReadError::broken(&error)),
        Err(_) => return Err(ReadError::NotOne),
    };
    let (inner, carried) = head.inner();
    let document = if inner.bom_format.0 == "CycloneDX" {
        cyclonedx::read(text, carried)
    } else if inner.spdx_version.0.starts_with("SPDX-2.") {
        spdx::read(text, carried)
    } else if inner.context.0.starts_with("https://spdx.org/rdf/3.") {
        spdx3::read(text, carried)
    } else if inner.artifacts.is_some() && inner.schema.is_some() {
        syft::read(text, carried)
    } else if !inner.trivy_schema.0.is_empty() {
        trivy::read(text, carried)
    } else if inner.spdx_version.0.starts_with("SPDX-") {
        let version = excerpt(inner.spdx_version.0.as_bytes());
        return Err(ReadError::Broken(format!("{version} is not read; write SPDX 2.3")));
    } else if !head.payload_type.0.is_empty() {
        let why = "it is a signed envelope; decode its payload and give that";
        return Err(ReadError::Broken(why.to_owned()));
    } else {
        return Err(ReadError::NotOne);
    };
    document.map_err(|error| ReadError::broken(&error))
}

/// Whether broken JSON looks like a document of ours: the formats have their mark at the
/// beginning, if not always in it.
fn is_marked(text: &str) -> bool {
    let bytes = text.as_bytes();
    let start = bytes.get(..MARK_BYTES_MAX).unwrap_or(bytes);
    [&b"\"bomFormat\""[..], b"\"spdxVersion\"", b"spdx.org/rdf/3."]
        .iter()
        .any(|mark| memchr::memmem::find(start, mark).is_some())
}

/// How far to look for a mark in broken JSON.
const MARK_BYTES_MAX: usize = 4096;

#[cfg(test)]
mod tests;
