//! `javascript/bun-lock`: what Bun locked, `bun.lock` (Bun 1.2 and later).
//!
//! Each package is a list whose first element is `name@version` and one of whose others says what
//! it needs; a key `a/b` is the `b` that only `a` sees. Bun's older binary form is not read, and
//! said not to be.

use std::collections::{BTreeMap, HashMap};

use plimsoll_core::{Extractor, Input, Observations, Pattern, Problem, ProblemKind};
use serde::Deserialize;
use serde_json::Value;

use super::json_with_comments::to_json;
use super::{plain_version, split_at_sign};
use crate::locks::{Locked, Needs, text, why};
use crate::notes::excerpt;

/// Reads `bun.lock`.
pub struct BunLock;

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Lock {
    lockfile_version: Option<u64>,
    workspaces: BTreeMap<String, Workspace>,
    packages: BTreeMap<String, Vec<Value>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Workspace {
    name: Option<String>,
    dependencies: BTreeMap<String, Value>,
    optional_dependencies: BTreeMap<String, Value>,
    peer_dependencies: BTreeMap<String, Value>,
    dev_dependencies: BTreeMap<String, Value>,
}

impl Extractor for BunLock {
    fn id(&self) -> &'static str {
        "javascript/bun-lock"
    }

    fn version(&self) -> u32 {
        1
    }

    fn wants(&self) -> &'static [Pattern] {
        &[Pattern::Name("bun.lock"), Pattern::Name("bun.lockb")]
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        if super::came_with_a_package(input.path) {
            return;
        }
        if input.path.file_name() == b"bun.lockb" {
            let what = "Bun's binary lock file is not read; what it installed is found by its files";
            out.problems.push(Problem::new(ProblemKind::Unsupported, what).at(input.path).harmless());
            return;
        }
        let read = text(input.content).map_err(|error| why(&error));
        let read = read.and_then(|text| serde_json::from_str(&to_json(text)).map_err(|error| why(&error)));
        let lock: Lock = match read {
            Ok(lock) => lock,
            Err(why) => return out.problem(input.path, format!("bun.lock cannot be read: {why}")),
        };
        let mut locked = Locked::new("npm", input.path, out);
        if let Some(version @ 2..) = lock.lockfile_version {
            locked.problem(format!("bun.lock of version {version} may say other than we read"));
        }
        let left_out = needs(&lock).only_for_development();
        for ((key, tuple), left_out) in lock.packages.iter().zip(left_out) {
            if !left_out {
                take(key, tuple, &mut locked);
            }
        }
        locked.finish();
    }
}

fn take(key: &str, tuple: &[Value], locked: &mut Locked<'_>) {
    let Some((name, version)) = tuple.first().and_then(Value::as_str).and_then(split_at_sign) else {
        return locked.problem(format!("`{}` names no package", excerpt(key.as_bytes())));
    };
    let is_own = ["workspace:", "root:", "link:"].iter().any(|protocol| version.starts_with(protocol));
    if !is_own {
        locked.package(name, plain_version(version), None);
    }
}

fn needs(lock: &Lock) -> Needs {
    let indexes: HashMap<&str, usize> =
        lock.packages.keys().enumerate().map(|(index, key)| (key.as_str(), index)).collect();
    let mut needs = Needs::default();
    for workspace in lock.workspaces.values() {
        let from = workspace.name.as_deref().unwrap_or_default();
        let found = |group: &BTreeMap<String, Value>| -> Vec<usize> {
            group.keys().filter_map(|name| seen_from(from, name, &indexes)).collect()
        };
        needs.production.extend(found(&workspace.dependencies));
        needs.production.extend(found(&workspace.optional_dependencies));
        needs.production.extend(found(&workspace.peer_dependencies));
        needs.development.extend(found(&workspace.dev_dependencies));
    }
    for (key, tuple) in &lock.packages {
        let groups = tuple.iter().filter_map(Value::as_object).flat_map(|it| {
            ["dependencies", "optionalDependencies", "peerDependencies"]
                .into_iter()
                .filter_map(|group| it.get(group))
        });
        let names = groups.filter_map(Value::as_object).flat_map(|group| group.keys());
        needs.packages.push(names.filter_map(|name| seen_from(key, name, &indexes)).collect());
    }
    needs
}

/// Packages inside packages; more are not looked through, and then nothing is left out.
const DEPTH_MAX: usize = 64;

/// The package that `from` sees under `name`: its own, else one of those around it, nearest first.
fn seen_from(from: &str, name: &str, indexes: &HashMap<&str, usize>) -> Option<usize> {
    let mut around = from;
    for _ in 0..DEPTH_MAX {
        if around.is_empty() {
            break;
        }
        if let Some(index) = indexes.get(format!("{around}/{name}").as_str()) {
            return Some(*index);
        }
        around = around.rsplit_once('/').map_or("", |(outer, _)| outer);
    }
    indexes.get(name).copied()
}
