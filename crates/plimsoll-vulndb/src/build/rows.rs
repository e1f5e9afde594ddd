//! Merging the rows of all feeds.
//!
//! - A row is dropped when the record that it comes from was withdrawn by the same feed.
//! - Rows that differ in nothing but the announcements they name become one, which names all.
//! - Rows that differ in anything else stay, also of one feed about one vulnerability, package
//!   and channel: several ranges of one record are a union (rule 65), and choosing between two
//!   feeds is the matcher's business.
//! - Where one vendor publishes the same statement twice ([`SAME_VENDOR`]), one stays.
//! - Where two feeds carry copies of the same records ([`SAME_RECORDS`]), one copy stays.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use plimsoll_core::{Advisory, Status};

use super::BuildInput;
use super::aliases::Aliases;
use crate::snapshot::writer::MergedRow;

/// Feeds in which one vendor says the same thing: (preferred, other). Of one package,
/// vulnerability and channel the preferred feed's rows stay, unless they know of no fix and the
/// other's do: then the other's stay, since a fix that was published once exists.
const SAME_VENDOR: &[(&str, &str)] = &[("ubuntu-osv", "ubuntu-tracker")];

/// Feeds that carry the same records, the origin and a collection: (preferred, other). A row of
/// the other is dropped where the preferred says the very same; where they differ both stay, since
/// either may be ahead.
const SAME_RECORDS: &[(&str, &str)] = &[
    ("go-vulndb", "osv-go"),
    ("rustsec", "osv-crates.io"),
    ("pypa", "osv-pypi"),
    ("osv-npm", "ghsa"),
    ("osv-pypi", "ghsa"),
    ("osv-maven", "ghsa"),
    ("osv-nuget", "ghsa"),
    ("osv-rubygems", "ghsa"),
    ("osv-packagist", "ghsa"),
    ("osv-go", "ghsa"),
    ("osv-crates.io", "ghsa"),
    ("osv-hex", "ghsa"),
    ("osv-pub", "ghsa"),
    ("osv-swift", "ghsa"),
];

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
        .flat_map(|(meta, output)| output.advisories.iter().map(|advisory| (meta.id.as_str(), advisory)))
        .filter(|(feed, advisory)| !withdrawn.holds(feed, advisory))
        .map(|(_, advisory)| named(advisory, aliases))
        .collect();
    rows.sort_by(|left, right| order(left, right).then_with(|| left.advisory_ids.cmp(&right.advisory_ids)));
    rows.dedup_by(|next, kept| {
        let same = order(next, kept).is_eq();
        if same {
            let new: Vec<&str> =
                next.advisory_ids.iter().copied().filter(|id| !kept.advisory_ids.contains(id)).collect();
            kept.advisory_ids.extend(new);
        }
        same
    });
    one_statement_a_vendor(&mut rows);
    one_copy_of_a_record(&mut rows);
    rows
}

/// The feed's own id for the vulnerability stays findable among the announcements.
fn named<'a>(advisory: &'a Advisory, aliases: &Aliases<'a>) -> NamedRow<'a> {
    let vulnerability = aliases.canonical(&advisory.vulnerability);
    let mut advisory_ids: Vec<&str> = Vec::new();
    let own = Some(advisory.vulnerability.as_str()).filter(|&id| id != vulnerability);
    for id in advisory.advisory_ids.iter().map(String::as_str).chain(own) {
        if !advisory_ids.contains(&id) {
            advisory_ids.push(id);
        }
    }
    NamedRow { advisory, vulnerability, advisory_ids }
}

/// The order of rows in a snapshot; equal are rows that differ at most in their announcements.
fn order(left: &NamedRow<'_>, right: &NamedRow<'_>) -> Ordering {
    let place = |row: &NamedRow<'_>| Status::ALL.iter().position(|&it| it == row.advisory.status);
    let (a, b) = (left.advisory, right.advisory);
    (&a.realm, &a.package, left.vulnerability, &a.feed)
        .cmp(&(&b.realm, &b.package, right.vulnerability, &b.feed))
        .then_with(|| (&a.channel, a.name_kind, &a.module).cmp(&(&b.channel, b.name_kind, &b.module)))
        .then_with(|| (&a.architectures, place(left)).cmp(&(&b.architectures, place(right))))
        .then_with(|| (&a.ranges, &a.versions).cmp(&(&b.ranges, &b.versions)))
        .then_with(|| (a.severity, &a.note).cmp(&(b.severity, &b.note)))
}

/// Applies [`SAME_VENDOR`].
fn one_statement_a_vendor(rows: &mut Vec<NamedRow<'_>>) {
    let same = |left: &NamedRow<'_>, right: &NamedRow<'_>| {
        (&left.advisory.realm, &left.advisory.package, left.vulnerability)
            == (&right.advisory.realm, &right.advisory.package, right.vulnerability)
    };
    let mut keep = Vec::with_capacity(rows.len());
    for group in rows.chunk_by(same) {
        let dropped: Vec<(&str, &Option<String>)> =
            SAME_VENDOR.iter().flat_map(|&(preferred, other)| repeated(group, preferred, other)).collect();
        keep.extend(group.iter().map(|row| !dropped.contains(&(&row.advisory.feed, &row.advisory.channel))));
    }
    let mut keep = keep.into_iter();
    rows.retain(|_| keep.next().unwrap_or(true));
}

/// Which feed's rows of which channel repeat the other's.
fn repeated<'a>(
    group: &'a [NamedRow<'_>],
    preferred: &'a str,
    other: &'a str,
) -> Vec<(&'a str, &'a Option<String>)> {
    let statements = |feed: &str| {
        let mut fixed_by_channel: BTreeMap<&Option<String>, bool> = BTreeMap::new();
        for row in group.iter().filter(|row| row.advisory.feed == feed) {
            *fixed_by_channel.entry(&row.advisory.channel).or_default() |=
                matches!(row.advisory.status, Status::Fixed | Status::NotAffected);
        }
        fixed_by_channel
    };
    let (preferred_says, other_says) = (statements(preferred), statements(other));
    let both = preferred_says.iter().filter_map(|(&channel, &settled)| {
        let other_settled = *other_says.get(channel)?;
        Some((if !settled && other_settled { preferred } else { other }, channel))
    });
    both.collect()
}

/// Applies [`SAME_RECORDS`].
fn one_copy_of_a_record(rows: &mut Vec<NamedRow<'_>>) {
    let same = |left: &NamedRow<'_>, right: &NamedRow<'_>| {
        (&left.advisory.realm, &left.advisory.package, left.vulnerability)
            == (&right.advisory.realm, &right.advisory.package, right.vulnerability)
    };
    let mut keep = Vec::with_capacity(rows.len());
    for group in rows.chunk_by(same) {
        keep.extend(group.iter().map(|row| {
            let origins = SAME_RECORDS.iter().filter(|(_, other)| *other == row.advisory.feed);
            !origins
                .flat_map(|(preferred, _)| group.iter().filter(|it| it.advisory.feed == *preferred))
                .any(|origin| says_the_same(origin.advisory, row.advisory))
        }));
    }
    let mut keep = keep.into_iter();
    rows.retain(|_| keep.next().unwrap_or(true));
}

/// Whether two rows about one package and vulnerability hold for the same versions.
fn says_the_same(left: &Advisory, right: &Advisory) -> bool {
    let sorted = |row: &Advisory| {
        let (mut ranges, mut versions) = (row.ranges.clone(), row.versions.clone());
        ranges.sort_unstable();
        versions.sort_unstable();
        (ranges, versions)
    };
    let place =
        |row: &Advisory| (row.name_kind, row.channel.clone(), row.module.clone(), row.architectures.clone());
    left.status == right.status && place(left) == place(right) && sorted(left) == sorted(right)
}

/// The rows with their vulnerabilities' places among all ids.
pub(super) fn numbered<'a>(rows: Vec<NamedRow<'a>>, ids: &BTreeSet<&str>) -> Vec<MergedRow<'a>> {
    let numbers: std::collections::HashMap<&str, u32> =
        ids.iter().zip(0..).map(|(&id, number)| (id, number)).collect();
    rows.into_iter()
        .filter_map(|row| {
            let vulnerability = *numbers.get(row.vulnerability)?;
            Some(MergedRow { advisory: row.advisory, vulnerability, advisory_ids: row.advisory_ids })
        })
        .collect()
}
