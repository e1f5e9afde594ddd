//! PHP: what Composer installed or locked.

mod composer;
mod pear;

use std::borrow::Cow;
use std::cmp::Ordering;

use plimsoll_core::{Ecosystem, Extractor, Unreadable};

pub use composer::ComposerInstalled;
pub use composer::ComposerLock;
pub use pear::Pear;

use crate::versions;

/// The row of the table.
pub struct Composer;

/// The row of the table.
pub static COMPOSER: Composer = Composer;

impl Ecosystem for Composer {
    fn purl_type(&self) -> &'static str {
        "composer"
    }

    fn aliases(&self) -> &'static [&'static str] {
        &["Packagist", "php"]
    }

    /// Composer's names know no case.
    fn normalize<'a>(&self, name: &'a str) -> Cow<'a, str> {
        crate::lower_case(name)
    }

    fn compare(&self, left: &str, right: &str) -> Result<Ordering, Unreadable> {
        versions::composer::compare(left, right)
    }

    fn compare_installed(&self, installed: &str, bound: &str) -> Result<Ordering, Unreadable> {
        versions::composer::compare_installed(installed, bound)
    }

    fn extractors(&self) -> &'static [&'static dyn Extractor] {
        &[&ComposerInstalled, &ComposerLock, &Pear]
    }
}
