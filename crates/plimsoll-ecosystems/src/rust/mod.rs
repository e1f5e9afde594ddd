//! Rust: what `cargo auditable` wrote into a program, and Cargo.lock.

mod audit_data;
mod auditable;
mod cargo_lock;
mod inflate;
mod tail;

use std::cmp::Ordering;

use plimsoll_core::{Ecosystem, Evidence, Extractor, Package, Unreadable};

use crate::versions;

/// The row of the table.
pub struct Cargo;

/// The row of the table.
pub static CARGO: Cargo = Cargo;

impl Ecosystem for Cargo {
    fn purl_type(&self) -> &'static str {
        "cargo"
    }

    fn aliases(&self) -> &'static [&'static str] {
        &["crates.io", "rust"]
    }

    fn compare(&self, left: &str, right: &str) -> Result<Ordering, Unreadable> {
        versions::semver::compare(left, right)
    }

    fn extractors(&self) -> &'static [&'static dyn Extractor] {
        &[&auditable::Auditable, &cargo_lock::CargoLock]
    }
}

/// A crate.
fn package(name: String, version: String, evidence: Evidence) -> Package {
    Package { kind: "cargo".to_owned(), name, version, evidence, ..Package::default() }
}
