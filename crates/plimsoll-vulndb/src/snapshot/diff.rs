//! What changed between two snapshots, as packages: the input of judging stored inventories again.
//!
//! An advisory is identified by (feed, vulnerability, realm, package, channel, kind of name), never
//! by its text: a new wording is no change, another range or status is one.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use xxhash_rust::xxh3::Xxh3;

use super::{EndRef, Row, Snapshot, SnapshotError};

/// What became of what is said about a vulnerability in a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// It was not there before.
    Added,
    /// It says something else.
    Changed,
    /// It is no longer there.
    Removed,
}

impl Change {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Change::Added => "added",
            Change::Changed => "changed",
            Change::Removed => "removed",
        }
    }
}

/// A package of which something else is said now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedPackage {
    /// The realm.
    pub realm: String,
    /// The name, as advisories have it.
    pub package: String,
    /// The vulnerabilities, each with what became of it; in the order of ids.
    pub vulnerabilities: BTreeMap<String, Change>,
}

/// The packages whose advisories differ, in the order of realms and names.
///
/// # Errors
/// Where one of them is damaged.
pub fn diff<A: AsRef<[u8]>, B: AsRef<[u8]>>(
    old: &Snapshot<A>,
    new: &Snapshot<B>,
) -> Result<Vec<ChangedPackage>, SnapshotError> {
    let mut keys: BTreeSet<(&str, &str)> = old.keys().collect::<Result<_, _>>()?;
    for key in new.keys() {
        keys.insert(key?);
    }
    let mut changed = Vec::new();
    for (realm, package) in keys {
        let (before, after) = (said(old, realm, package)?, said(new, realm, package)?);
        if before == after {
            continue;
        }
        let mut vulnerabilities = BTreeMap::new();
        for (id, sum) in &after {
            match before.get(id) {
                None => vulnerabilities.insert(id.to_string(), Change::Added),
                Some(earlier) if earlier != sum => vulnerabilities.insert(id.to_string(), Change::Changed),
                Some(_) => None,
            };
        }
        for id in before.keys().filter(|id| !after.contains_key(*id)) {
            vulnerabilities.insert(id.to_string(), Change::Removed);
        }
        changed.push(ChangedPackage {
            realm: realm.to_owned(),
            package: package.to_owned(),
            vulnerabilities,
        });
    }
    Ok(changed)
}

/// A sum of all rows about each vulnerability of a package.
fn said<'a, B: AsRef<[u8]>>(
    snapshot: &'a Snapshot<B>,
    realm: &str,
    package: &str,
) -> Result<HashMap<&'a str, u64>, SnapshotError> {
    let mut said: HashMap<&str, u64> = HashMap::new();
    for row in snapshot.rows(realm, package) {
        let row = row?;
        let sum = said.entry(row.vulnerability).or_default();
        // The order of rows says nothing.
        *sum = sum.wrapping_add(sum_of(&row));
    }
    Ok(said)
}

/// What of a row a verdict can depend on.
fn sum_of(row: &Row<'_>) -> u64 {
    let mut sum = Xxh3::new();
    let mut text = |text: &str| {
        sum.update(&(text.len() as u64).to_le_bytes());
        sum.update(text.as_bytes());
    };
    text(row.feed);
    text(row.status.name());
    text(row.severity.map_or("", |it| it.name()));
    text(&format!("{:?}", row.name_kind));
    for part in [row.channel, row.module] {
        text(part.unwrap_or_default());
    }
    row.architectures().for_each(&mut text);
    for range in row.ranges() {
        text(range.introduced.unwrap_or_default());
        let (kind, version) = match range.end {
            EndRef::Fixed(version) => ("fixed", version),
            EndRef::LastAffected(version) => ("last", version),
            EndRef::Limit(version) => ("limit", version),
            EndRef::Open => ("open", ""),
        };
        text(kind);
        text(version);
    }
    row.versions().for_each(&mut text);
    sum.digest()
}

#[cfg(test)]
mod tests {
    use plimsoll_core::Advisory;

    use super::super::tests::{advisory, snapshot_of};
    use super::*;
    use crate::FeedOutput;

    fn check(old: Vec<Advisory>, new: Vec<Advisory>, expected: &str) {
        let snapshot = |advisories| {
            let output = FeedOutput { advisories, ..FeedOutput::default() };
            snapshot_of(vec![("debian", output)])
        };
        let mut lines = String::new();
        for package in diff(&snapshot(old), &snapshot(new)).unwrap() {
            for (id, change) in package.vulnerabilities {
                lines += &format!("{} {} {id} {}\n", package.realm, package.package, change.name());
            }
        }
        assert_eq!(lines, expected);
    }

    #[test]
    fn packages_are_named_whose_advisories_say_something_else() {
        let (one, two) = (advisory("debian", "CVE-2020-0001"), advisory("debian", "CVE-2020-0002"));
        check(vec![one.clone()], vec![one.clone()], "");
        check(
            vec![one.clone()],
            vec![two.clone()],
            "deb/debian:12 zlib CVE-2020-0001 removed\ndeb/debian:12 zlib CVE-2020-0002 added\n",
        );
        let mut edited = one.clone();
        edited.note = Some("another wording".to_owned());
        edited.advisory_ids.push("DSA-1-1".to_owned());
        check(vec![one.clone()], vec![edited], "");
        let mut changed = one.clone();
        changed.status = plimsoll_core::Status::WillNotFix;
        check(vec![one, two.clone()], vec![two, changed], "deb/debian:12 zlib CVE-2020-0001 changed\n");
    }
}
