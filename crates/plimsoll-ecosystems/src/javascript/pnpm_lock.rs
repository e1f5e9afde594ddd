//! `javascript/pnpm-lock`: what pnpm locked, `pnpm-lock.yaml` in versions 5, 6 and 9 of the
//! format (pnpm's specification of its lock file).
//!
//! Until version 6 each package says whether only development needs it; in version 9 it follows
//! from who needs it. A document that only locks the package manager itself is passed over.

use std::collections::BTreeMap;

use plimsoll_core::{Extractor, Input, Observations, Pattern};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{plain_version, pnpm_graph, split_at_sign};
use crate::locks::{Locked, came_with_a_package, text, why};
use crate::notes::excerpt;
use crate::yaml::{self, Repeated};

/// Reads `pnpm-lock.yaml`.
pub struct PnpmLock;

/// One document of the file.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Document {
    lockfile_version: Option<String>,
    pub importers: Option<BTreeMap<String, Importer>>,
    packages: Option<BTreeMap<String, Entry>>,
    pub snapshots: Option<BTreeMap<String, Snapshot>>,
}

/// The project, or a member of its workspace.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Importer {
    pub dependencies: Option<BTreeMap<String, Reference>>,
    pub optional_dependencies: Option<BTreeMap<String, Reference>>,
    pub dev_dependencies: Option<BTreeMap<String, Reference>>,
    package_manager_dependencies: Option<IgnoredAny>,
    config_dependencies: Option<IgnoredAny>,
}

/// What an importer's dependency resolved to: a text until version 5, later with its range.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Reference {
    Text(String),
    Specified { version: String },
}

/// A package with its peers, from version 9 on.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Snapshot {
    pub dependencies: Option<BTreeMap<String, String>>,
    pub optional_dependencies: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Entry {
    /// Given where the key does not say them.
    name: Option<String>,
    version: Option<String>,
    dev: Option<bool>,
}

impl Document {
    /// Whether it only locks pnpm itself and its plug-ins.
    fn is_of_the_package_manager(&self) -> bool {
        let is_tool = |it: &Importer| {
            (it.package_manager_dependencies.is_some() || it.config_dependencies.is_some())
                && it.dependencies.is_none()
                && it.optional_dependencies.is_none()
                && it.dev_dependencies.is_none()
        };
        self.importers.as_ref().is_some_and(|it| !it.is_empty() && it.values().all(is_tool))
    }

    fn major(&self) -> Option<u64> {
        self.lockfile_version.as_deref()?.split('.').next()?.parse().ok()
    }
}

impl Extractor for PnpmLock {
    fn id(&self) -> &'static str {
        "javascript/pnpm-lock"
    }

    fn version(&self) -> u32 {
        1
    }

    fn wants(&self) -> &'static [Pattern] {
        &[Pattern::Name("pnpm-lock.yaml")]
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        if came_with_a_package(input.path) {
            return;
        }
        let read = text(input.content).map_err(|error| why(&error));
        let read = read.and_then(|text| yaml::documents(text, Repeated::Refused));
        let documents: Vec<Document> = match read {
            Ok(documents) => documents,
            Err(why) => return out.problem(input.path, format!("pnpm-lock.yaml cannot be read: {why}")),
        };
        let mut locked = Locked::new("npm", input.path, out);
        for document in documents.iter().filter(|it| !it.is_of_the_package_manager()) {
            take(document, &mut locked);
        }
        locked.finish();
    }
}

fn take(document: &Document, locked: &mut Locked<'_>) {
    let Some(major) = document.major() else {
        return locked.problem("pnpm-lock.yaml does not say its version".to_owned());
    };
    if !(5..=9).contains(&major) {
        locked.problem(format!("pnpm-lock.yaml of version {major} may say other than we read"));
    }
    let left_out = pnpm_graph::only_for_development(document);
    for (key, entry) in document.packages.iter().flatten() {
        if entry.dev == Some(true) || left_out.contains(key.as_str()) {
            continue;
        }
        let named = if major < 6 { split_by_slash(key) } else { split_by_at_sign(key) };
        let name = entry.name.as_deref().or(named.map(|(name, _)| name));
        let version = entry.version.as_deref().or(named.map(|(_, version)| version)).unwrap_or_default();
        match name {
            Some(name) => locked.package(name, plain_version(version), None),
            None => locked.problem(format!("`{}` names no package", excerpt(key.as_bytes()))),
        }
    }
}

/// Name and version of `/@scope/name/1.2.3_peer@1`; a registry's host may come before.
fn split_by_slash(key: &str) -> Option<(&str, &str)> {
    let (_, path) = key.split_once('/')?;
    let name_parts = if path.starts_with('@') { 2 } else { 1 };
    let end = path.match_indices('/').nth(name_parts - 1)?.0;
    let version = path[end..].trim_start_matches('/').split(['_', '/', '(']).next()?;
    Some((&path[..end], version))
}

/// Name and version of `/@scope/name@1.2.3(peer@1)`; version 9 has no slash before.
fn split_by_at_sign(key: &str) -> Option<(&str, &str)> {
    let (name, version) = split_at_sign(key.strip_prefix('/').unwrap_or(key))?;
    Some((name, version.split('(').next().unwrap_or_default()))
}
