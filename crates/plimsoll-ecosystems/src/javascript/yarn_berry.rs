//! The `yarn.lock` of yarn 2 and later: YAML, an entry for each resolved package.
//!
//! The field `resolution` names the package, whatever alias or patch asked for it; a `soft` link
//! is the project itself, a member of its workspace or another folder on the machine.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::split_at_sign;
use crate::locks::Locked;
use crate::notes::excerpt;
use crate::yaml::Repeated;

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Entry {
    version: Option<String>,
    resolution: Option<String>,
    link_type: Option<String>,
}

/// Notes every package of the file.
pub(super) fn take(text: &str, locked: &mut Locked<'_>) {
    let documents: Vec<BTreeMap<String, Entry>> = match crate::yaml::documents(text, Repeated::LastCounts) {
        Ok(documents) => documents,
        Err(why) => return locked.problem(format!("yarn.lock cannot be read: {why}")),
    };
    for (patterns, entry) in documents.iter().flatten() {
        let is_own = entry.link_type.as_deref() == Some("soft");
        if patterns != "__metadata" && !is_own {
            take_entry(patterns, entry, locked);
        }
    }
}

fn take_entry(patterns: &str, entry: &Entry, locked: &mut Locked<'_>) {
    let resolution = entry.resolution.as_deref().and_then(split_at_sign);
    let Some((name, _)) = resolution else {
        return locked.problem(format!("`{}` has no resolution", excerpt(patterns.as_bytes())));
    };
    match &entry.version {
        Some(version) => locked.package(name, version, None),
        None => locked.problem(format!("package `{}` has no version", excerpt(name.as_bytes()))),
    }
}
