//! `python/pdm-lock`: what PDM locked, `pdm.lock`.
//!
//! From lock version 4.4 on each package names its groups, the optional ones of the project and
//! those for development alike. Only the group `dev`, PDM's own for development, is left out;
//! which of the others are for development the file cannot say.

use plimsoll_core::{Extractor, Input, Observations, Pattern};
use serde::Deserialize;

use crate::locks::{Locked, came_with_a_package, toml};

/// Reads `pdm.lock`.
pub struct PdmLock;

#[derive(Deserialize)]
struct Lock {
    #[serde(default)]
    package: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    /// Missing for a folder whose version is computed.
    version: Option<String>,
    groups: Option<Vec<String>>,
}

impl Entry {
    fn is_for_development(&self) -> bool {
        self.groups.as_ref().is_some_and(|groups| !groups.is_empty() && groups.iter().all(|it| it == "dev"))
    }
}

impl Extractor for PdmLock {
    fn id(&self) -> &'static str {
        "python/pdm-lock"
    }

    fn version(&self) -> u32 {
        1
    }

    fn wants(&self) -> &'static [Pattern] {
        &[Pattern::Name("pdm.lock")]
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        if came_with_a_package(input.path) {
            return;
        }
        let lock: Lock = match toml(input.content) {
            Ok(lock) => lock,
            Err(why) => return out.problem(input.path, format!("pdm.lock cannot be read: {why}")),
        };
        let mut locked = Locked::new("pypi", input.path, out);
        for entry in lock.package.iter().filter(|entry| !entry.is_for_development()) {
            locked.package(&entry.name, entry.version.as_deref().unwrap_or_default(), None);
        }
        locked.finish();
    }
}
