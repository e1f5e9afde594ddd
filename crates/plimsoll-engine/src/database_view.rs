//! What the database says of itself and of one vulnerability, for people: its feeds and when each is
//! asked next, what differs between two snapshots, what was set aside, which packages are concerned.
//!
//! Only reads, and judges nothing.

use std::collections::BTreeMap;

use plimsoll_core::{Severity, Timestamp};
use plimsoll_vulndb::schedule::{Attempts, due};
use plimsoll_vulndb::snapshot::{Change, EndRef, FeedInfo, diff};
use plimsoll_vulndb::{FEEDS, Feed};

use crate::db::{Database, DatabaseError, FeedHealth, OpenSnapshot};

/// A feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedView {
    /// Its id.
    pub id: &'static str,
    /// Its title.
    pub title: &'static str,
    /// What the snapshot holds of it; none where that is nothing.
    pub info: Option<FeedInfo>,
    /// How the last attempt ended.
    pub health: FeedHealth,
    /// When something of it was accepted last.
    pub accepted: Option<Timestamp>,
    /// When it was asked last.
    pub tried: Option<Timestamp>,
    /// When it is asked next, if anybody keeps the schedule; in the past where it is due.
    pub next: Timestamp,
    /// Every how many hours it is asked.
    pub every_hours: u32,
    /// Releases that the feed has no more, and of which the last word is kept.
    pub kept_realms: Vec<String>,
}

/// All feeds that this program knows (of `only`, if that is not empty), as the schedule of an instance
/// with this number has them.
///
/// # Errors
/// Where the snapshot is damaged.
pub fn feeds(
    database: &Database,
    open: Option<&OpenSnapshot>,
    (only, salt): (&[String], u64),
) -> Result<Vec<FeedView>, DatabaseError> {
    let infos = open.map(|open| open.snapshot.feeds()).transpose();
    let infos = infos.map_err(|error| damaged(database, &error.to_string()))?.unwrap_or_default();
    let wanted = FEEDS.iter().filter(|it| only.is_empty() || only.iter().any(|id| id == it.id()));
    wanted
        .map(|feed| {
            // A state that cannot be read is none: the next update makes it anew.
            let state = database.feed_state(feed.id()).unwrap_or_default();
            let attempts = Attempts { tried: state.tried.map(Timestamp), failures: state.failures };
            Ok(FeedView {
                id: feed.id(),
                title: feed.title(),
                info: infos.iter().find(|it| it.id == feed.id()).cloned(),
                health: state.health(),
                accepted: state.accepted(),
                tried: attempts.tried,
                next: due(*feed as &dyn Feed, attempts, salt),
                every_hours: feed.cadence_hours(),
                kept_realms: state.kept_realms,
            })
        })
        .collect()
}

/// Whether there is a feed of this id.
pub fn is_feed(id: &str) -> bool {
    FEEDS.iter().any(|it| it.id() == id)
}

fn damaged(database: &Database, why: &str) -> DatabaseError {
    DatabaseError::Damaged { path: database.directory().to_owned(), why: why.to_owned() }
}

/// A record that was set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAside {
    /// Which record.
    pub record: String,
    /// Why.
    pub why: String,
}

/// What was set aside of a feed.
///
/// # Errors
/// Where the snapshot is damaged.
pub fn set_aside(open: &OpenSnapshot, feed: &str) -> Result<Vec<SetAside>, String> {
    let found = open.snapshot.quarantined(feed).map_err(|error| error.to_string())?;
    Ok(found.into_iter().map(|it| SetAside { record: it.record, why: it.why }).collect())
}

/// What became of what is said about a vulnerability in a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Of which realm: `deb:debian:12`, `npm`.
    pub realm: String,
    /// Of which package.
    pub package: String,
    /// Which vulnerability.
    pub vulnerability: String,
    /// `added`, `changed` or `removed`.
    pub change: &'static str,
}

/// How two snapshots differ.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Differences {
    /// How many were added.
    pub added: u64,
    /// How many say something else.
    pub changed: u64,
    /// How many are gone.
    pub removed: u64,
    /// How many packages these are about.
    pub packages: u64,
    /// Each of them, up to a limit.
    pub items: Vec<Difference>,
    /// Whether there are more.
    pub is_cut: bool,
}

/// How a snapshot differs from an older one.
///
/// # Errors
/// Where one of them is damaged.
pub fn differences(old: &OpenSnapshot, new: &OpenSnapshot, items_max: usize) -> Result<Differences, String> {
    let packages = diff(&old.snapshot, &new.snapshot).map_err(|error| error.to_string())?;
    let mut found = Differences { packages: packages.len() as u64, ..Differences::default() };
    for package in packages {
        for (vulnerability, change) in package.vulnerabilities {
            match change {
                Change::Added => found.added += 1,
                Change::Changed => found.changed += 1,
                Change::Removed => found.removed += 1,
            }
            if found.items.len() >= items_max {
                found.is_cut = true;
                continue;
            }
            found.items.push(Difference {
                realm: package.realm.clone(),
                package: package.package.clone(),
                vulnerability,
                change: change.name(),
            });
        }
    }
    Ok(found)
}

/// What a feed says of a vulnerability in a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AffectedPackage {
    /// Of which realm: `deb:debian:12`, `npm`.
    pub realm: String,
    /// The package, as the advisory names it.
    pub package: String,
    /// Who says so.
    pub feed: String,
    /// What they say: `fixed`, `affected`, `will_not_fix`.
    pub status: &'static str,
    /// How bad they say it is.
    pub severity: Option<Severity>,
    /// The versions that fix it.
    pub fixed_versions: Vec<String>,
    /// The ranges in words, `< 1.2.3`.
    pub ranges: Vec<String>,
    /// The channel that the fix needs.
    pub channel: Option<String>,
    /// Their announcements.
    pub advisories: Vec<String>,
    /// Their note.
    pub note: Option<String>,
}

/// What feeds say of a vulnerability in packages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Affected {
    /// The packages, up to a limit.
    pub packages: Vec<AffectedPackage>,
    /// Whether there are more.
    pub is_cut: bool,
}

/// All that is said of a vulnerability in packages, by realm and package. Goes through the whole
/// snapshot, which takes a while.
///
/// # Errors
/// Where the snapshot is damaged.
pub fn affected(open: &OpenSnapshot, id: &str, items_max: usize) -> Result<Affected, String> {
    let text = |error: plimsoll_vulndb::snapshot::SnapshotError| error.to_string();
    let ids = open.snapshot.named(id).map_err(text)?;
    let mut found: BTreeMap<(String, String, String, Option<String>), AffectedPackage> = BTreeMap::new();
    let mut is_cut = false;
    for key in open.snapshot.keys() {
        let (realm, package) = key.map_err(text)?;
        for row in open.snapshot.rows(realm, package) {
            let row = row.map_err(text)?;
            if !ids.contains(&row.vulnerability) {
                continue;
            }
            let place =
                (realm.to_owned(), package.to_owned(), row.feed.to_owned(), row.channel.map(str::to_owned));
            if found.len() >= items_max && !found.contains_key(&place) {
                is_cut = true;
                continue;
            }
            let entry = found.entry(place).or_insert_with(|| AffectedPackage {
                realm: realm.to_owned(),
                package: package.to_owned(),
                feed: row.feed.to_owned(),
                status: row.status.name(),
                severity: row.severity,
                fixed_versions: Vec::new(),
                ranges: Vec::new(),
                channel: row.channel.map(str::to_owned),
                advisories: row.advisory_ids().map(str::to_owned).collect(),
                note: row.note.map(str::to_owned),
            });
            for range in row.ranges() {
                if let EndRef::Fixed(version) = range.end {
                    entry.fixed_versions.push(version.to_owned());
                }
                entry.ranges.push(in_words(range.introduced, range.end));
            }
        }
    }
    let mut packages: Vec<AffectedPackage> = found.into_values().collect();
    for it in &mut packages {
        it.fixed_versions.sort();
        it.fixed_versions.dedup();
        it.ranges.dedup();
    }
    Ok(Affected { packages, is_cut })
}

fn in_words(introduced: Option<&str>, end: EndRef<'_>) -> String {
    let from = introduced.map(|it| format!(">= {it}"));
    let to = match end {
        EndRef::Fixed(version) => Some(format!("< {version}")),
        EndRef::LastAffected(version) => Some(format!("<= {version}")),
        EndRef::Limit(version) => Some(format!("< {version} (and no further)")),
        EndRef::Open => None,
    };
    match (from, to) {
        (None, None) => "every version".to_owned(),
        (from, to) => from.into_iter().chain(to).collect::<Vec<_>>().join(", "),
    }
}
