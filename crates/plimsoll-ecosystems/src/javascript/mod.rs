//! JavaScript: what npm, yarn, pnpm and bun installed or locked.
//!
//! Reads the manifests of installed packages and lock files. Never runs Node, resolves no range
//! and asks no registry.

mod bun_lock;
mod deno_lock;
mod json_with_comments;
mod manifest;
mod node_modules;
mod package_lock;
mod pnpm_graph;
mod pnpm_lock;
#[cfg(test)]
mod tests;
mod yarn_berry;
mod yarn_cache;
mod yarn_classic;
mod yarn_lock;

use std::cmp::Ordering;

use plimsoll_core::{Ecosystem, Extractor, Unreadable};

use crate::versions;

pub use bun_lock::BunLock;
pub use deno_lock::DenoLock;
pub use node_modules::NodeModules;
pub use package_lock::PackageLock;
pub use pnpm_lock::PnpmLock;
pub use yarn_cache::YarnCache;
pub use yarn_lock::YarnLock;

/// The row of the table.
pub struct Npm;

/// The row of the table.
pub static NPM: Npm = Npm;

impl Ecosystem for Npm {
    fn purl_type(&self) -> &'static str {
        "npm"
    }

    fn aliases(&self) -> &'static [&'static str] {
        &["npmjs", "javascript", "node"]
    }

    fn compare(&self, left: &str, right: &str) -> Result<Ordering, Unreadable> {
        versions::semver::compare(left, right)
    }

    fn extractors(&self) -> &'static [&'static dyn Extractor] {
        &[&NodeModules, &YarnCache, &PackageLock, &YarnLock, &PnpmLock, &BunLock, &DenoLock]
    }
}

/// Name and the rest of `@scope/name@rest`; the first character is never the separator.
fn split_at_sign(text: &str) -> Option<(&str, &str)> {
    let at = text.char_indices().skip(1).find(|(_, character)| *character == '@')?.0;
    Some((&text[..at], &text[at + 1..]))
}

/// The version if it is one, and nothing if it is an address, a folder or a tag: of those nobody
/// says the version.
fn plain_version(text: &str) -> &str {
    let digits = text.strip_prefix('v').unwrap_or(text);
    let starts_as_one = digits.starts_with(|first: char| first.is_ascii_digit());
    if starts_as_one && !text.contains(['/', ':', '#', ' ', '@']) { text } else { "" }
}
