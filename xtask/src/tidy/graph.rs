//! The crate graph: who may depend on whom, and what the pure crates must never reach.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Fault, Source};
use crate::shell::{self, Result};

/// What a crate may be used for, and with it how it is checked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Values in, values out: no file, environment, process, clock or network.
    Pure,
    /// May do effects.
    Effects,
    /// Ships in nothing.
    Tests,
}

/// The whole graph: crate, kind, and every crate of ours that it may depend on.
///
/// A row whose crate does not exist yet is allowed and says what is planned.
const GRAPH: &[(&str, Kind, &[&str])] = &[
    ("core", Kind::Pure, &[]),
    ("image", Kind::Pure, &["core"]),
    ("ecosystems", Kind::Pure, &["core"]),
    ("vulndb", Kind::Pure, &["core"]),
    ("match", Kind::Pure, &["core", "vulndb"]),
    ("policy", Kind::Pure, &["core"]),
    ("report", Kind::Pure, &["core"]),
    ("registry", Kind::Effects, &["core", "image"]),
    ("store", Kind::Effects, &["core"]),
    ("engine", Kind::Effects, &["core", "image", "ecosystems", "vulndb", "match", "policy", "registry"]),
    ("server", Kind::Effects, &["core", "image", "registry", "engine", "store", "report", "policy"]),
    // The command line calls the tables itself: `compare` orders versions by `ecosystems`, `db`
    // lists the feeds of `vulndb`, `scan` hands `registry` the options it was given.
    (
        "plimsoll",
        Kind::Effects,
        &["core", "ecosystems", "engine", "policy", "registry", "report", "server", "vulndb"],
    ),
    ("testkit", Kind::Tests, &["core", "image"]),
    ("xtask", Kind::Tests, &["testkit"]),
];

/// What a pure crate must not reach, by any way: async runtimes, HTTP, databases.
const IMPURE: &[&str] =
    &["tokio", "async-std", "smol", "hyper", "reqwest", "ureq", "rusqlite", "sqlx", "postgres"];

/// The most packages that `Cargo.lock` may name. 275 at the beginning, 50 more with the store's
/// two databases; a change that comes near it is the moment to look at what came in with what.
const LOCKED_PACKAGES_MAX: usize = 370;

pub(super) fn check(sources: &[Source]) -> Result<Vec<Fault>> {
    let crates = crates()?;
    let mut faults = edges(&crates);
    faults.extend(lock(sources));
    faults.extend(manifests(sources));
    for (name, kind, _) in GRAPH {
        if *kind == Kind::Pure && crates.contains_key(*name) {
            faults.extend(reach(name)?);
        }
    }
    faults.extend(lifted_lints(sources));
    Ok(faults)
}

/// Short name of each crate of the workspace, with the crates of ours that it depends on,
/// those of its tests left out.
fn crates() -> Result<BTreeMap<String, BTreeSet<String>>> {
    let text = shell::output(&mut shell::cargo(&["metadata", "--no-deps", "--format-version", "1"]))?;
    let metadata: Value = serde_json::from_str(&text).map_err(|error| format!("cargo metadata: {error}"))?;
    let ours = |name: &str| name.strip_prefix("plimsoll-").unwrap_or(name).to_owned();
    let mut crates = BTreeMap::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let name = ours(package["name"].as_str().unwrap_or_default());
        let dependencies = package["dependencies"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|it| it["kind"].as_str() != Some("dev"))
            .filter_map(|it| it["name"].as_str())
            .filter(|it| it.starts_with("plimsoll"))
            .map(ours)
            .collect();
        crates.insert(name, dependencies);
    }
    Ok(crates)
}

fn edges(crates: &BTreeMap<String, BTreeSet<String>>) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (name, dependencies) in crates {
        let path = if name == "xtask" { "xtask/Cargo.toml".to_owned() } else { manifest(name) };
        let Some((_, _, allowed)) = GRAPH.iter().find(|(it, _, _)| it == name) else {
            faults.push(Fault::of(&path, "the crate has no row in xtask/src/tidy/graph.rs"));
            continue;
        };
        for dependency in dependencies.iter().filter(|it| !allowed.contains(&it.as_str())) {
            faults.push(Fault::of(
                &path,
                format!("`{name}` must not depend on `{dependency}` (xtask/src/tidy/graph.rs)"),
            ));
        }
    }
    faults
}

fn manifest(name: &str) -> String {
    if name == "plimsoll" {
        return "crates/plimsoll/Cargo.toml".to_owned();
    }
    format!("crates/plimsoll-{name}/Cargo.toml")
}

/// What a pure crate reaches, as cargo resolves it for that crate alone.
fn reach(name: &str) -> Result<Vec<Fault>> {
    let package = format!("plimsoll-{name}");
    let tree = ["tree", "-p", &package, "-e", "normal,build", "--prefix", "none", "--format", "{p}"];
    let tree = shell::output(&mut shell::cargo(&tree))?;
    let reached: BTreeSet<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    let mut faults: Vec<Fault> = IMPURE
        .iter()
        .filter(|it| reached.contains(*it))
        .map(|it| Fault::of(&manifest(name), format!("a pure crate reaches `{it}`")))
        .collect();
    if name == "core" && reached.len() > 1 {
        faults.push(Fault::of(&manifest(name), "core depends on nothing, not even on serde"));
    }
    Ok(faults)
}

fn lock(sources: &[Source]) -> Vec<Fault> {
    let Some(lock) = sources.iter().find(|it| it.path == "Cargo.lock") else {
        return vec![Fault::of("Cargo.lock", "is missing")];
    };
    match lock.text.lines().filter(|line| *line == "[[package]]").count() {
        count if count > LOCKED_PACKAGES_MAX => vec![Fault::of(
            "Cargo.lock",
            format!("names {count} packages; {LOCKED_PACKAGES_MAX} is the ceiling (xtask/src/tidy/graph.rs)"),
        )],
        _ => Vec::new(),
    }
}

/// Every manifest takes lints, edition and licence from the workspace.
fn manifests(sources: &[Source]) -> Vec<Fault> {
    let ours = |path: &str| {
        path == "xtask/Cargo.toml" || (path.starts_with("crates/") && path.ends_with("/Cargo.toml"))
    };
    let mut faults = Vec::new();
    for source in sources.iter().filter(|it| ours(&it.path)) {
        for line in ["edition.workspace = true", "license.workspace = true", "[lints]\nworkspace = true"] {
            if !source.text.contains(line) {
                faults.push(Fault::of(&source.path, format!("`{}` is missing", line.replace('\n', " "))));
            }
        }
    }
    faults
}

/// clippy refuses effects in pure crates; nobody there may talk it out of it, but for tests.
fn lifted_lints(sources: &[Source]) -> Vec<Fault> {
    let pure = |path: &str| {
        GRAPH.iter().any(|(name, kind, _)| {
            *kind == Kind::Pure && path.starts_with(&format!("crates/plimsoll-{name}/src/"))
        })
    };
    let mut faults = Vec::new();
    for source in sources.iter().filter(|it| it.is_rust() && pure(&it.path)) {
        for (line, text) in source.shipped_lines() {
            if text.contains("clippy::disallowed_methods") {
                faults.push(Fault::at(&source.path, line, "a pure crate does no effects (clippy.toml)"));
            }
            if text.contains("unsafe_code") && !text.contains("forbid") {
                faults.push(Fault::at(&source.path, line, "a pure crate has no unsafe code"));
            }
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, dependencies: &[&str], expected: &[&str]) {
        let dependencies = dependencies.iter().map(|it| (*it).to_owned()).collect();
        let crates = BTreeMap::from([(name.to_owned(), dependencies)]);
        let actual: Vec<_> = edges(&crates).into_iter().map(|fault| fault.what).collect();
        assert_eq!(actual, expected);
    }

    #[test]
    fn an_edge_that_is_not_in_the_table_is_found() {
        check("match", &["core", "vulndb"], &[]);
        check(
            "match",
            &["core", "ecosystems"],
            &["`match` must not depend on `ecosystems` (xtask/src/tidy/graph.rs)"],
        );
        check("novel", &[], &["the crate has no row in xtask/src/tidy/graph.rs"]);
    }

    #[test]
    fn the_table_itself_has_no_cycle() {
        for (index, (name, _, dependencies)) in GRAPH.iter().enumerate() {
            for dependency in *dependencies {
                let at = GRAPH.iter().position(|(it, _, _)| it == dependency);
                assert!(at.is_some_and(|at| at < index), "{name} -> {dependency}");
            }
        }
    }
}
