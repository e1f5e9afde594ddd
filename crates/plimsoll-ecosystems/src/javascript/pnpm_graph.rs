//! Which packages of a `pnpm-lock.yaml` of version 9 only development needs.
//!
//! Importers and snapshots name what they need by name and reference; a reference is a version
//! with peers, or a whole key where it is an alias or an address.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::pnpm_lock::{Document, Reference, Snapshot};
use crate::locks::Needs;

/// The keys of `packages` that development alone needs; none where the document has no snapshots.
pub(super) fn only_for_development(document: &Document) -> HashSet<&str> {
    let Some(snapshots) = &document.snapshots else { return HashSet::new() };
    let indexes: HashMap<&str, usize> =
        snapshots.keys().enumerate().map(|(index, key)| (key.as_str(), index)).collect();
    let left_out = needs(document, snapshots, &indexes).only_for_development();
    let package = |key: &'_ str| key.find('(').unwrap_or(key.len());
    let keys = || snapshots.keys().map(|key| &key[..package(key)]).zip(&left_out);
    let kept: HashSet<&str> = keys().filter(|(_, left_out)| !**left_out).map(|(key, _)| key).collect();
    keys().map(|(key, _)| key).filter(|key| !kept.contains(key)).collect()
}

fn needs(
    document: &Document,
    snapshots: &BTreeMap<String, Snapshot>,
    indexes: &HashMap<&str, usize>,
) -> Needs {
    let found = |(name, reference): (&String, &str)| {
        let own = format!("{name}@{reference}");
        indexes.get(own.as_str()).or_else(|| indexes.get(reference)).copied()
    };
    let direct = |group: &Option<BTreeMap<String, Reference>>| -> Vec<usize> {
        group.iter().flatten().filter_map(|(name, reference)| found((name, reference.text()))).collect()
    };
    let inner = |group: &Option<BTreeMap<String, String>>| -> Vec<usize> {
        group.iter().flatten().filter_map(|(name, reference)| found((name, reference))).collect()
    };
    let mut needs = Needs::default();
    for importer in document.importers.iter().flatten().map(|(_, importer)| importer) {
        needs.production.extend(direct(&importer.dependencies));
        needs.production.extend(direct(&importer.optional_dependencies));
        needs.development.extend(direct(&importer.dev_dependencies));
    }
    for snapshot in snapshots.values() {
        let mut needed = inner(&snapshot.dependencies);
        needed.extend(inner(&snapshot.optional_dependencies));
        needs.packages.push(needed);
    }
    needs
}

impl Reference {
    fn text(&self) -> &str {
        match self {
            Reference::Text(text) => text,
            Reference::Specified { version } => version,
        }
    }
}
