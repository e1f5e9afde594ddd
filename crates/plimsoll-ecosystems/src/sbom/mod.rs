//! Software bills of materials: CycloneDX (1.2 to 1.7, JSON) and SPDX (2.2 and 2.3 as JSON and
//! tag-value, 3.0 as JSON).
//!
//! [`read`] is a function of bytes and knows no image; the extractor `sbom/document` finds the
//! documents that somebody put into an image. Only what has a package URL is a package: a name
//! without an ecosystem is compared with nothing, and is told.

mod cyclonedx;
mod extractor;
mod spdx;
mod spdx_tags;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use plimsoll_core::{Distro, Evidence, Package, Purl};
use serde::Deserialize;

pub use extractor::SbomDocument;

use crate::lenient::Text;
use crate::notes::excerpt;
use crate::purl_text::package_of;
use crate::{DISTROS, DistroRow};

/// What a document says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// Its packages, in its order, each once.
    pub packages: Vec<Package>,
    /// The distribution that it describes.
    pub distro: Option<Distro>,
    /// What of it could not be used, in sentences.
    pub remarks: Vec<Remark>,
}

/// Something in a document that is no package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// What, without a full stop.
    pub what: String,
    /// Whether packages may be missing because of it.
    pub hides_findings: bool,
}

/// Why there is no document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadError {
    /// The bytes are something else.
    NotOne,
    /// It is one, but cannot be read.
    Broken(String),
}

/// The keys that tell the formats apart.
#[derive(Deserialize)]
struct Head {
    #[serde(default, rename = "bomFormat")]
    bom_format: Text,
    #[serde(default, rename = "spdxVersion")]
    spdx_version: Text,
    #[serde(default, rename = "@context")]
    context: Text,
}

/// Reads a document of any of the formats.
pub fn read(bytes: &[u8]) -> Result<Document, ReadError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.starts_with(b"SPDXVersion:") {
        return Ok(spdx_tags::read(&String::from_utf8_lossy(bytes)));
    }
    let head: Head = match serde_json::from_slice(bytes) {
        Ok(head) => head,
        Err(error) if is_marked(bytes) => return Err(broken(&error)),
        Err(_) => return Err(ReadError::NotOne),
    };
    let document = if head.bom_format.0 == "CycloneDX" {
        cyclonedx::read(bytes)
    } else if head.spdx_version.0.starts_with("SPDX-") {
        spdx::read(bytes)
    } else if head.context.0.starts_with("https://spdx.org/rdf/3.") {
        spdx::read_graph(bytes)
    } else {
        return Err(ReadError::NotOne);
    };
    document.map_err(|error| broken(&error))
}

/// Whether broken JSON looks like a document of ours: both formats have their mark at the
/// beginning, if not always in it.
fn is_marked(bytes: &[u8]) -> bool {
    let start = bytes.get(..MARK_BYTES_MAX).unwrap_or(bytes);
    [&b"\"bomFormat\""[..], b"\"spdxVersion\"", b"spdx.org/rdf/3."]
        .iter()
        .any(|mark| memchr::memmem::find(start, mark).is_some())
}

/// How far to look for a mark in broken JSON.
const MARK_BYTES_MAX: usize = 4096;

fn broken(error: &serde_json::Error) -> ReadError {
    ReadError::Broken(excerpt(error.to_string().as_bytes()))
}

/// A document while it is read.
#[derive(Default)]
struct Draft {
    document: Document,
    seen: std::collections::HashSet<Package>,
    unreadable_purls: usize,
    unnamed: usize,
    foreign_types: BTreeMap<String, usize>,
}

impl Draft {
    /// Notes what a purl names, with the rest of what its entry says; a purl that is none, or
    /// of no ecosystem here, is counted.
    fn purl(&mut self, purl: &str, complete: impl FnOnce(&mut Package)) {
        let Some(purl) = Purl::parse(purl) else {
            self.unreadable_purls += 1;
            return;
        };
        match package_of(&purl) {
            Some(mut package) => {
                package.evidence = Evidence::Sbom;
                complete(&mut package);
                if self.seen.insert(package.clone()) {
                    self.document.packages.push(package);
                }
            }
            None if self.foreign_types.len() < TYPES_MAX => {
                *self.foreign_types.entry(purl.kind).or_default() += 1;
            }
            None => (),
        }
    }

    /// Notes the operating system: its `ID`, or one of the names that people call it by.
    fn system(&mut self, name: &str, version_id: String) {
        let name = name.trim().to_lowercase();
        let is_it = |row: &&DistroRow| {
            row.id == name || row.name.to_lowercase() == name || row.aliases.contains(&&*name)
        };
        let id = DISTROS.iter().find(is_it).map_or(name.clone(), |row| row.id.to_owned());
        let distro = Distro { id, version_id, ..Distro::default() };
        self.document.distro.get_or_insert(distro);
    }

    /// Notes that something that ought to be a package has no purl.
    fn without_purl(&mut self) {
        self.unnamed += 1;
    }

    fn finish(mut self) -> Document {
        let mut remark = |count: usize, what: &str, hides_findings| {
            if count > 0 {
                let what = format!("{count} {what}");
                self.document.remarks.push(Remark { what, hides_findings });
            }
        };
        remark(self.unreadable_purls, "package URLs cannot be read", true);
        remark(self.unnamed, "packages have no package URL and are compared with nothing", true);
        for (kind, count) in &self.foreign_types {
            let what = format!("package URLs are of type `{kind}`, which is no ecosystem known here");
            remark(*count, &what, !IMAGES_AND_SOURCES.contains(&&**kind));
        }
        self.document
    }
}

/// Types that name no package of an ecosystem, so that nothing is missed without them.
const IMAGES_AND_SOURCES: &[&str] =
    &["bitbucket", "docker", "github", "gitlab", "huggingface", "mlflow", "oci", "swid"];

/// Foreign types told one by one; some forty are defined.
const TYPES_MAX: usize = 50;

/// A licence, unless it is one of SPDX's words for none.
fn license(text: String) -> Option<String> {
    (!matches!(&*text, "" | "NOASSERTION" | "NONE")).then_some(text)
}
