//! Haskell: lock files of cabal and stack.

mod locks;

use std::cmp::Ordering;

use plimsoll_core::{Ecosystem, Extractor, Unreadable};

pub use locks::CabalFreeze;
pub use locks::StackLock;

use crate::versions;

/// The row of the table.
pub struct Hackage;

/// The row of the table.
pub static HACKAGE: Hackage = Hackage;

impl Ecosystem for Hackage {
    fn purl_type(&self) -> &'static str {
        "hackage"
    }

    fn aliases(&self) -> &'static [&'static str] {
        &["Hackage", "GHC"]
    }

    fn compare(&self, left: &str, right: &str) -> Result<Ordering, Unreadable> {
        versions::hackage::compare(left, right)
    }

    fn extractors(&self) -> &'static [&'static dyn Extractor] {
        &[&CabalFreeze, &StackLock]
    }
}
