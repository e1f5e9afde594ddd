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
use crate::locks::{Locked, Needs, came_with_a_package, text, why};
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
        if came_with_a_package(input.path) {
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
    let places = Places::new(lock.packages.keys());
    let mut needs = Needs::default();
    for workspace in lock.workspaces.values() {
        let around = places.around(workspace.name.as_deref().unwrap_or_default());
        let found = |group: &BTreeMap<String, Value>| -> Vec<usize> {
            group.keys().filter_map(|name| places.seen(&around, name)).collect()
        };
        needs.production.extend(found(&workspace.dependencies));
        needs.production.extend(found(&workspace.optional_dependencies));
        needs.production.extend(found(&workspace.peer_dependencies));
        needs.development.extend(found(&workspace.dev_dependencies));
    }
    for (key, tuple) in &lock.packages {
        let around = places.around(key);
        let names = tuple.iter().filter_map(Value::as_object).flat_map(needed_names);
        needs.packages.push(names.filter_map(|name| places.seen(&around, name)).collect());
    }
    needs
}

fn needed_names(about: &serde_json::Map<String, Value>) -> impl Iterator<Item = &String> {
    let groups = ["dependencies", "optionalDependencies", "peerDependencies"];
    groups.into_iter().filter_map(|group| about.get(group)?.as_object()).flat_map(|group| group.keys())
}

/// Where packages lie: in a package that alone sees them, or in the outermost place.
struct Places<'a> {
    /// The places in which anything lies, by their key.
    places: HashMap<&'a str, usize>,
    /// The packages by place and name.
    packages: HashMap<(usize, &'a str), usize>,
}

/// Packages around a package that are looked through; none known is deeper in others.
const DEPTH_MAX: usize = 32;

impl<'a> Places<'a> {
    fn new(keys: impl Iterator<Item = &'a String>) -> Places<'a> {
        let mut all = Places { places: HashMap::from([("", 0)]), packages: HashMap::new() };
        for (index, key) in keys.enumerate() {
            let place = outer(key);
            let name = key.get(place.len()..).unwrap_or_default().trim_start_matches('/');
            let next = all.places.len();
            let place = *all.places.entry(place).or_insert(next);
            all.packages.insert((place, name), index);
        }
        all
    }

    /// The places that the package of this key sees, nearest first.
    fn around(&self, key: &str) -> Vec<usize> {
        let keys = std::iter::successors(Some(key), |key| Some(outer(key)));
        let within = keys.take_while(|key| !key.is_empty()).take(DEPTH_MAX);
        within.chain([""]).filter_map(|key| self.places.get(key).copied()).collect()
    }

    /// The package of this name that is seen from those places.
    fn seen(&self, around: &[usize], name: &str) -> Option<usize> {
        around.iter().find_map(|place| self.packages.get(&(*place, name)).copied())
    }
}

/// `a` of `a/b` and of `a/@scope/b`; nothing around `@scope/b`.
fn outer(key: &str) -> &str {
    let without_name = key.rsplit_once('/').map_or("", |(rest, _)| rest);
    let (rest, last) = without_name.rsplit_once('/').unwrap_or(("", without_name));
    if last.starts_with('@') { rest } else { without_name }
}
