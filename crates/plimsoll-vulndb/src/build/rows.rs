//! Merging the rows of all feeds.
//!
//! - A row is dropped when the record that it comes from was withdrawn by the same feed.
//! - Rows that differ in nothing but the announcements they name become one, which names all.
//! - Rows that differ in anything else stay, also of one feed about one vulnerability, package
//!   and channel: several ranges of one record are a union (rule 65), and choosing between two
//!   feeds is the matcher's business.
//! - Where feeds repeat each other, `precedence.rs` says which row stays.

use std::cmp::Ordering;

use plimsoll_core::Status;

use super::Piece;
use super::aliases::Aliases;
use super::precedence::{WholeStories, say_once};
use crate::parallel;
use crate::shard::view::{Head, Statement};
use crate::snapshot::writer::rows::{MergedRow, universe, write_row};
use crate::snapshot::writer::strings::{Counted, Put};
use crate::snapshot::writer::{BuildError, Numbers, Packages};
use crate::texts::{TextMap, TextSet};

/// The ids of withdrawn records, with their feeds.
struct Withdrawn<'a> {
    ids: TextSet<(&'a str, &'a str)>,
}

impl<'a> Withdrawn<'a> {
    fn of(pieces: &[Piece<'a>]) -> Withdrawn<'a> {
        let ids_of = |withdrawn: bool| {
            pieces.iter().flat_map(move |piece| {
                let records = piece.contents.records.iter().filter(move |it| it.withdrawn == withdrawn);
                records.map(|it| (piece.feed, it.id))
            })
        };
        let mut ids: TextSet<(&str, &str)> = ids_of(true).collect();
        // What one piece of a feed withdrew and another still holds, still holds.
        for live in ids_of(false) {
            ids.remove(&live);
        }
        Withdrawn { ids }
    }

    fn holds(&self, feed: &str, head: &Head<'_>) -> Result<bool, BuildError> {
        let is_withdrawn = |id: &str| self.ids.contains(&(feed, id));
        if is_withdrawn(head.vulnerability) {
            return Ok(true);
        }
        let announcements = head.advisory_ids().ok_or(BuildError::Damaged)?;
        Ok(!announcements.is_empty() && announcements.iter().all(|id| is_withdrawn(id)))
    }
}

/// Where a row belongs.
#[derive(Clone, Copy)]
struct Place<'p, 'a> {
    /// The rank of its package among all (realm, package), and that of its vulnerability among
    /// all names.
    package: u32,
    vulnerability: u32,
    head: &'p Head<'a>,
}

/// All rows of all feeds that stay when each is looked at alone, sorted by package and
/// vulnerability.
pub(super) struct Rows<'p, 'a> {
    places: Vec<Place<'p, 'a>>,
    /// Where the rows of each package end.
    ends: Vec<usize>,
    /// The names of vulnerabilities, in order; some may come to have no row.
    names: Vec<&'a str>,
    /// The number of each name in the snapshot.
    numbers: Vec<u32>,
}

/// A row with the name of its vulnerability.
#[derive(Clone, Debug)]
pub(super) struct NamedRow<'a> {
    pub(super) statement: Statement<'a>,
    /// The feed's own id for the vulnerability stays findable among them.
    pub(super) advisory_ids: Vec<&'a str>,
    first_seen_day: u32,
}

impl<'p, 'a> Rows<'p, 'a> {
    pub(super) fn of(pieces: &'p [Piece<'a>], aliases: &Aliases<'a>) -> Result<Rows<'p, 'a>, BuildError> {
        let withdrawn = Withdrawn::of(pieces);
        let stories = WholeStories::of(pieces);
        let count = pieces.iter().map(|piece| piece.contents.advisories.len()).sum();
        let (mut packages, mut vulnerabilities) = (Ranks::default(), Ranks::default());
        let mut places = Vec::with_capacity(count);
        for piece in pieces {
            let withdraws = withdrawn.ids.iter().any(|(feed, _)| *feed == piece.feed);
            for head in &piece.contents.advisories {
                let name = aliases.canonical(head.vulnerability);
                if stories.have(head, name) || (withdraws && withdrawn.holds(piece.feed, head)?) {
                    continue;
                }
                let package = packages.number((head.realm, head.package));
                places.push(Place { package, vulnerability: vulnerabilities.number(name), head });
            }
        }
        let (package_ranks, _) = packages.ranks();
        let (name_ranks, names) = vulnerabilities.ranks();
        for place in &mut places {
            place.package = package_ranks[place.package as usize];
            place.vulnerability = name_ranks[place.vulnerability as usize];
        }
        places.sort_by_key(|place| (place.package, place.vulnerability));
        let mut end = 0;
        let ends = places.chunk_by(|left, right| left.package == right.package).map(|chunk| {
            end += chunk.len();
            end
        });
        Ok(Rows { ends: ends.collect(), places, names, numbers: Vec::new() })
    }

    /// What the rows that stay speak of and name.
    pub(super) fn survey(&self) -> Result<Survey<'a>, BuildError> {
        let numbers: Vec<usize> = (0..self.ends.len()).collect();
        let shares = parallel::fair_shares(
            &numbers,
            |&number| self.weight(number),
            |share| {
                let mut survey = Survey::default();
                for &number in share {
                    survey.add(&self.merged(number)?);
                }
                Ok::<_, BuildError>(survey)
            },
        );
        let mut all = Survey::default();
        for share in shares {
            all.join(share?);
        }
        Ok(all)
    }

    /// The names that a survey saw.
    pub(super) fn names(&self, survey: &Survey<'_>) -> impl Iterator<Item = &'a str> {
        let seen = self.names.iter().zip(0..).filter(|(_, rank)| survey.vulnerabilities.contains(*rank));
        seen.map(|(&name, _)| name)
    }

    /// Numbers vulnerabilities by their places among all ids of the snapshot.
    pub(super) fn number(&mut self, ids: &[&str]) {
        let mut ids = ids.iter().zip(0..).peekable();
        let number = |name: &&str| {
            while ids.next_if(|(id, _)| *id < name).is_some() {}
            ids.peek().map_or(0, |(_, number)| *number)
        };
        self.numbers = self.names.iter().map(number).collect();
    }

    fn places(&self, package: usize) -> &[Place<'p, 'a>] {
        let start = package.checked_sub(1).and_then(|it| self.ends.get(it)).copied().unwrap_or(0);
        let end = self.ends.get(package).copied().unwrap_or(start);
        self.places.get(start..end).unwrap_or_default()
    }

    /// The rows of a package that stay, with the ranks of their vulnerabilities.
    fn merged(&self, package: usize) -> Result<Vec<MergedRow<'a>>, BuildError> {
        let places = self.places(package);
        let mut rows = Vec::with_capacity(places.len());
        for group in places.chunk_by(|left, right| left.vulnerability == right.vulnerability) {
            let vulnerability = group.first().map_or(0, |place| place.vulnerability);
            let name = self.names.get(vulnerability as usize).copied().unwrap_or_default();
            let row = |NamedRow { statement, advisory_ids, first_seen_day }| MergedRow {
                statement,
                vulnerability,
                advisory_ids,
                first_seen_day,
            };
            if let [alone] = group {
                rows.push(row(NamedRow::of(alone.head, name)?));
                continue;
            }
            let named: Result<Vec<NamedRow<'a>>, _> =
                group.iter().map(|place| NamedRow::of(place.head, name)).collect();
            rows.extend(merge(named?).into_iter().map(row));
        }
        Ok(rows)
    }
}

impl<'a> Packages<'a> for Rows<'_, 'a> {
    fn weight(&self, number: usize) -> usize {
        self.places(number).len()
    }

    fn rows(&self, number: usize) -> Result<Vec<MergedRow<'a>>, BuildError> {
        let mut rows = self.merged(number)?;
        for row in &mut rows {
            row.vulnerability = self.numbers.get(row.vulnerability as usize).copied().unwrap_or(0);
        }
        Ok(rows)
    }
}

/// Numbers things as they come, and then in their order.
struct Ranks<K> {
    numbers: TextMap<K, u32>,
    /// What was asked for last: neighbours are often the same.
    last: Option<(K, u32)>,
}

impl<K> Default for Ranks<K> {
    fn default() -> Ranks<K> {
        Ranks { numbers: TextMap::default(), last: None }
    }
}

impl<K: Ord + std::hash::Hash + Copy> Ranks<K> {
    fn number(&mut self, key: K) -> u32 {
        if let Some((last, number)) = self.last
            && last == key
        {
            return number;
        }
        let next = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
        let number = *self.numbers.entry(key).or_insert(next);
        self.last = Some((key, number));
        number
    }

    /// The rank of each number, and what they stand for, in order.
    fn ranks(self) -> (Vec<u32>, Vec<K>) {
        let mut sorted: Vec<(K, u32)> = self.numbers.into_iter().collect();
        sorted.sort_unstable();
        let mut ranks = vec![0; sorted.len()];
        for ((_, number), rank) in sorted.iter().zip(0..) {
            ranks[*number as usize] = rank;
        }
        (ranks, sorted.into_iter().map(|(key, _)| key).collect())
    }
}

/// What rows speak of and name, before anything is numbered.
#[derive(Default)]
pub(super) struct Survey<'a> {
    /// The ranks of the vulnerabilities.
    vulnerabilities: Numbers,
    /// The announcements that they name.
    pub(super) announced: TextSet<&'a str>,
    /// How often each string would be written.
    pub(super) counts: TextMap<&'a str, u32>,
    /// Of each package the versions that its rows list.
    pub(super) universes: Vec<Vec<&'a str>>,
}

impl<'a> Survey<'a> {
    fn add(&mut self, rows: &[MergedRow<'a>]) {
        self.universes.push(universe(rows));
        let mut counts = Counted(std::mem::take(&mut self.counts));
        let (mut ignored, nowhere) = (Vec::new(), TextMap::default());
        if let Some(first) = rows.first() {
            counts.put(&mut ignored, first.statement.realm);
        }
        for row in rows {
            ignored.clear();
            write_row(&mut ignored, row, row.vulnerability, &nowhere, &mut counts);
            self.vulnerabilities.insert(row.vulnerability);
            self.announced.extend(&row.advisory_ids);
        }
        self.counts = counts.0;
    }

    fn join(&mut self, mut other: Survey<'a>) {
        self.vulnerabilities.add(&other.vulnerabilities);
        self.announced.extend(other.announced);
        self.universes.append(&mut other.universes);
        if self.counts.is_empty() {
            self.counts = other.counts;
        } else {
            for (string, count) in other.counts {
                *self.counts.entry(string).or_default() += count;
            }
        }
    }
}

impl<'a> NamedRow<'a> {
    fn of(head: &Head<'a>, name: &str) -> Result<NamedRow<'a>, BuildError> {
        let mut statement = head.statement().ok_or(BuildError::Damaged)?;
        let mut advisory_ids: Vec<&str> = Vec::new();
        let own = Some(head.vulnerability).filter(|&id| id != name);
        for id in std::mem::take(&mut statement.advisory_ids).into_iter().chain(own) {
            if !advisory_ids.contains(&id) {
                advisory_ids.push(id);
            }
        }
        Ok(NamedRow { statement, advisory_ids, first_seen_day: head.first_seen_day })
    }
}

/// The rows about one vulnerability in one package that stay, in the order of a snapshot.
fn merge(mut rows: Vec<NamedRow<'_>>) -> Vec<NamedRow<'_>> {
    rows.sort_by(|left, right| order(left, right).then_with(|| left.advisory_ids.cmp(&right.advisory_ids)));
    rows.dedup_by(|next, kept| {
        let same = order(next, kept).is_eq();
        if same {
            let new: Vec<&str> =
                next.advisory_ids.iter().copied().filter(|id| !kept.advisory_ids.contains(id)).collect();
            kept.advisory_ids.extend(new);
            kept.first_seen_day = kept.first_seen_day.min(next.first_seen_day);
        }
        same
    });
    say_once(&mut rows);
    rows
}

/// The order of rows in a snapshot; equal are rows that differ at most in their announcements.
fn order(left: &NamedRow<'_>, right: &NamedRow<'_>) -> Ordering {
    let place = |row: &NamedRow<'_>| Status::ALL.iter().position(|&it| it == row.statement.status);
    let (a, b) = (&left.statement, &right.statement);
    (a.feed, a.channel, a.name_kind, a.module)
        .cmp(&(b.feed, b.channel, b.name_kind, b.module))
        .then_with(|| (&a.architectures, place(left)).cmp(&(&b.architectures, place(right))))
        .then_with(|| (&a.ranges, &a.versions).cmp(&(&b.ranges, &b.versions)))
        .then_with(|| (a.severity, a.note).cmp(&(b.severity, b.note)))
}
