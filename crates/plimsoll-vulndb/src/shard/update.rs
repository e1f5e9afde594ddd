//! A feed's shard after an update: what was read now, and what was known and not read again.

use std::collections::{HashMap, HashSet};

use plimsoll_core::Advisory;

use super::kept::Kept;
use super::view::{Head, Statement, UnitView, lists};
use super::{Shard, write};
use crate::codec::Reader;
use crate::feed::{FeedOutput, Unit};
use crate::snapshot::EndRef;
use crate::texts::TextSet;

impl Shard {
    /// The shard after an update: what was read now, and the share of each document that was known
    /// and not read again. `before` is the shard that said so.
    ///
    /// Each advisory carries the day on which it was first seen: that of the shard before where it
    /// says the same, `day` where it is new, and 0 where nobody knows: where there is no shard
    /// before, or a parser of another version made it, which may only have failed to see it.
    ///
    /// With `keeps_releases` the last word on releases that are gone from the feed stays.
    pub(crate) fn update(
        feed: &str,
        version: u32,
        mut read: FeedOutput,
        before: Option<&Shard>,
        (day, keeps_releases): (u32, bool),
    ) -> Shard {
        read.close();
        let new = if before.is_some_and(|it| it.version == version) { day } else { 0 };
        let known: HashSet<&str> =
            read.units.iter().filter(|unit| unit.known).map(|unit| unit.name.as_str()).collect();
        // What was not read again keeps its days.
        let since = before.filter(|_| !read.advisories.is_empty());
        let since = since.map(|it| FirstSeen::of(it, &read.advisories)).unwrap_or_default();
        let kept: HashMap<&str, UnitView<'_>> = before
            .into_iter()
            .flat_map(Shard::units)
            .filter(|unit| known.contains(unit.name))
            .map(|unit| (unit.name, unit))
            .collect();
        let kept_date = before.filter(|_| !kept.is_empty()).and_then(|it| it.data_date);
        let data_date = read.data_date.max(kept_date);
        let gone = before.filter(|_| keeps_releases).and_then(|before| Kept::of(before, &read, &known));
        let mut out = write::header(feed, version, data_date, read.units.len() + usize::from(gone.is_some()));
        let (mut from, mut counted) = ([0; 8], [0; 4]);
        for unit in &read.units {
            match kept.get(unit.name.as_str()) {
                Some(kept) if unit.known => out.0.extend_from_slice(kept.raw),
                _ => {
                    let counts = std::array::from_fn(|at| unit.counts[at].saturating_sub(counted[at]));
                    let since = |advisory: &Advisory| since.day(advisory).unwrap_or(new);
                    let content = write::content(feed, &read, from, unit.ends, since);
                    write::unit(&mut out, &unit.name, unit.fingerprint, counts, &content);
                }
            }
            (from, counted) = (unit.ends, unit.counts);
        }
        if let Some(gone) = gone {
            gone.write(&mut out);
        }
        Shard::decode(out.0).expect("what was just written is a shard")
    }

    /// Its advisories; `None` where it is damaged.
    fn heads(&self) -> Option<Vec<Head<'_>>> {
        let mut heads = Vec::new();
        for unit in self.units() {
            let reader = &mut Reader(unit.content);
            lists(reader)?;
            for _ in 0..reader.count(1)? {
                heads.push(Head::read(reader.bytes()?, &self.feed)?);
            }
        }
        Some(heads)
    }
}

impl FeedOutput {
    /// An output without documents becomes one document.
    pub(crate) fn in_one_document(mut self) -> FeedOutput {
        if self.units.is_empty() {
            self.units.push(Unit::default());
        }
        self.close();
        self
    }
}

/// When each fact was first seen, whichever document says it.
#[derive(Default)]
struct FirstSeen(HashMap<u64, u32>);

impl FirstSeen {
    /// Of the facts about what `read` speaks of. Of what cannot be read nobody knows since when it is
    /// there.
    fn of(shard: &Shard, read: &[Advisory]) -> FirstSeen {
        let spoken_of: TextSet<(&str, &str)> =
            read.iter().map(|it| (it.package.as_str(), it.vulnerability.as_str())).collect();
        let Some(heads) = shard.heads() else { return FirstSeen::default() };
        let heads = heads.iter().filter(|it| spoken_of.contains(&(it.package, it.vulnerability)));
        let facts = heads.filter_map(|head| Some((fact(&head.statement()?), head)));
        let mut days: HashMap<u64, u32> = HashMap::new();
        for (fact, head) in facts {
            let day = days.entry(fact).or_insert(head.first_seen_day);
            *day = head.first_seen_day.min(*day);
        }
        FirstSeen(days)
    }

    fn day(&self, advisory: &Advisory) -> Option<u32> {
        self.0.get(&fact(&Statement::of(advisory))).copied()
    }
}

/// A fact is what an advisory says about versions; a new wording is no new fact.
fn fact(statement: &Statement<'_>) -> u64 {
    let mut hasher = xxhash_rust::xxh3::Xxh3::new();
    let mut text = |text: &str| {
        hasher.update(text.as_bytes());
        hasher.update(&[0xff]);
    };
    text(statement.realm);
    text(statement.package);
    text(statement.vulnerability);
    text(statement.channel.unwrap_or_default());
    text(statement.module.unwrap_or_default());
    text(statement.status.name());
    statement.architectures.iter().for_each(|it| text(it));
    for range in &statement.ranges {
        text(range.introduced.unwrap_or_default());
        let (kind, version) = match range.end {
            EndRef::Fixed(version) => ("", version),
            EndRef::LastAffected(version) => ("<=", version),
            EndRef::Limit(version) => ("<", version),
            EndRef::Open => ("", ""),
        };
        text(kind);
        text(version);
    }
    hasher.digest()
}
