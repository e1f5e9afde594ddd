//! Merging the rows of all feeds.
//!
//! - A row whose record was withdrawn by the same feed is not even in its index.
//! - Rows that differ in nothing but the announcements they name become one, which names all.
//! - Rows that differ in anything else stay, also of one feed about one vulnerability, package
//!   and channel: several ranges of one record are a union (rule 65), and choosing between two
//!   feeds is the matcher's business.
//! - Where feeds repeat each other, `precedence.rs` says which row stays.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use plimsoll_core::Status;

use super::aliases::Aliases;
use super::before::Before;
use super::ledger::Sum;
use super::precedence::{WholeStories, say_once};
use super::survey::Survey;
use super::table::Table;
use crate::parallel;
use crate::shard::view::{Head, Statement};
use crate::snapshot::earlier::KeptBlock;
use crate::snapshot::writer::rows::MergedRow;
use crate::snapshot::writer::{BuildError, Packages};
use crate::texts::TextMap;

/// Where a row lies.
#[derive(Clone, Copy)]
struct Place {
    /// The rank of its vulnerability among all names.
    vulnerability: u32,
    table: u32,
    row: u32,
}

/// A package, and where the tables have its rows.
struct Package<'a> {
    realm: &'a str,
    name: &'a str,
    /// Tables and the numbers of the package there.
    parts: Vec<(u32, u32)>,
    /// How many rows stay when each is looked at alone.
    rows: usize,
    /// The sum of everything that its rows are made from.
    sum: u64,
}

/// All rows of all feeds that stay when each is looked at alone.
pub(super) struct Rows<'p, 'a> {
    tables: &'p [Table<'a>],
    /// In the order of realms and names.
    packages: Vec<Package<'a>>,
    /// The names of vulnerabilities, in order; some may come to have no row.
    names: Vec<&'a str>,
    /// Of each table's texts the rank among the names.
    ranks: Vec<Vec<u32>>,
    stories: WholeStories<'a>,
    /// The number of each name in the snapshot.
    numbers: Vec<u32>,
    /// What is the same in the snapshot before, package by package.
    kept: Vec<Option<KeptBlock<'a>>>,
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
    pub(super) fn of(tables: &'p [Table<'a>], aliases: &Aliases<'a>, seed: u64) -> Rows<'p, 'a> {
        let (names, ranks) = ranks(tables, aliases);
        let stories = WholeStories::of(tables);
        let packages = packages(tables);
        let mut rows =
            Rows { tables, packages, names, ranks, stories, numbers: Vec::new(), kept: Vec::new() };
        let sums = parallel::fair_shares(
            &rows.packages,
            |package| rows.all_rows(package),
            |share| rows.sums(share, seed),
        );
        for (package, (count, sum)) in rows.packages.iter_mut().zip(sums.into_iter().flatten()) {
            (package.rows, package.sum) = (count, sum);
        }
        rows.packages.retain(|package| package.rows != 0);
        rows
    }

    /// How many rows each of these packages has that stay, and the sum of what they are made from.
    fn sums(&self, packages: &[Package<'a>], seed: u64) -> Vec<(usize, u64)> {
        let (mut sum, mut places) = (Sum::default(), Vec::new());
        let of = |package: &Package<'a>| {
            self.places(package, &mut places);
            for place in &places {
                let Some(table) = self.tables.get(place.table as usize) else { continue };
                sum.number(table.index.row_sum(place.row));
                sum.text(table.index.foreign_feed(place.row).unwrap_or(&table.meta.id));
                sum.text(self.name(place.vulnerability));
            }
            (places.len(), sum.take(seed))
        };
        packages.iter().map(of).collect()
    }

    /// What the rows that stay speak of and name. What is the same in the snapshot before is asked
    /// there.
    pub(super) fn survey(&mut self, before: Option<&Before<'a>>) -> Result<Survey<'a>, BuildError> {
        if let Some(before) = before {
            self.kept = before.blocks(self.packages.iter().map(|it| (it.realm, it.name, it.sum)));
        }
        let rows = &*self;
        let numbers: Vec<usize> = (0..rows.packages.len()).collect();
        let shares = parallel::fair_shares(
            &numbers,
            |&number| rows.weight(number),
            |share| {
                let mut survey = Survey::default();
                let mut seen = before.map(|it| it.earlier.unseen());
                for &number in share {
                    match (rows.kept(number), before, &mut seen) {
                        (Some(block), Some(before), Some(seen)) => {
                            before.earlier.rows(block, seen)?;
                            seen.saw(block.realm);
                            survey.universes.push(before.earlier.universe(block)?);
                        }
                        _ => survey.add(&rows.merged(number)?),
                    }
                }
                Ok::<_, BuildError>((survey, seen))
            },
        );
        let mut all = Survey::default();
        let mut all_seen = before.map(|it| it.earlier.unseen());
        for share in shares {
            let (survey, seen) = share?;
            all.join(survey);
            if let (Some(all), Some(seen)) = (&mut all_seen, seen) {
                all.join(seen);
            }
        }
        if let (Some(seen), Some(before)) = (all_seen, before) {
            all.add_seen(&seen, before, &rows.names)?;
        }
        Ok(all)
    }

    /// The sums of the packages, in their order.
    pub(super) fn package_sums(&self) -> Vec<u64> {
        self.packages.iter().map(|it| it.sum).collect()
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

    fn name(&self, rank: u32) -> &'a str {
        self.names.get(rank as usize).copied().unwrap_or_default()
    }

    /// How many rows a package has in all tables.
    fn all_rows(&self, package: &Package<'a>) -> usize {
        let parts = package.parts.iter().filter_map(|(table, number)| {
            Some(self.tables.get(*table as usize)?.index.package(*number as usize).rows.len())
        });
        parts.sum()
    }

    /// The rows of a package that stay, sorted by vulnerability and else in the order of the feeds.
    fn places(&self, package: &Package<'a>, places: &mut Vec<Place>) {
        places.clear();
        for &(table_number, number) in &package.parts {
            let Some(table) = self.tables.get(table_number as usize) else { continue };
            let Some(ranks) = self.ranks.get(table_number as usize) else { continue };
            for row in table.index.package(number as usize).rows {
                let name = table.index.row_name(row);
                let vulnerability = ranks.get(name as usize).copied().unwrap_or(0);
                let is_told = || {
                    let feed = table.index.foreign_feed(row).unwrap_or(&table.meta.id);
                    self.stories.have(feed, package.realm, self.name(vulnerability))
                };
                if self.stories.is_empty() || !is_told() {
                    places.push(Place { vulnerability, table: table_number, row });
                }
            }
        }
        places.sort_by_key(|place| place.vulnerability);
    }

    /// The rows of a package that stay, with the ranks of their vulnerabilities.
    fn merged(&self, package: usize) -> Result<Vec<MergedRow<'a>>, BuildError> {
        let mut places = Vec::new();
        if let Some(package) = self.packages.get(package) {
            self.places(package, &mut places);
        }
        let mut rows = Vec::with_capacity(places.len());
        for group in places.chunk_by(|left, right| left.vulnerability == right.vulnerability) {
            let vulnerability = group.first().map_or(0, |place| place.vulnerability);
            let name = self.name(vulnerability);
            let row = |NamedRow { statement, advisory_ids, first_seen_day }| MergedRow {
                statement,
                vulnerability,
                advisory_ids,
                first_seen_day,
            };
            let named = |place: &Place| {
                let table = self.tables.get(place.table as usize).ok_or(BuildError::Damaged)?;
                NamedRow::of(&table.head(place.row)?, name)
            };
            if let [alone] = group {
                rows.push(row(named(alone)?));
                continue;
            }
            let named: Result<Vec<NamedRow<'a>>, BuildError> = group.iter().map(named).collect();
            rows.extend(merge(named?).into_iter().map(row));
        }
        Ok(rows)
    }
}

impl<'a> Packages<'a> for Rows<'_, 'a> {
    fn weight(&self, number: usize) -> usize {
        self.packages.get(number).map_or(0, |package| package.rows)
    }

    fn rows(&self, number: usize) -> Result<Vec<MergedRow<'a>>, BuildError> {
        let mut rows = self.merged(number)?;
        for row in &mut rows {
            row.vulnerability = self.numbers.get(row.vulnerability as usize).copied().unwrap_or(0);
        }
        Ok(rows)
    }

    fn kept(&self, number: usize) -> Option<&KeptBlock<'a>> {
        self.kept.get(number)?.as_ref()
    }
}

/// The names of the vulnerabilities that rows speak of, in order, and of each table's texts the
/// place among them.
fn ranks<'a>(tables: &[Table<'a>], aliases: &Aliases<'a>) -> (Vec<&'a str>, Vec<Vec<u32>>) {
    let mut numbers: TextMap<&str, u32> = TextMap::default();
    let mut ranks: Vec<Vec<u32>> = Vec::with_capacity(tables.len());
    for table in tables {
        let mut of_texts = vec![u32::MAX; table.index.texts()];
        for &text in table.index.row_names() {
            let Some(number) = of_texts.get_mut(text as usize).filter(|it| **it == u32::MAX) else {
                continue;
            };
            let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
            *number = *numbers.entry(aliases.canonical(table.index.text(text))).or_insert(next);
        }
        ranks.push(of_texts);
    }
    let mut sorted: Vec<(&str, u32)> = numbers.into_iter().collect();
    sorted.sort_unstable();
    let mut rank_of = vec![0; sorted.len()];
    for ((_, number), rank) in sorted.iter().zip(0..) {
        rank_of[*number as usize] = rank;
    }
    for number in ranks.iter_mut().flatten() {
        *number = rank_of.get(*number as usize).copied().unwrap_or(0);
    }
    (sorted.into_iter().map(|(name, _)| name).collect(), ranks)
}

/// A package's name, its table, and its number there.
type Part<'a> = (&'a str, u32, u32);

/// All packages of all tables, in the order of realms and names.
fn packages<'a>(tables: &[Table<'a>]) -> Vec<Package<'a>> {
    let mut realms: BTreeMap<&str, Vec<Part<'a>>> = BTreeMap::new();
    for (table, number) in tables.iter().zip(0u32..) {
        let mut last: Option<(&str, &mut Vec<Part<'a>>)> = None;
        for package in 0..table.index.packages() {
            let found = table.index.package(package);
            let of_realm = match last {
                Some((realm, of_realm)) if realm == found.realm => of_realm,
                _ => realms.entry(found.realm).or_default(),
            };
            of_realm.push((found.name, number, u32::try_from(package).unwrap_or(u32::MAX)));
            last = Some((found.realm, of_realm));
        }
    }
    let mut all = Vec::new();
    for (realm, mut packages) in realms {
        // One table's are in order already.
        packages.sort();
        for same in packages.chunk_by(|left, right| left.0 == right.0) {
            let Some(&(name, ..)) = same.first() else { continue };
            let parts = same.iter().map(|(_, table, package)| (*table, *package)).collect();
            all.push(Package { realm, name, parts, rows: 0, sum: 0 });
        }
    }
    all
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
