//! Nix: the names of store paths, out of Nix's database.

mod database;
mod store;

use std::cmp::Ordering;

use plimsoll_core::{Ecosystem, Extractor, Unreadable};

pub use store::NixStore;

use crate::versions;

/// The row of the table.
pub struct Nix;

/// The row of the table.
pub static NIX: Nix = Nix;

impl Ecosystem for Nix {
    fn purl_type(&self) -> &'static str {
        "nix"
    }

    fn aliases(&self) -> &'static [&'static str] {
        &["nix"]
    }

    fn compare(&self, left: &str, right: &str) -> Result<Ordering, Unreadable> {
        versions::nix::compare(left, right)
    }

    fn extractors(&self) -> &'static [&'static dyn Extractor] {
        &[&NixStore]
    }
}
