//! `python/poetry-lock`: what Poetry locked, `poetry.lock` (versions 1.0 to 2.1 of the format).
//!
//! Poetry's manual: every group but the implicit `main` is for the development of the project.
//! Until 1.4 each package has the category `main` or `dev`; from 2.0 on it has its groups;
//! between the two the file cannot say, and all count.

use plimsoll_core::{Extractor, Input, Observations, Pattern};
use serde::Deserialize;

use crate::locks::{Locked, came_with_a_package, toml};

/// Reads `poetry.lock`.
pub struct PoetryLock;

#[derive(Deserialize)]
struct Lock {
    #[serde(default)]
    package: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    version: String,
    category: Option<String>,
    groups: Option<Vec<String>>,
}

impl Entry {
    fn is_for_development(&self) -> bool {
        let is_grouped_apart = self
            .groups
            .as_ref()
            .is_some_and(|groups| !groups.is_empty() && !groups.iter().any(|it| it == "main"));
        is_grouped_apart || self.category.as_deref() == Some("dev")
    }
}

impl Extractor for PoetryLock {
    fn id(&self) -> &'static str {
        "python/poetry-lock"
    }

    fn version(&self) -> u32 {
        1
    }

    fn wants(&self) -> &'static [Pattern] {
        &[Pattern::Name("poetry.lock")]
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        if came_with_a_package(input.path) {
            return;
        }
        let lock: Lock = match toml(input.content) {
            Ok(lock) => lock,
            Err(why) => return out.problem(input.path, format!("poetry.lock cannot be read: {why}")),
        };
        let mut locked = Locked::new("pypi", input.path, out);
        for entry in lock.package.iter().filter(|entry| !entry.is_for_development()) {
            locked.package(&entry.name, &entry.version, None);
        }
        locked.finish();
    }
}
