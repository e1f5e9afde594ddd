//! `python/uv-lock`: what uv locked, `uv.lock` (version 1 of the format).
//!
//! The project and the members of its workspace are in the file like packages; they are no
//! packages here, but say what they need to run and what for development. An extra counts as
//! needed wherever the package is, since the file does not say who chooses it from outside.

use std::collections::{BTreeMap, HashMap};

use plimsoll_core::{Extractor, Input, Observations, Pattern};
use serde::Deserialize;

use crate::locks::{Locked, Needs, came_with_a_package, toml};

/// Reads `uv.lock`.
pub struct UvLock;

#[derive(Deserialize)]
struct Lock {
    version: Option<u64>,
    #[serde(default)]
    package: Vec<Entry>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "kebab-case", default)]
struct Entry {
    name: String,
    /// Missing where the project computes it.
    version: Option<String>,
    source: Source,
    dependencies: Vec<Named>,
    optional_dependencies: BTreeMap<String, Vec<Named>>,
    dev_dependencies: BTreeMap<String, Vec<Named>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Source {
    r#virtual: Option<String>,
    editable: Option<String>,
    directory: Option<String>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
    /// Given where several versions of the package are locked.
    version: Option<String>,
}

impl Entry {
    /// The project itself, or a member of its workspace.
    fn is_own(&self) -> bool {
        self.source.r#virtual.is_some() || self.source.editable.is_some() || self.source.directory.is_some()
    }
}

impl Extractor for UvLock {
    fn id(&self) -> &'static str {
        "python/uv-lock"
    }

    fn version(&self) -> u32 {
        1
    }

    fn wants(&self) -> &'static [Pattern] {
        &[Pattern::Name("uv.lock")]
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        if came_with_a_package(input.path) {
            return;
        }
        let lock: Lock = match toml(input.content) {
            Ok(lock) => lock,
            Err(why) => return out.problem(input.path, format!("uv.lock cannot be read: {why}")),
        };
        let mut locked = Locked::new("pypi", input.path, out);
        if let Some(version @ 2..) = lock.version {
            locked.problem(format!("uv.lock of version {version} may say more than we read"));
        }
        let left_out = needs(&lock.package).only_for_development();
        for (entry, left_out) in lock.package.iter().zip(left_out) {
            if !entry.is_own() && !left_out {
                locked.package(&entry.name, entry.version.as_deref().unwrap_or_default(), None);
            }
        }
        locked.finish();
    }
}

fn needs(entries: &[Entry]) -> Needs {
    let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
    let mut by_version: HashMap<(&str, &str), usize> = HashMap::new();
    for (index, entry) in entries.iter().enumerate() {
        by_name.entry(&entry.name).or_default().push(index);
        by_version.insert((&entry.name, entry.version.as_deref().unwrap_or_default()), index);
    }
    let found = |needed: &Named| -> Vec<usize> {
        let exact = needed.version.as_deref().and_then(|it| by_version.get(&(needed.name.as_str(), it)));
        match exact {
            Some(index) => vec![*index],
            // What is left of a longer list is then needed by nobody, and thus kept.
            None => {
                by_name.get(needed.name.as_str()).into_iter().flatten().take(SAME_NAME_MAX).copied().collect()
            }
        }
    };
    let all = |groups: &BTreeMap<String, Vec<Named>>| -> Vec<usize> {
        groups.values().flatten().flat_map(&found).collect()
    };
    let mut needs = Needs::default();
    for entry in entries {
        let mut needed: Vec<usize> = entry.dependencies.iter().flat_map(&found).collect();
        needed.extend(all(&entry.optional_dependencies));
        if entry.is_own() {
            needs.production.append(&mut needed);
            needs.development.extend(all(&entry.dev_dependencies));
        }
        needs.packages.push(needed);
    }
    needs
}

/// Versions of one package in one file; a hostile one could otherwise name each a million times.
const SAME_NAME_MAX: usize = 64;
