//! Merges what all feeds gave into one snapshot.
//!
//! Pure: the same input gives the same bytes. Nothing a feed said of a package is dropped here
//! but what [`rows`] names: rows of withdrawn records, exact repetitions, and the older of two
//! publications of one vendor.

mod aliases;
mod before;
#[cfg(test)]
mod before_tests;
mod ledger;
#[cfg(test)]
mod mirror_tests;
mod precedence;
mod rows;
mod survey;
mod table;
#[cfg(test)]
mod tests;
mod vulnerabilities;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use plimsoll_core::{EndOfLife, Timestamp};

use crate::shard::Index;
use crate::snapshot::PackedTexts;
use crate::snapshot::writer::{self, Merged};
use crate::{Feed, FeedOutput, Shard, parallel};

pub use crate::snapshot::FeedInfo;
pub use crate::snapshot::writer::BuildError;
pub use before::Before;
pub use ledger::Ledger;
pub use table::{FeedInput, ShardSource};

use aliases::Aliases;
use before::Same;
use rows::Rows;
use survey::Survey;
use table::Table;
use vulnerabilities::{Facts, Records};

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

/// The same of feeds whose shards are read only where something of them is to be written anew.
pub struct KeptInput<'a> {
    /// As [`BuildInput::sequence`].
    pub sequence: u64,
    /// As [`BuildInput::built`].
    pub built: Timestamp,
    /// The feeds, each in one piece. All indexes have the same seed.
    pub feeds: Vec<FeedInput<'a>>,
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
    let feeds = whole(input);
    let indexes = parallel::fair_shares(
        &feeds,
        |(_, shard)| shard.bytes().len(),
        |share| share.iter().map(|(_, shard)| Index::of(shard, 0)).collect::<Vec<_>>(),
    );
    let indexes: Option<Vec<Index>> = indexes.into_iter().flatten().collect();
    let indexes = indexes.ok_or(BuildError::Damaged)?;
    let feeds = feeds.iter().zip(&indexes);
    let feeds = feeds.map(|((meta, shard), index)| FeedInput { meta, index, shard: shard.as_ref() });
    let input = KeptInput { sequence: input.sequence, built: input.built, feeds: feeds.collect() };
    Ok(build_kept(&input, earlier, None)?.0)
}

/// The feeds, each in one piece.
fn whole<'a>(input: &ShardInput<'a>) -> Vec<(FeedMeta, Cow<'a, Shard>)> {
    let mut feeds: Vec<(FeedMeta, Vec<&Shard>)> = Vec::new();
    for (meta, shard) in &input.feeds {
        match feeds.iter_mut().find(|(known, _)| known.id == meta.id) {
            Some((known, pieces)) => {
                known.redistributable &= meta.redistributable;
                pieces.push(shard);
            }
            None => feeds.push((meta.clone(), vec![shard])),
        }
    }
    let joined = |(meta, pieces): (FeedMeta, Vec<&'a Shard>)| match pieces.as_slice() {
        [shard] => (meta, Cow::Borrowed(*shard)),
        pieces => (meta, Cow::Owned(Shard::joined(pieces))),
    };
    feeds.into_iter().map(joined).collect()
}

/// Builds a snapshot, and tells what its parts were built from. What is the same in the snapshot
/// `before` is taken over, which costs little and makes no difference to the bytes: the same input
/// and the same dictionary give the same.
pub fn build_kept(
    input: &KeptInput<'_>,
    earlier: Option<&dyn PackedTexts>,
    before: Option<&Before<'_>>,
) -> Result<(Vec<u8>, Ledger), BuildError> {
    let seed = input.feeds.first().map_or(0, |feed| feed.index.seed);
    if input.feeds.iter().any(|feed| feed.index.seed != seed) {
        return Err(BuildError::Damaged);
    }
    let before = before.filter(|it| it.seed() == seed);
    let tables = Table::all(&input.feeds)?;
    let records = tables.iter().flat_map(|it| (0..it.index.records()).map(|record| (it.index, record)));
    let aliases = Aliases::of(records.map(|(it, record)| (it.record_id(record), it.record_aliases(record))));
    let mut rows = Rows::of(&tables, &aliases, seed);
    let survey = rows.survey(before)?;
    let ids: Vec<&str> = names(&tables, &aliases, &rows, &survey).into_iter().collect();
    rows.number(&ids);
    let records = Records::of(&tables, &aliases, &ids);
    let facts = Facts::of(&tables, &aliases);
    let (fact_sums, record_sums) = facts.sums(&ids, &records, seed);
    let ledger = Ledger { seed, packages: rows.package_sums(), facts: fact_sums, records: record_sums };
    let mut same = match before {
        Some(before) => before.same(&ids, &ledger)?,
        None => Same::default(),
    };
    if before.map(|it| it.earlier.dictionary) != earlier.map(PackedTexts::dictionary) {
        same.records.clear();
    }
    let texts = |number: usize| records.text(number);
    let merged = Merged {
        sequence: input.sequence,
        built: input.built,
        feeds: feed_infos(&tables),
        quarantined: quarantined(&tables),
        end_of_life: end_of_life(&tables),
        repositories: repositories(&tables),
        jars: jars(&tables),
        facts: facts.merged(&ids, &records, &same.facts)?,
        aliases: ids
            .iter()
            .zip(0u32..)
            .flat_map(|(id, number)| aliases.others(id).map(move |alias| (alias, number)))
            .collect(),
        ids: &ids,
        earlier: before.map(|it| &it.earlier),
        kept_texts: same.records,
        packages: &rows,
        universes: survey.universes,
        counts: survey.counts,
        texts: &texts,
    };
    Ok((writer::write(merged, earlier)?, ledger))
}

/// The names of everything that is kept: what rows speak of, the announcements that they name,
/// and CISA's whole catalogue. Scores and texts of anything else could never be shown.
fn names<'a>(
    tables: &[Table<'a>],
    aliases: &Aliases<'a>,
    rows: &Rows<'_, 'a>,
    survey: &Survey<'a>,
) -> BTreeSet<&'a str> {
    let mut names: BTreeSet<&str> = rows.names(survey).collect();
    let catalogue = tables.iter().flat_map(|table| &table.lists.kev);
    names.extend(catalogue.map(|(id, _)| aliases.canonical(id)));
    for table in tables {
        let ids = (0..table.index.records()).map(|record| table.index.record_id(record));
        let announced = ids.filter(|id| survey.announced.contains(id));
        names.extend(announced.map(|id| aliases.canonical(id)));
    }
    names
}

/// What is said of each feed, in the order of their ids.
fn feed_infos(tables: &[Table<'_>]) -> Vec<FeedInfo> {
    let info = |Table { meta, index, .. }: &Table<'_>| FeedInfo {
        id: meta.id.clone(),
        title: meta.title.clone(),
        source: meta.source.clone(),
        licence: meta.licence.clone(),
        attribution: meta.attribution.clone(),
        redistributable: meta.redistributable,
        data_date: index.data_date,
        records_read: index.counts.read,
        records_stored: index.counts.stored,
        records_quarantined: index.counts.quarantined,
        out_of_scope: index.counts.out_of_scope,
        quarantined: index.quarantined,
        advisories: index.advisories,
    };
    let mut infos: Vec<FeedInfo> = tables.iter().map(info).collect();
    infos.sort_by(|left, right| left.id.cmp(&right.id));
    infos
}

fn quarantined<'a>(tables: &[Table<'a>]) -> Vec<(&'a str, &'a str, &'a str)> {
    let of = |table: &Table<'a>| {
        let feed = table.meta.id.as_str();
        table.lists.quarantined.iter().map(|(record, why)| (feed, *record, *why)).collect::<Vec<_>>()
    };
    let mut all: Vec<(&str, &str, &str)> = tables.iter().flat_map(of).collect();
    all.sort_by(|left, right| left.0.cmp(right.0));
    all
}

fn end_of_life<'p>(tables: &'p [Table<'_>]) -> Vec<&'p EndOfLife> {
    let mut all: Vec<&EndOfLife> = tables.iter().flat_map(|table| &table.lists.end_of_life).collect();
    all.sort_by(|left, right| (&left.distro_id, &left.release).cmp(&(&right.distro_id, &right.release)));
    all.dedup();
    all
}

/// What several feeds say of one jar is a union.
fn jars<'a>(tables: &[Table<'a>]) -> Vec<(&'a [u8; 20], &'a str)> {
    let mut all: Vec<(&[u8; 20], &str)> =
        tables.iter().flat_map(|table| table.lists.maven.iter().copied()).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// What several feeds say of one repository is a union.
fn repositories<'a>(tables: &[Table<'a>]) -> BTreeMap<&'a str, Vec<&'a str>> {
    let mut all: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (id, channels) in tables.iter().flat_map(|table| &table.lists.repository_channels) {
        let known = all.entry(id).or_default();
        known.extend(channels.iter().copied());
        known.sort_unstable();
        known.dedup();
    }
    all
}
