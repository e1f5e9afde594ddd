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

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_core::{EndOfLife, Timestamp};

use crate::shard::view::{Contents, RecordHead, UnitView};
use crate::snapshot::PackedTexts;
use crate::snapshot::writer::{self, Merged};
use crate::{Feed, FeedOutput, Shard, parallel};

pub use crate::snapshot::FeedInfo;
pub use crate::snapshot::writer::BuildError;
use aliases::Aliases;
use rows::{Rows, Survey};

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

/// The same of shards, of which nothing is copied.
#[derive(Debug)]
pub struct ShardInput<'a> {
    /// As [`BuildInput::sequence`].
    pub sequence: u64,
    /// As [`BuildInput::built`].
    pub built: Timestamp,
    /// As [`BuildInput::feeds`].
    pub feeds: Vec<(FeedMeta, &'a Shard)>,
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
    let shards: Vec<Shard> =
        input.feeds.iter().map(|(meta, output)| Shard::of(&meta.id, 0, output.clone())).collect();
    let feeds = input.feeds.iter().map(|(meta, _)| meta.clone()).zip(&shards).collect();
    build_after(&ShardInput { sequence: input.sequence, built: input.built, feeds }, None)
}

/// Builds a snapshot with the dictionary of an earlier one, and with its packed texts as far as
/// they are the same: most of a build's time goes into packing. The same input and the same
/// dictionary give the same bytes.
pub fn build_after(input: &ShardInput<'_>, earlier: Option<&dyn PackedTexts>) -> Result<Vec<u8>, BuildError> {
    let pieces = read(input)?;
    let aliases = Aliases::of(live_records(&pieces).map(|record| (record.id, record.aliases.as_slice())));
    let mut rows = Rows::of(&pieces, &aliases)?;
    let survey = rows.survey()?;
    let ids: Vec<&str> = names(&pieces, &aliases, &rows, &survey).into_iter().collect();
    rows.number(&ids);
    let records = vulnerabilities::records(&pieces, &aliases, &ids);
    let vulnerabilities = vulnerabilities::facts(&pieces, &aliases, &ids, &records)?;
    drop(aliases);
    let texts = |number: usize| {
        let records = records.get(number).map(Vec::as_slice).unwrap_or_default();
        vulnerabilities::text(records)
    };
    let merged = Merged {
        sequence: input.sequence,
        built: input.built,
        feeds: feed_infos(input, &pieces),
        quarantined: quarantined(&pieces),
        end_of_life: end_of_life(&pieces),
        repositories: repositories(&pieces),
        jars: jars(&pieces),
        vulnerabilities,
        packages: &rows,
        universes: survey.universes,
        counts: survey.counts,
        texts: &texts,
    };
    writer::write(merged, earlier)
}

/// What some documents of one feed hold.
struct Piece<'a> {
    feed: &'a str,
    contents: Contents<'a>,
}

/// Reads all documents of all feeds, in their order.
fn read<'a>(input: &'a ShardInput<'_>) -> Result<Vec<Piece<'a>>, BuildError> {
    let units: Vec<(&FeedMeta, &str, UnitView<'_>)> = input
        .feeds
        .iter()
        .flat_map(|(meta, shard)| shard.units().map(move |unit| (meta, shard.feed.as_str(), unit)))
        .collect();
    let shares = parallel::fair_shares(
        &units,
        |(_, _, unit)| unit.content.len(),
        |units| {
            let mut pieces = Vec::new();
            for units in units.chunk_by(|left, right| left.0.id == right.0.id) {
                let Some(&(meta, _, _)) = units.first() else { continue };
                let mut contents = Contents::default();
                for (_, feed, unit) in units {
                    contents.add(unit, feed).ok_or(BuildError::Damaged)?;
                }
                pieces.push(Piece { feed: &meta.id, contents });
            }
            Ok::<_, BuildError>(pieces)
        },
    );
    let mut pieces = Vec::new();
    for share in shares {
        pieces.append(&mut share?);
    }
    Ok(pieces)
}

/// The names of everything that is kept: what rows speak of, the announcements that they name,
/// and CISA's whole catalogue. Scores and texts of anything else could never be shown.
fn names<'a>(
    pieces: &[Piece<'a>],
    aliases: &Aliases<'a>,
    rows: &Rows<'_, 'a>,
    survey: &Survey<'a>,
) -> BTreeSet<&'a str> {
    let mut names: BTreeSet<&str> = rows.names(survey).collect();
    let catalogue = pieces.iter().flat_map(|piece| &piece.contents.kev);
    names.extend(catalogue.map(|(id, _)| aliases.canonical(id)));
    let records = live_records(pieces).filter(|record| survey.announced.contains(record.id));
    names.extend(records.map(|record| aliases.canonical(record.id)));
    names
}

/// Every record that is not withdrawn.
fn live_records<'p, 'a>(pieces: &'p [Piece<'a>]) -> impl Iterator<Item = &'p RecordHead<'a>> {
    pieces.iter().flat_map(|piece| &piece.contents.records).filter(|record| !record.withdrawn)
}

/// One entry a feed, whatever the number of pieces it came in.
fn feed_infos(input: &ShardInput<'_>, pieces: &[Piece<'_>]) -> Vec<FeedInfo> {
    let mut infos: BTreeMap<&str, FeedInfo> = BTreeMap::new();
    for (meta, shard) in &input.feeds {
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
        info.data_date = info.data_date.max(shard.data_date);
        let records = shard.records();
        info.records_read = info.records_read.saturating_add(records.read);
        info.records_stored = info.records_stored.saturating_add(records.stored);
        info.records_quarantined = info.records_quarantined.saturating_add(records.quarantined);
        info.out_of_scope = info.out_of_scope.saturating_add(records.out_of_scope);
    }
    for piece in pieces {
        let Some(info) = infos.get_mut(piece.feed) else { continue };
        info.quarantined += piece.contents.quarantined.len() as u64;
        info.advisories += piece.contents.advisories.len() as u64;
    }
    infos.into_values().collect()
}

fn quarantined<'a>(pieces: &[Piece<'a>]) -> Vec<(&'a str, &'a str, &'a str)> {
    let mut all: Vec<(&str, &str, &str)> = pieces
        .iter()
        .flat_map(|piece| piece.contents.quarantined.iter().map(|(record, why)| (piece.feed, *record, *why)))
        .collect();
    all.sort_by(|left, right| left.0.cmp(right.0));
    all
}

fn end_of_life<'p>(pieces: &'p [Piece<'_>]) -> Vec<&'p EndOfLife> {
    let mut all: Vec<&EndOfLife> = pieces.iter().flat_map(|piece| &piece.contents.end_of_life).collect();
    all.sort_by(|left, right| (&left.distro_id, &left.release).cmp(&(&right.distro_id, &right.release)));
    all.dedup();
    all
}

/// What several feeds say of one jar is a union.
fn jars<'a>(pieces: &[Piece<'a>]) -> Vec<(&'a [u8; 20], &'a str)> {
    let mut all: Vec<(&[u8; 20], &str)> =
        pieces.iter().flat_map(|piece| piece.contents.maven.iter().copied()).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// What several feeds say of one repository is a union.
fn repositories<'a>(pieces: &[Piece<'a>]) -> BTreeMap<&'a str, Vec<&'a str>> {
    let mut all: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (id, channels) in pieces.iter().flat_map(|piece| &piece.contents.repository_channels) {
        let known = all.entry(id).or_default();
        known.extend(channels.iter().copied());
        known.sort_unstable();
        known.dedup();
    }
    all
}
