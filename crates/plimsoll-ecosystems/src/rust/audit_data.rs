//! The list of crates that `cargo auditable` writes: JSON, compressed (its `PARSING.md`).
//!
//! Crates that only helped to build the program are not in it, and are left out. Those from
//! elsewhere than crates.io are judged by their name like the others: a copy kept in a
//! repository has the faults of what was copied.

use std::collections::BTreeSet;

use plimsoll_core::Evidence;
use serde::Deserialize;

use super::package;
use crate::notes::Notes;

/// How the JSON begins; its fields have a fixed order.
pub(super) const START: &[u8] = b"{\"packages\":";

#[derive(Deserialize)]
struct AuditData {
    packages: Vec<Crate>,
}

#[derive(Deserialize)]
struct Crate {
    name: String,
    version: String,
    /// `build`, or `runtime` if missing.
    #[serde(default)]
    kind: String,
}

/// Notes the crates that are part of the program.
pub(super) fn read(json: &[u8], notes: &mut Notes<'_>) {
    let data: AuditData = match serde_json::from_slice(json) {
        Ok(data) => data,
        Err(error) => return notes.problem(format!("the program's list of crates is broken: {error}")),
    };
    let mut seen = BTreeSet::new();
    for Crate { name, version, kind } in data.packages {
        if kind != "build" && seen.insert((name.clone(), version.clone())) {
            notes.package(package(name, version, Evidence::Installed));
        }
    }
}
