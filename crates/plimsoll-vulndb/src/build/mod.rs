//! Merges what all feeds gave into one snapshot.
//!
//! Pure: the same input gives the same bytes. Nothing a feed said of a package is dropped here
//! but what [`rows`] names: rows of withdrawn records, exact repetitions, and the older of two
//! publications of one vendor.

mod aliases;
#[cfg(test)]
mod mirror_tests;
mod precedence;
mod rows;
#[cfg(test)]
mod tests;
mod vulnerabilities;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use plimsoll_core::{EndOfLife, Timestamp};

use crate::snapshot::PackedTexts;
use crate::snapshot::writer::{self, Merged};
use crate::{Feed, FeedOutput};

pub use crate::snapshot::FeedInfo;
pub use crate::snapshot::writer::BuildError;
use aliases::Aliases;
use rows::NamedRow;

/// What a snapshot is built from.
#[derive(Debug)]
pub struct BuildInput {
    /// Its number: larger than that of every snapshot before it.
    pub sequence: u64,
    /// The time of the build; a repetition with the same time gives the same bytes.
    pub built: Timestamp,
    /// The feeds. One feed may come in several pieces, with the same id; they count as one.
    pub feeds: Vec<(FeedMeta, FeedOutput)>,
}

/// What is to be known of a feed besides its output.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct FeedMeta {
    /// The feed's id.
    pub id: String,
    /// Its title, for people.
    pub title: String,
    /// Where it was taken from: a URL or a mirror's directory, for people.
    pub source: String,
    /// Its licence's name.
    pub licence: String,
    /// The attribution that the publisher asks for.
    pub attribution: String,
    /// Whether a database that holds it may be given to others.
    pub redistributable: bool,
}

impl FeedMeta {
    /// What a feed says of itself; `source` is where this output came from.
    pub fn of(feed: &dyn Feed, source: impl Into<String>) -> FeedMeta {
        let licence = feed.licence();
        FeedMeta {
            id: feed.id().to_owned(),
            title: feed.title().to_owned(),
            source: source.into(),
            licence: licence.name.to_owned(),
            attribution: licence.attribution.to_owned(),
            redistributable: licence.redistributable,
        }
    }

    /// A feed of which nothing but its id is known; for tests and for files of the user's own.
    pub fn named(id: impl Into<String>) -> FeedMeta {
        FeedMeta { id: id.into(), ..FeedMeta::default() }
    }
}

/// Builds a snapshot.
pub fn build(input: &BuildInput) -> Result<Vec<u8>, BuildError> {
    build_after(input, None)
}

/// Builds a snapshot with the dictionary of an earlier one, and with its packed texts as far as
/// they are the same: most of a build's time goes into packing. The same input and the same
/// dictionary give the same bytes.
pub fn build_after(input: &BuildInput, earlier: Option<&dyn PackedTexts>) -> Result<Vec<u8>, BuildError> {
    let withdrawn = rows::Withdrawn::of(input);
    let aliases = Aliases::of(live_records(input).map(|(_, record)| record));
    let rows = rows::merge(input, &aliases, &withdrawn);
    let ids = names(input, &aliases, &rows);
    let vulnerabilities = vulnerabilities::merge(input, &aliases, &ids);
    let merged = Merged {
        sequence: input.sequence,
        built: input.built,
        feeds: feed_infos(input),
        quarantined: quarantined(input),
        end_of_life: end_of_life(input),
        repositories: repositories(input),
        jars: jars(input),
        rows: rows::numbered(rows, &ids),
        vulnerabilities,
    };
    writer::write(&merged, earlier)
}

/// The names of everything that is kept: what rows speak of, the announcements that they name,
/// and CISA's whole catalogue. Scores and texts of anything else could never be shown.
fn names<'a>(input: &'a BuildInput, aliases: &Aliases<'a>, rows: &[NamedRow<'a>]) -> BTreeSet<&'a str> {
    let mut names: BTreeSet<&str> = rows.iter().map(|row| row.vulnerability).collect();
    let catalogue = input.feeds.iter().flat_map(|(_, output)| &output.kev);
    names.extend(catalogue.map(|(id, _)| aliases.canonical(id)));
    let announced: HashSet<&str> = rows.iter().flat_map(|row| row.advisory_ids.iter().copied()).collect();
    let records = live_records(input).filter(|(_, record)| announced.contains(record.id.as_str()));
    names.extend(records.map(|(_, record)| aliases.canonical(&record.id)));
    names
}

/// Every record that is not withdrawn, with its feed's id.
fn live_records(input: &BuildInput) -> impl Iterator<Item = (&str, &crate::Record)> {
    input.feeds.iter().flat_map(|(meta, output)| {
        output.records.iter().filter(|record| !record.withdrawn).map(|record| (meta.id.as_str(), record))
    })
}

/// One entry a feed, whatever the number of pieces it came in.
fn feed_infos(input: &BuildInput) -> Vec<FeedInfo> {
    let mut infos: BTreeMap<&str, FeedInfo> = BTreeMap::new();
    for (meta, output) in &input.feeds {
        let info = infos.entry(&meta.id).or_insert_with(|| FeedInfo {
            id: meta.id.clone(),
            title: meta.title.clone(),
            source: meta.source.clone(),
            licence: meta.licence.clone(),
            attribution: meta.attribution.clone(),
            redistributable: meta.redistributable,
            ..FeedInfo::default()
        });
        info.redistributable &= meta.redistributable;
        info.data_date = info.data_date.max(output.data_date);
        info.records_read += output.records_read;
        info.records_stored += output.records_stored;
        info.records_quarantined += output.records_quarantined;
        info.out_of_scope += output.out_of_scope;
        info.quarantined += output.quarantined.len() as u64;
        info.advisories += output.advisories.len() as u64;
    }
    infos.into_values().collect()
}

fn quarantined(input: &BuildInput) -> Vec<(&str, &crate::Quarantined)> {
    let mut all: Vec<(&str, &crate::Quarantined)> = input
        .feeds
        .iter()
        .flat_map(|(meta, output)| output.quarantined.iter().map(|it| (meta.id.as_str(), it)))
        .collect();
    all.sort_by(|left, right| left.0.cmp(right.0));
    all
}

fn end_of_life(input: &BuildInput) -> Vec<&EndOfLife> {
    let mut all: Vec<&EndOfLife> = input.feeds.iter().flat_map(|(_, output)| &output.end_of_life).collect();
    all.sort_by(|left, right| (&left.distro_id, &left.release).cmp(&(&right.distro_id, &right.release)));
    all.dedup();
    all
}

/// What several feeds say of one jar is a union.
fn jars(input: &BuildInput) -> Vec<(&[u8; 20], &str)> {
    let all = input.feeds.iter().flat_map(|(_, output)| &output.maven);
    let mut all: Vec<(&[u8; 20], &str)> = all.map(|(sha1, name)| (sha1, name.as_str())).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// What several feeds say of one repository is a union.
fn repositories(input: &BuildInput) -> BTreeMap<&str, Vec<&str>> {
    let mut all: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (id, channels) in input.feeds.iter().flat_map(|(_, output)| &output.repository_channels) {
        let known = all.entry(id).or_default();
        known.extend(channels.iter().map(String::as_str));
        known.sort_unstable();
        known.dedup();
    }
    all
}
