//! Merging the rows of all feeds.
//!
//! - A row is dropped when the record that it comes from was withdrawn by the same feed.
//! - Rows that differ in nothing but the announcements they name become one, which names all.
//! - Rows that differ in anything else stay, also of one feed about one vulnerability, package
//!   and channel: several ranges of one record are a union (rule 65), and choosing between two
//!   feeds is the matcher's business.
//! - Where feeds repeat each other, `precedence.rs` says which row stays.

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap, HashSet};

use plimsoll_core::{Advisory, Status};

use super::BuildInput;
use super::aliases::Aliases;
use super::precedence;
use crate::snapshot::writer::MergedRow;

/// The ids of withdrawn records, with their feeds.
pub(super) struct Withdrawn<'a> {
    ids: HashSet<(&'a str, &'a str)>,
}

impl<'a> Withdrawn<'a> {
    pub(super) fn of(input: &'a BuildInput) -> Withdrawn<'a> {
        let records = || {
            input
                .feeds
                .iter()
                .flat_map(|(meta, output)| output.records.iter().map(|record| (meta.id.as_str(), record)))
        };
        let ids_of = |withdrawn: bool| {
            records()
                .filter(move |(_, it)| it.withdrawn == withdrawn)
                .map(|(feed, it)| (feed, it.id.as_str()))
        };
        let mut ids: HashSet<(&str, &str)> = ids_of(true).collect();
        // What one piece of a feed withdrew and another still holds, still holds.
        for live in ids_of(false) {
            ids.remove(&live);
        }
        Withdrawn { ids }
    }

    fn holds(&self, feed: &str, advisory: &Advisory) -> bool {
        let is_withdrawn = |id: &str| self.ids.contains(&(feed, id));
        is_withdrawn(&advisory.vulnerability)
            || (!advisory.advisory_ids.is_empty() && advisory.advisory_ids.iter().all(|id| is_withdrawn(id)))
    }
}

/// A row with the name of its vulnerability.
#[derive(Clone, Debug)]
pub(super) struct NamedRow<'a> {
    pub(super) advisory: &'a Advisory,
    pub(super) vulnerability: &'a str,
    pub(super) advisory_ids: Vec<&'a str>,
    pub(super) first_seen_day: u32,
    /// The rank of its package among all (realm, package), and of its vulnerability among all ids.
    place: (u32, u32),
}

impl NamedRow<'_> {
    /// Whether both are about one vulnerability in one package.
    pub(super) fn is_about_the_same(&self, other: &NamedRow<'_>) -> bool {
        self.place == other.place
    }
}

/// The rows that stay, in the order of a snapshot.
pub(super) fn merge<'a>(
    input: &'a BuildInput,
    aliases: &Aliases<'a>,
    withdrawn: &Withdrawn<'_>,
) -> Vec<NamedRow<'a>> {
    let mut rows: Vec<NamedRow<'a>> = input
        .feeds
        .iter()
        .flat_map(|(meta, output)| {
            let days = output.first_seen_days.iter().copied().chain(std::iter::repeat(0));
            output.advisories.iter().zip(days).map(|(advisory, day)| (meta.id.as_str(), advisory, day))
        })
        .filter(|(feed, advisory, _)| !withdrawn.holds(feed, advisory))
        .map(|(_, advisory, day)| named(advisory, day, aliases))
        .collect();
    precedence::leave_to_whole_stories(input, &mut rows);
    rank(&mut rows);
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
    precedence::say_once(&mut rows);
    rows
}

/// Numbers packages and ids in their order, so that sorting compares numbers and not texts.
fn rank(rows: &mut [NamedRow<'_>]) {
    fn ranks<K: Ord + std::hash::Hash + Copy>(keys: impl Iterator<Item = K>) -> HashMap<K, u32> {
        let distinct: HashSet<K> = keys.collect();
        let mut distinct: Vec<K> = distinct.into_iter().collect();
        distinct.sort_unstable();
        distinct.into_iter().zip(0..).collect()
    }
    fn package<'a>(row: &NamedRow<'a>) -> (&'a str, &'a str) {
        (&row.advisory.realm.0, &row.advisory.package)
    }
    let of = |ranks: Option<&u32>| ranks.copied().unwrap_or(u32::MAX);
    let places: Vec<(u32, u32)> = {
        let packages = ranks(rows.iter().map(package));
        let ids = ranks(rows.iter().map(|row| row.vulnerability));
        rows.iter().map(|row| (of(packages.get(&package(row))), of(ids.get(row.vulnerability)))).collect()
    };
    for (row, place) in rows.iter_mut().zip(places) {
        row.place = place;
    }
}

/// The feed's own id for the vulnerability stays findable among the announcements.
fn named<'a>(advisory: &'a Advisory, first_seen_day: u32, aliases: &Aliases<'a>) -> NamedRow<'a> {
    let vulnerability = aliases.canonical(&advisory.vulnerability);
    let mut advisory_ids: Vec<&str> = Vec::new();
    let own = Some(advisory.vulnerability.as_str()).filter(|&id| id != vulnerability);
    for id in advisory.advisory_ids.iter().map(String::as_str).chain(own) {
        if !advisory_ids.contains(&id) {
            advisory_ids.push(id);
        }
    }
    NamedRow { advisory, vulnerability, advisory_ids, first_seen_day, place: (0, 0) }
}

/// The order of rows in a snapshot; equal are rows that differ at most in their announcements.
fn order(left: &NamedRow<'_>, right: &NamedRow<'_>) -> Ordering {
    let place = |row: &NamedRow<'_>| Status::ALL.iter().position(|&it| it == row.advisory.status);
    let (a, b) = (left.advisory, right.advisory);
    (left.place, &a.feed)
        .cmp(&(right.place, &b.feed))
        .then_with(|| (&a.channel, a.name_kind, &a.module).cmp(&(&b.channel, b.name_kind, &b.module)))
        .then_with(|| (&a.architectures, place(left)).cmp(&(&b.architectures, place(right))))
        .then_with(|| (&a.ranges, &a.versions).cmp(&(&b.ranges, &b.versions)))
        .then_with(|| (a.severity, &a.note).cmp(&(b.severity, &b.note)))
}

/// The rows with their vulnerabilities' places among all ids.
pub(super) fn numbered<'a>(rows: Vec<NamedRow<'a>>, ids: &BTreeSet<&str>) -> Vec<MergedRow<'a>> {
    let numbers: HashMap<&str, u32> = ids.iter().zip(0..).map(|(&id, number)| (id, number)).collect();
    rows.into_iter()
        .filter_map(|row| {
            let vulnerability = *numbers.get(row.vulnerability)?;
            let NamedRow { advisory, advisory_ids, first_seen_day, .. } = row;
            Some(MergedRow { advisory, vulnerability, advisory_ids, first_seen_day })
        })
        .collect()
}
