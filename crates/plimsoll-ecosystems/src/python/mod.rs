//! Python: installed distributions and what locks them.
//!
//! Reads the metadata that installers leave beside the code, and lock files. Never runs Python,
//! evaluates no environment marker and resolves no version range.

mod egg;
mod installed;
mod metadata;
mod pdm_lock;
mod pipfile_lock;
mod poetry_lock;
mod pylock;
mod requirements;
mod sboms;
#[cfg(test)]
mod tests;
mod uv_lock;

use std::borrow::Cow;
use std::cmp::Ordering;

use plimsoll_core::{Ecosystem, Extractor, Unreadable};

use crate::versions;

pub use egg::PythonEgg;
pub use installed::PythonInstalled;
pub use pdm_lock::PdmLock;
pub use pipfile_lock::PipfileLock;
pub use poetry_lock::PoetryLock;
pub use pylock::Pylock;
pub use requirements::Requirements;
pub use sboms::PythonSboms;
pub use uv_lock::UvLock;

/// The row of the table.
pub struct Pypi;

/// The row of the table.
pub static PYPI: Pypi = Pypi;

impl Ecosystem for Pypi {
    fn purl_type(&self) -> &'static str {
        "pypi"
    }

    fn aliases(&self) -> &'static [&'static str] {
        &["PyPI", "python", "pip"]
    }

    /// The normalised form of PEP 503: lower case, and each run of `-`, `_` and `.` is one `-`.
    fn normalize<'a>(&self, name: &'a str) -> Cow<'a, str> {
        let is_normal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        if name.bytes().all(is_normal) {
            return Cow::Borrowed(name);
        }
        let mut normal = String::with_capacity(name.len());
        let mut in_run = false;
        for character in name.chars() {
            let separates = matches!(character, '-' | '_' | '.');
            match (separates, in_run) {
                (true, true) => (),
                (true, false) => normal.push('-'),
                (false, _) => normal.extend(character.to_lowercase()),
            }
            in_run = separates;
        }
        Cow::Owned(normal)
    }

    fn compare(&self, left: &str, right: &str) -> Result<Ordering, Unreadable> {
        versions::pep440::compare(left, right)
    }

    fn extractors(&self) -> &'static [&'static dyn Extractor] {
        &[
            &PythonInstalled,
            &PythonEgg,
            &PythonSboms,
            &Requirements,
            &PipfileLock,
            &PoetryLock,
            &UvLock,
            &PdmLock,
            &Pylock,
        ]
    }
}
