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

/// The packages of this kind that are known by their content, each with the vendor and product
/// under which the CPE dictionary has it: `nginx` is `f5:nginx`.
pub fn programs() -> impl Iterator<Item = (&'static str, &'static str)> {
    table::PROGRAMS.iter().map(|program| (program.package, program.cpe))
}
