//! Ruby: installed gem specifications and Gemfile.lock.

mod gemfile_lock;
mod gemspec;

use std::cmp::Ordering;

use plimsoll_core::{Ecosystem, Extractor, Unreadable};

pub use gemfile_lock::GemfileLock;
pub use gemspec::Gemspec;

use crate::versions;

/// The row of the table.
pub struct Gem;

/// The row of the table.
pub static GEM: Gem = Gem;

impl Ecosystem for Gem {
    fn purl_type(&self) -> &'static str {
        "gem"
    }

    fn aliases(&self) -> &'static [&'static str] {
        &["RubyGems", "ruby"]
    }

    fn compare(&self, left: &str, right: &str) -> Result<Ordering, Unreadable> {
        versions::gem::compare(left, right)
    }

    fn extractors(&self) -> &'static [&'static dyn Extractor] {
        &[&GemfileLock, &Gemspec]
    }
}
