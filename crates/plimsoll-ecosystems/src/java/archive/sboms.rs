//! SBOMs in the archive of an application, as Spring Boot's build tools put them there.
//!
//! Those of libraries are never read: they list what a library was built with, which need not be
//! in this image.

use super::contents::Contents;
use super::walk::{Walk, inner};
use crate::java::zip::Directory;
use crate::sbom::{self, ReadError};

/// Bytes of one document; that of an application with 2,000 libraries has some 4 MB.
const SBOM_BYTES_MAX: usize = 32 << 20;

impl Walk<'_> {
    /// What the documents of an application list and nobody has found yet.
    pub(super) fn sboms(&mut self, label: &str, directory: &Directory<'_>, contents: &Contents<'_>) {
        if !contents.is_application {
            return;
        }
        for entry in &contents.sboms {
            let Some(text) = self.text(label, directory, entry, SBOM_BYTES_MAX) else { continue };
            let label = inner(label, entry.name);
            match sbom::read(&text) {
                Ok(document) => {
                    let (packages, problems) = document.into_known();
                    packages.into_iter().for_each(|package| self.listed(package));
                    for problem in problems {
                        let what = format!("the SBOM `{label}`: {}", problem.what);
                        if problem.hides_findings {
                            self.notes.problem(what);
                        } else {
                            self.notes.oddity(what);
                        }
                    }
                }
                Err(ReadError::Broken(why)) => {
                    self.notes.problem(format!("the SBOM `{label}` cannot be read: {why}"));
                }
                Err(ReadError::NotOne) => {
                    self.notes.oddity(format!("`{label}` lies where SBOMs do and is none"));
                }
            }
        }
    }
}
