//! Elixir and Erlang: mix.lock and releases.

mod application;
mod locks;
mod terms;

use std::borrow::Cow;
use std::cmp::Ordering;

use plimsoll_core::{Ecosystem, Extractor, Unreadable};

pub use application::ErlangApplication;
pub use locks::MixLock;
pub use locks::RebarLock;

use crate::versions;

/// The row of the table.
pub struct Hex;

/// The row of the table.
pub static HEX: Hex = Hex;

impl Ecosystem for Hex {
    fn purl_type(&self) -> &'static str {
        "hex"
    }

    fn aliases(&self) -> &'static [&'static str] {
        &["Hex", "elixir", "erlang"]
    }

    /// Hex's names are in lower case.
    fn normalize<'a>(&self, name: &'a str) -> Cow<'a, str> {
        crate::lower_case(name)
    }

    fn compare(&self, left: &str, right: &str) -> Result<Ordering, Unreadable> {
        versions::semver::compare(left, right)
    }

    fn extractors(&self) -> &'static [&'static dyn Extractor] {
        &[&ErlangApplication, &MixLock, &RebarLock]
    }
}
