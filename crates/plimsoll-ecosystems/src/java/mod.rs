//! Java: archives, whatever they are nested in, what builds locked, and the runtime itself.
//!
//! Never runs Java or Maven, asks no repository, and never reads class files.

mod archive;
mod file_name;
mod gradle;
mod manifest;
mod pom;
mod pom_file;
mod properties;
#[cfg(test)]
mod real;
mod runtime;
#[cfg(test)]
pub(crate) mod testing;
mod zip;

use std::cmp::Ordering;

use plimsoll_core::{Ecosystem, Extractor, Unreadable};

use crate::versions;

pub use archive::JavaArchive;
pub use gradle::GradleLock;
pub use pom_file::PomFile;
pub use runtime::JavaRuntime;

/// The row of the table.
pub struct Maven;

/// The row of the table.
pub static MAVEN: Maven = Maven;

impl Ecosystem for Maven {
    fn purl_type(&self) -> &'static str {
        "maven"
    }

    fn aliases(&self) -> &'static [&'static str] {
        &["java"]
    }

    fn compare(&self, left: &str, right: &str) -> Result<Ordering, Unreadable> {
        versions::maven::compare(left, right)
    }

    fn extractors(&self) -> &'static [&'static dyn Extractor] {
        &[&JavaArchive, &PomFile, &GradleLock, &JavaRuntime]
    }
}
