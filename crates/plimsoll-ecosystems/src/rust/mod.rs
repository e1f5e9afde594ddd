//! Rust: what `cargo auditable` wrote into a program, and Cargo.lock.

use std::cmp::Ordering;

use plimsoll_core::{Ecosystem, Extractor, Unreadable};

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
        &[]
    }
}
