//! `javascript/package-lock`: what npm locked, `package-lock.json` and `npm-shrinkwrap.json` in
//! versions 1, 2 and 3 of the format (npm's manual, "package-lock.json").
//!
//! From version 2 on `packages` is by folder; what is in no `node_modules` there is the project
//! itself or a member of its workspace. `dev` marks what only development needs; `devOptional`
//! does not, since something else may want it.

use std::collections::BTreeMap;

use plimsoll_core::{Extractor, Input, Observations, Pattern};
use serde::Deserialize;
use serde_json::Value;

use super::{manifest, plain_version, split_at_sign};
use crate::locks::{Locked, came_with_a_package, json};

/// Reads `package-lock.json` and `npm-shrinkwrap.json`.
pub struct PackageLock;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Lock {
    lockfile_version: Option<u64>,
    packages: Option<BTreeMap<String, Folder>>,
    dependencies: Option<BTreeMap<String, Dependency>>,
}

/// An entry of `packages`.
#[derive(Deserialize)]
struct Folder {
    /// Given where it is not the folder's.
    name: Option<String>,
    version: Option<String>,
    #[serde(default)]
    dev: bool,
    /// A symbolic link to a member of the workspace.
    #[serde(default)]
    link: bool,
    license: Option<Value>,
}

/// An entry of `dependencies`, as version 1 has them.
#[derive(Deserialize)]
struct Dependency {
    #[serde(default)]
    version: String,
    #[serde(default)]
    dev: bool,
    dependencies: Option<BTreeMap<String, Dependency>>,
}

impl Extractor for PackageLock {
    fn id(&self) -> &'static str {
        "javascript/package-lock"
    }

    fn version(&self) -> u32 {
        1
    }

    fn wants(&self) -> &'static [Pattern] {
        &[Pattern::Name("package-lock.json"), Pattern::Name("npm-shrinkwrap.json")]
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        if came_with_a_package(input.path) {
            return;
        }
        let lock: Lock = match json(input.content) {
            Ok(lock) => lock,
            Err(why) => return out.problem(input.path, format!("npm's lock file cannot be read: {why}")),
        };
        let mut locked = Locked::new("npm", input.path, out);
        if let Some(version @ 4..) = lock.lockfile_version {
            locked.problem(format!("npm's lock file of version {version} may say more than we read"));
        }
        match (&lock.packages, &lock.dependencies) {
            (Some(packages), _) => packages.iter().for_each(|(path, it)| take_folder(path, it, &mut locked)),
            (None, Some(dependencies)) => take_dependencies(dependencies, &mut locked),
            (None, None) => (),
        }
        locked.finish();
    }
}

fn take_folder(path: &str, folder: &Folder, locked: &mut Locked<'_>) {
    let Some((_, name)) = path.rsplit_once("node_modules/") else { return };
    if folder.dev || folder.link {
        return;
    }
    let name = folder.name.as_deref().unwrap_or(name);
    let version = plain_version(folder.version.as_deref().unwrap_or_default());
    locked.package(name, version, folder.license.as_ref().and_then(manifest::license));
}

/// serde_json's own limit of depth bounds the recursion.
fn take_dependencies(dependencies: &BTreeMap<String, Dependency>, locked: &mut Locked<'_>) {
    for (name, dependency) in dependencies {
        if !dependency.dev {
            let alias = dependency.version.strip_prefix("npm:").and_then(split_at_sign);
            let (name, version) = alias.unwrap_or((name, &dependency.version));
            locked.package(name, plain_version(version), None);
        }
        if let Some(inner) = &dependency.dependencies {
            take_dependencies(inner, locked);
        }
    }
}
