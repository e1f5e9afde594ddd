//! `python/pipfile-lock`: what pipenv locked, `Pipfile.lock`.
//!
//! One object for each category of the Pipfile; `develop` is pipenv's own name for development.
//! A requirement without a version is one of a repository or folder.

use std::collections::BTreeMap;

use plimsoll_core::{Extractor, Input, Observations, Pattern};
use serde::Deserialize;

use crate::locks::{Locked, came_with_a_package, json};

/// Reads `Pipfile.lock`.
pub struct PipfileLock;

#[derive(Deserialize)]
struct Lock {
    #[serde(rename = "_meta")]
    _meta: Option<serde::de::IgnoredAny>,
    #[serde(flatten)]
    categories: BTreeMap<String, BTreeMap<String, Entry>>,
}

#[derive(Deserialize)]
struct Entry {
    version: Option<String>,
}

impl Extractor for PipfileLock {
    fn id(&self) -> &'static str {
        "python/pipfile-lock"
    }

    fn version(&self) -> u32 {
        1
    }

    fn wants(&self) -> &'static [Pattern] {
        &[Pattern::Name("Pipfile.lock")]
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        if came_with_a_package(input.path) {
            return;
        }
        let lock: Lock = match json(input.content) {
            Ok(lock) => lock,
            Err(why) => return out.problem(input.path, format!("Pipfile.lock cannot be read: {why}")),
        };
        let mut locked = Locked::new("pypi", input.path, out);
        for (category, entries) in &lock.categories {
            if category == "develop" {
                continue;
            }
            for (name, entry) in entries {
                let version = entry.version.as_deref().unwrap_or_default();
                locked.package(name, version.trim_start_matches('=').trim(), None);
            }
        }
        locked.finish();
    }
}
