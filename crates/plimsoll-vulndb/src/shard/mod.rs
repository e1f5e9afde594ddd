//! A shard: everything that one feed gave, in a form that can be kept, sent, compared with a later
//! one, and built into a snapshot without reading the feed's own files again.
//!
//! A shard knows which document gave what, so that after an update only changed documents are
//! parsed: the others' part is taken over. It never fetches anything and opens no file.

mod encode;
#[cfg(test)]
mod newer_tests;
mod reading;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use plimsoll_core::{Advisory, End};
use thiserror::Error;

use crate::feed::{FeedOutput, Unit};

pub use reading::Reading;

/// Everything that one feed gave.
#[derive(Clone, Debug)]
pub struct Shard {
    /// The feed's id.
    pub feed: String,
    /// The version of its parser that read it.
    pub version: u32,
    /// What it gave.
    pub output: FeedOutput,
}

/// Why bytes are no shard.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ShardError {
    /// They begin otherwise.
    #[error("this is no shard of a database, or one of another version of Plimsoll")]
    NotAShard,
    /// They are cut short or damaged.
    #[error("the shard is damaged")]
    Damaged,
}

impl Shard {
    /// The number of the form in which shards are written; one of another form cannot be read.
    pub const FORM: u32 = encode::form();

    /// The shard's bytes: the same shard gives the same bytes.
    pub fn encode(&self) -> Vec<u8> {
        encode::encode(self)
    }

    /// Reads what [`Shard::encode`] wrote. Checks that every document's share lies within the
    /// lists; whether the bytes are the ones that were written is the caller's to check by digest.
    ///
    /// # Errors
    /// Where the bytes are no shard.
    pub fn decode(bytes: &[u8]) -> Result<Shard, ShardError> {
        encode::decode(bytes)
    }

    /// What a parser of this feed needs to be told so that it reads only what changed.
    pub(crate) fn known(&self) -> Arc<HashMap<String, u64>> {
        Arc::new(self.output.units.iter().map(|unit| (unit.name.clone(), unit.fingerprint)).collect())
    }

    /// The shard after an update: what was read now, and the share of each document that was known
    /// and not read again. `before` is the shard that said so.
    ///
    /// Each advisory carries the day on which it was first seen: that of the shard before where it
    /// says the same, `day` where it is new, and 0 where nobody knows: where there is no shard
    /// before, or a parser of another version made it, which may only have failed to see it.
    pub(crate) fn update(
        feed: &str,
        version: u32,
        mut read: FeedOutput,
        before: Option<Shard>,
        day: u32,
    ) -> Shard {
        read.close();
        let new = if before.as_ref().is_some_and(|it| it.version == version) { day } else { 0 };
        read.known = Arc::default();
        read.replaced = Arc::default();
        let since = before.as_ref().map(FirstSeen::of);
        let mut old = before.map(|shard| pieces(shard.output)).unwrap_or_default();
        let mut output = FeedOutput { data_date: read.data_date, ..FeedOutput::default() };
        for (unit, piece) in in_order(read) {
            let piece = if unit.known {
                let kept = old.remove(&unit.name).unwrap_or_default();
                output.data_date = output.data_date.max(kept.data_date);
                kept
            } else {
                let mut piece = piece;
                piece.first_seen_days = piece
                    .advisories
                    .iter()
                    .map(|advisory| since.as_ref().and_then(|since| since.day(advisory)).unwrap_or(new))
                    .collect();
                piece
            };
            append(&mut output, Unit { known: false, ..unit }, piece);
        }
        Shard { feed: feed.to_owned(), version, output }
    }
}

/// When each fact was first seen.
struct FirstSeen(HashMap<u64, u32>);

impl FirstSeen {
    fn of(shard: &Shard) -> FirstSeen {
        let days = shard.output.first_seen_days.iter().copied().chain(std::iter::repeat(0));
        FirstSeen(shard.output.advisories.iter().map(fact).zip(days).collect())
    }

    fn day(&self, advisory: &Advisory) -> Option<u32> {
        self.0.get(&fact(advisory)).copied()
    }
}

/// A fact is what an advisory says about versions; a new wording is no new fact.
fn fact(advisory: &Advisory) -> u64 {
    let mut hasher = xxhash_rust::xxh3::Xxh3::new();
    let mut text = |text: &str| {
        hasher.update(text.as_bytes());
        hasher.update(&[0xff]);
    };
    text(&advisory.realm.0);
    text(&advisory.package);
    text(&advisory.vulnerability);
    text(advisory.channel.as_deref().unwrap_or_default());
    text(advisory.module.as_deref().unwrap_or_default());
    text(advisory.status.name());
    advisory.architectures.iter().for_each(|it| text(it));
    for range in &advisory.ranges {
        text(range.introduced.as_deref().unwrap_or_default());
        match &range.end {
            End::Fixed(version) => text(version),
            End::LastAffected(version) => text(&format!("<={version}")),
            End::Limit(version) => text(&format!("<{version}")),
            End::Open => text(""),
        }
    }
    hasher.digest()
}

/// The shares of all documents by name.
fn pieces(output: FeedOutput) -> BTreeMap<String, FeedOutput> {
    in_order(output).into_iter().map(|(unit, piece)| (unit.name, piece)).collect()
}

/// The documents in order, each with its share.
fn in_order(output: FeedOutput) -> Vec<(Unit, FeedOutput)> {
    let mut lists = Lists {
        advisories: output.advisories.into_iter(),
        first_seen_days: output.first_seen_days.into_iter(),
        records: output.records.into_iter(),
        epss: output.epss.into_iter(),
        kev: output.kev.into_iter(),
        end_of_life: output.end_of_life.into_iter(),
        repository_channels: output.repository_channels.into_iter(),
        quarantined: output.quarantined.into_iter(),
        maven: output.maven.into_iter(),
    };
    let (mut start, mut counted) = ([0; 8], [0; 4]);
    let mut all = Vec::with_capacity(output.units.len());
    for unit in output.units {
        let take = std::array::from_fn(|at| unit.ends[at].saturating_sub(start[at]) as usize);
        let mut piece = lists.take(take);
        piece.data_date = output.data_date;
        let count: [u64; 4] = std::array::from_fn(|at| unit.counts[at].saturating_sub(counted[at]));
        [piece.records_read, piece.records_stored, piece.records_quarantined, piece.out_of_scope] = count;
        (start, counted) = (unit.ends, unit.counts);
        all.push((unit, piece));
    }
    all
}

/// The lists of an output, from which documents take their shares one after the other.
struct Lists {
    advisories: std::vec::IntoIter<Advisory>,
    first_seen_days: std::vec::IntoIter<u32>,
    records: std::vec::IntoIter<crate::Record>,
    epss: std::vec::IntoIter<(String, plimsoll_core::Epss)>,
    kev: std::vec::IntoIter<(String, plimsoll_core::Kev)>,
    end_of_life: std::vec::IntoIter<plimsoll_core::EndOfLife>,
    repository_channels: std::vec::IntoIter<(String, Vec<String>)>,
    quarantined: std::vec::IntoIter<crate::Quarantined>,
    maven: std::vec::IntoIter<([u8; 20], String)>,
}

impl Lists {
    fn take(&mut self, counts: [usize; 8]) -> FeedOutput {
        let [advisories, records, epss, kev, end_of_life, repositories, quarantined, maven] = counts;
        FeedOutput {
            advisories: self.advisories.by_ref().take(advisories).collect(),
            first_seen_days: self.first_seen_days.by_ref().take(advisories).collect(),
            records: self.records.by_ref().take(records).collect(),
            epss: self.epss.by_ref().take(epss).collect(),
            kev: self.kev.by_ref().take(kev).collect(),
            end_of_life: self.end_of_life.by_ref().take(end_of_life).collect(),
            repository_channels: self.repository_channels.by_ref().take(repositories).collect(),
            quarantined: self.quarantined.by_ref().take(quarantined).collect(),
            maven: self.maven.by_ref().take(maven).collect(),
            ..FeedOutput::default()
        }
    }
}

/// Adds a document and its share.
fn append(output: &mut FeedOutput, unit: Unit, mut piece: FeedOutput) {
    // Every list of days is as long as that of advisories.
    piece.first_seen_days.resize(piece.advisories.len(), 0);
    output.units.push(unit);
    output.advisories.append(&mut piece.advisories);
    output.first_seen_days.append(&mut piece.first_seen_days);
    output.records.append(&mut piece.records);
    output.epss.append(&mut piece.epss);
    output.kev.append(&mut piece.kev);
    output.end_of_life.append(&mut piece.end_of_life);
    output.repository_channels.append(&mut piece.repository_channels);
    output.quarantined.append(&mut piece.quarantined);
    output.maven.append(&mut piece.maven);
    output.records_read += piece.records_read;
    output.records_stored += piece.records_stored;
    output.records_quarantined += piece.records_quarantined;
    output.out_of_scope += piece.out_of_scope;
    output.close();
}
