//! `python/pylock`: the lock file that Python's tools agreed on, `pylock.toml` (PEP 751).
//!
//! Which packages are for development is said only by markers, and those are not evaluated: all
//! count. The project's own folder is no package.

use plimsoll_core::{Extractor, Input, Observations, Pattern};
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::locks::{Locked, came_with_a_package, toml};

/// Reads `pylock.toml`.
pub struct Pylock;

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Lock {
    /// Required; what has none is another file of that name.
    lock_version: String,
    #[serde(default)]
    packages: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    version: Option<String>,
    directory: Option<IgnoredAny>,
}

impl Extractor for Pylock {
    fn id(&self) -> &'static str {
        "python/pylock"
    }

    fn version(&self) -> u32 {
        1
    }

    fn wants(&self) -> &'static [Pattern] {
        &[Pattern::Name("pylock.toml")]
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        if came_with_a_package(input.path) {
            return;
        }
        let lock: Lock = match toml(input.content) {
            Ok(lock) => lock,
            Err(why) => return out.problem(input.path, format!("pylock.toml cannot be read: {why}")),
        };
        let mut locked = Locked::new("pypi", input.path, out);
        if !lock.lock_version.starts_with("1.") {
            let version = crate::notes::excerpt(lock.lock_version.as_bytes());
            locked.problem(format!("pylock.toml of version `{version}` may say more than we read"));
        }
        for entry in lock.packages.iter().filter(|it| it.directory.is_none() || it.version.is_some()) {
            locked.package(&entry.name, entry.version.as_deref().unwrap_or_default(), None);
        }
        locked.finish();
    }
}
