//! Releases that a feed has no more: vendors take them out when their support ends, and images of
//! them go on. What was last said of them is kept, in a document of its own, until the feed has the
//! release again or somebody lets it go.

use std::collections::{BTreeSet, HashSet};

use super::view::Contents;
use super::{Shard, write};
use crate::feed::FeedOutput;

/// The name of the document. No part of a feed is called so.
const NAME: &str = "releases that the feed has no more";

/// What is kept.
pub(super) struct Kept {
    pub(super) content: Vec<u8>,
    pub(super) fingerprint: u64,
}

impl Kept {
    /// Of the shard before what was said of releases of which neither what was read now nor a
    /// document that stayed (`known`, by name) says anything.
    pub(super) fn of(before: &Shard, read: &FeedOutput, known: &HashSet<&str>) -> Option<Kept> {
        let mut all = Contents::default();
        let mut staying = Vec::new();
        for unit in before.units() {
            let from = (all.advisories.len(), all.records.len());
            all.add(&unit, &before.feed)?;
            if known.contains(unit.name) {
                staying.push((from.0..all.advisories.len(), from.1..all.records.len()));
            }
        }
        let of_known = staying.iter().filter_map(|(advisories, _)| all.advisories.get(advisories.clone()));
        let mut realms: HashSet<&str> = of_known.flatten().map(|it| it.realm).collect();
        realms.extend(read.advisories.iter().map(|it| it.realm.0.as_str()));
        // A language has no releases, and who withdrew its last advisory meant it.
        let is_gone = |realm: &str| realm.contains(':') && !realms.contains(realm);
        let advisories: Vec<_> = all.advisories.iter().filter(|it| is_gone(it.realm)).collect();
        if advisories.is_empty() {
            return None;
        }
        let mut named: HashSet<&str> = advisories.iter().map(|it| it.vulnerability).collect();
        for advisory in &advisories {
            named.extend(advisory.advisory_ids()?);
        }
        let of_known = staying.iter().filter_map(|(_, records)| all.records.get(records.clone()));
        let mut here: HashSet<&str> = of_known.flatten().map(|it| it.id).collect();
        here.extend(read.records.iter().map(|it| it.id.as_str()));
        let records = all.records.iter().filter(|it| named.contains(it.id) && !here.contains(it.id));
        let records: Vec<&[u8]> = records.map(|it| it.bytes).collect();
        let advisories: Vec<&[u8]> = advisories.iter().map(|it| it.bytes).collect();
        let content = write::content_of(&advisories, &records);
        Some(Kept { fingerprint: xxhash_rust::xxh3::xxh3_64(&content), content })
    }

    pub(super) fn write(&self, out: &mut crate::codec::Writer) {
        write::unit(out, NAME, self.fingerprint, [0; 4], &self.content);
    }
}

impl Shard {
    /// The realms of releases that the feed has no more, and of which the last word is kept.
    pub fn kept_realms(&self) -> BTreeSet<String> {
        let mut contents = Contents::default();
        for unit in self.units().filter(|unit| unit.name == NAME) {
            // What cannot be read is found when a snapshot is built from it.
            let _ = contents.add(&unit, &self.feed);
        }
        contents.advisories.iter().map(|it| it.realm.to_owned()).collect()
    }
}
