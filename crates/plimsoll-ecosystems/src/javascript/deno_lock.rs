//! `javascript/deno-lock`: what Deno locked of npm's packages, `deno.lock` in versions 2 to 5.
//!
//! A key is `name@version`, behind it the peers, each after `_`. Packages of JSR and files by
//! address are in no ecosystem that has advisories, and are passed over.

use std::collections::BTreeMap;

use plimsoll_core::{Extractor, Input, Observations, Pattern};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{plain_version, split_at_sign};
use crate::locks::{Locked, came_with_a_package, json};
use crate::notes::excerpt;

/// Reads `deno.lock`.
pub struct DenoLock;

#[derive(Deserialize, Default)]
#[serde(default)]
struct Lock {
    version: Option<String>,
    npm: Npm,
    packages: Packages,
}

/// Version 3 has the section inside of another.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Packages {
    npm: Npm,
}

/// Version 2 has the packages in a section of their own.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Npm {
    packages: BTreeMap<String, IgnoredAny>,
    #[serde(flatten)]
    keys: BTreeMap<String, IgnoredAny>,
}

impl Extractor for DenoLock {
    fn id(&self) -> &'static str {
        "javascript/deno-lock"
    }

    fn version(&self) -> u32 {
        1
    }

    fn wants(&self) -> &'static [Pattern] {
        &[Pattern::Name("deno.lock")]
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        if came_with_a_package(input.path) {
            return;
        }
        let lock: Lock = match json(input.content) {
            Ok(lock) => lock,
            Err(why) => return out.problem(input.path, format!("deno.lock cannot be read: {why}")),
        };
        let mut locked = Locked::new("npm", input.path, out);
        if let Some(version) = lock.version.as_deref().filter(|it| !matches!(*it, "2" | "3" | "4" | "5")) {
            let version = excerpt(version.as_bytes());
            locked.problem(format!("deno.lock of version `{version}` may say other than we read"));
        }
        let sections = [&lock.npm.packages, &lock.npm.keys, &lock.packages.npm.keys];
        for key in sections.into_iter().flat_map(|section| section.keys()) {
            take(key, &mut locked);
        }
        locked.finish();
    }
}

fn take(key: &str, locked: &mut Locked<'_>) {
    // Version 2 also has the requirements there.
    let Some((name, version)) = split_at_sign(key) else { return };
    let version = version.split('_').next().unwrap_or_default();
    locked.package(name, plain_version(version), None);
}
