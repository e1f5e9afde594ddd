//! WordPress: its core, plugins and themes.

mod core;
mod extension;

use std::cmp::Ordering;

use plimsoll_core::{Ecosystem, Extractor, Unreadable};

pub use core::WordpressCore;
pub use extension::WordpressExtension;

use crate::versions;

/// The row of the table.
pub struct Wordpress;

/// The row of the table.
pub static WORDPRESS: Wordpress = Wordpress;

impl Ecosystem for Wordpress {
    fn purl_type(&self) -> &'static str {
        "wordpress"
    }

    fn aliases(&self) -> &'static [&'static str] {
        &["WordPress"]
    }

    fn compare(&self, left: &str, right: &str) -> Result<Ordering, Unreadable> {
        versions::php_version::compare(left, right)
    }

    fn extractors(&self) -> &'static [&'static dyn Extractor] {
        &[&WordpressCore, &WordpressExtension]
    }
}
