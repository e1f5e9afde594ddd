//! Go: modules and the toolchain, as a program itself says.

mod blob;
mod build_info;
mod functions;
mod go_mod;
mod linker_flags;
mod modules;
mod release;
mod toolchain;

use std::cmp::Ordering;

use plimsoll_core::{Ecosystem, Evidence, Extractor, Package, Unreadable};

use crate::versions;

/// The row of the table.
pub struct Golang;

/// The row of the table.
pub static GOLANG: Golang = Golang;

impl Ecosystem for Golang {
    fn purl_type(&self) -> &'static str {
        "golang"
    }

    fn aliases(&self) -> &'static [&'static str] {
        &["Go"]
    }

    fn compare(&self, left: &str, right: &str) -> Result<Ordering, Unreadable> {
        versions::go::compare(left, right)
    }

    fn own_has_no_version(&self) -> bool {
        true
    }

    fn extractors(&self) -> &'static [&'static dyn Extractor] {
        &[&build_info::BuildInfo, &go_mod::GoMod, &toolchain::Toolchain]
    }
}

/// The name under which Go's vulnerability database files the standard library.
const STANDARD_LIBRARY: &str = "stdlib";

/// A module, or the standard library.
fn package(name: &str, version: &str, evidence: Evidence) -> Package {
    Package {
        kind: "golang".to_owned(),
        name: name.to_owned(),
        version: version.to_owned(),
        evidence,
        ..Package::default()
    }
}
