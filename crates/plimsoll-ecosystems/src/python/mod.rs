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

    fn normalize<'a>(&self, name: &'a str) -> Cow<'a, str> {
        normal_name(name)
    }

    fn compare(&self, left: &str, right: &str) -> Result<Ordering, Unreadable> {
        versions::pep440::compare(left, right)
    }

    fn compare_installed(&self, installed: &str, bound: &str) -> Result<Ordering, Unreadable> {
        versions::pep440::compare_public(installed, bound)
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

/// The name of a project as PEP 503 spells it: lower case, and one `-` for any run of `-`, `_`
/// and `.`.
pub(crate) fn normal_name(name: &str) -> Cow<'_, str> {
    let mut normal = String::with_capacity(name.len());
    for letter in name.chars() {
        match letter {
            '-' | '_' | '.' if normal.ends_with('-') => (),
            '-' | '_' | '.' => normal.push('-'),
            other => normal.extend(other.to_lowercase()),
        }
    }
    if normal == name { Cow::Borrowed(name) } else { Cow::Owned(normal) }
}
