//! Adds the texts of vulnerabilities to findings: summaries, descriptions and references.
//!
//! Apart from matching, since texts are most of the work and not every reader wants them. Changes
//! nothing else of a finding.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use plimsoll_core::{Finding, Problem, VulnerabilityText};
use plimsoll_vulndb::Snapshot;
use plimsoll_vulndb::snapshot::SnapshotError;

use crate::deal::deal;
use crate::matching::unreadable_database;

/// With fewer vulnerabilities for each, another thread costs more than it saves.
const IDS_EACH_MIN: usize = 64;

type Read = Result<Option<VulnerabilityText>, SnapshotError>;

/// Adds the texts of their vulnerabilities to findings, each read from the snapshot once.
pub fn describe<B: AsRef<[u8]> + Sync>(findings: &mut [Finding], snapshot: &Snapshot<B>) -> Vec<Problem> {
    let mut places: HashMap<&str, usize> = HashMap::with_capacity(findings.len());
    let mut ids: Vec<&str> = Vec::new();
    let mut wanted = Vec::with_capacity(findings.len());
    for finding in &*findings {
        wanted.push(*places.entry(&finding.id).or_insert_with(|| {
            ids.push(&finding.id);
            ids.len() - 1
        }));
    }
    let mut errors = BTreeSet::new();
    let mut texts = Vec::with_capacity(ids.len());
    for read in read_all(&ids, snapshot) {
        let mut text = read.unwrap_or_else(|error| {
            errors.insert(error.to_string());
            None
        });
        let description = text.as_mut().and_then(|it| it.details.take()).map(Arc::<str>::from);
        texts.push((text.unwrap_or_default(), description));
    }
    for (finding, place) in findings.iter_mut().zip(wanted) {
        if let Some((text, description)) = texts.get(place) {
            finding.description.clone_from(description);
            finding.summary.clone_from(&text.summary);
            finding.references.clone_from(&text.references);
        }
    }
    errors.iter().map(|error| unreadable_database(error).harmless()).collect()
}

/// The texts of all these vulnerabilities, in their order.
fn read_all<B: AsRef<[u8]> + Sync>(ids: &[&str], snapshot: &Snapshot<B>) -> Vec<Read> {
    let shares = deal(ids.len() / IDS_EACH_MIN, ids.len(), |numbers| {
        let mut texts = snapshot.texts();
        let read = |number: usize| Some((number, texts.text(ids.get(number)?)));
        numbers.filter_map(read).collect::<Vec<_>>()
    });
    let mut all: Vec<(usize, Read)> = shares.into_iter().flatten().collect();
    all.sort_unstable_by_key(|(number, _)| *number);
    all.into_iter().map(|(_, read)| read).collect()
}
