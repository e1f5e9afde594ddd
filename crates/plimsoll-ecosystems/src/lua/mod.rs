//! Lua: installed rocks.

mod rockspec;

use std::cmp::Ordering;

use plimsoll_core::{Ecosystem, Extractor, Unreadable};

pub use rockspec::Rockspec;

use crate::versions;

/// The row of the table.
pub struct Luarocks;

/// The row of the table.
pub static LUAROCKS: Luarocks = Luarocks;

impl Ecosystem for Luarocks {
    fn purl_type(&self) -> &'static str {
        "luarocks"
    }

    fn aliases(&self) -> &'static [&'static str] {
        &["LuaRocks"]
    }

    fn compare(&self, left: &str, right: &str) -> Result<Ordering, Unreadable> {
        versions::luarocks::compare(left, right)
    }

    fn compare_installed(&self, installed: &str, bound: &str) -> Result<Ordering, Unreadable> {
        versions::luarocks::compare_installed(installed, bound)
    }

    fn extractors(&self) -> &'static [&'static dyn Extractor] {
        &[&Rockspec]
    }
}
