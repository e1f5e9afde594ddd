//! Programs that no package manager owns, known by patterns in them.

mod elf_note;
mod pattern;
mod programs;
mod table;
mod version_files;

use std::cmp::Ordering;

use plimsoll_core::{Ecosystem, Extractor, Unreadable};

use crate::versions;

/// The row of the table.
pub struct Generic;

/// The row of the table.
pub static GENERIC: Generic = Generic;

impl Ecosystem for Generic {
    fn purl_type(&self) -> &'static str {
        "generic"
    }

    fn aliases(&self) -> &'static [&'static str] {
        &["generic"]
    }

    fn compare(&self, left: &str, right: &str) -> Result<Ordering, Unreadable> {
        versions::generic::compare(left, right)
    }

    fn compare_installed(&self, installed: &str, bound: &str) -> Result<Ordering, Unreadable> {
        versions::generic::compare_installed(installed, bound)
    }

    fn extractors(&self) -> &'static [&'static dyn Extractor] {
        &[&programs::Programs, &elf_note::ElfNote, &version_files::VersionFiles]
    }
}

/// The vendor and product under which the CPE dictionary has a package of this kind:
/// `f5:nginx` of `nginx`.
pub fn cpe_of(package: &str) -> Option<&'static str> {
    table::PROGRAMS.iter().find(|program| program.package == package).map(|program| program.cpe)
}
