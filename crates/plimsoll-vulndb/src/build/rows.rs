//! Merging the rows of all feeds.
//!
//! - A row is dropped when the record that it comes from was withdrawn by the same feed.
//! - Rows that differ in nothing but the announcements they name become one, which names all.
//! - Rows that differ in anything else stay, also of one feed about one vulnerability, package
//!   and channel: several ranges of one record are a union (rule 65), and choosing between two
//!   feeds is the matcher's business.
//! - Where one vendor publishes the same statement twice ([`SAME_VENDOR`]), one stays; where one feed
//!   decides about what another says ([`DECISIVE`]), the other's rows go.
//! - Where one publication of a vendor says all there is to say of a vulnerability
//!   ([`WHOLE_STORY`]), the rows of its other ones about the same go.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use plimsoll_core::{Advisory, Status};

use super::BuildInput;
use super::aliases::Aliases;
use crate::snapshot::writer::MergedRow;

/// Feeds in which one vendor says the same thing: (preferred, other). Of one package,
/// vulnerability and channel the preferred feed's rows stay, unless they know of no fix and the
/// other's do: then the other's stay, since a fix that was published once exists.
const SAME_VENDOR: &[(&str, &str)] =
    &[("ubuntu-vex", "ubuntu-osv"), ("ubuntu-vex", "ubuntu-tracker"), ("ubuntu-osv", "ubuntu-tracker")];

/// Feeds of which one decides wherever it speaks: (decisive, other). Of one package, vulnerability
/// and channel the other's rows never stay beside it; their announcements do.
const DECISIVE: &[(&str, &str)] = &[
    ("debian", "debian-elts"),
    ("debian", "debian-announcements"),
    ("alpine", "alpine-rejections"),
    ("nvd-overrides", "nvd"),
];

/// Feeds whose record of a vulnerability is everything its vendor says of it: (preferred, other).
/// Rows of the other about a vulnerability that the preferred has a live record of are dropped;
/// their realm begins with the third.
const WHOLE_STORY: &[(&str, &str, &str)] = &[
    ("redhat-vex", "redhat-vex-legacy", ""),
    ("redhat-vex", "osv-local", "rpm/redhat"),
    ("redhat-vex-legacy", "osv-local", "rpm/redhat"),
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
    pub(super) first_seen_day: u32,
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
    leave_to_whole_stories(input, &mut rows);
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
    one_statement_a_vendor(&mut rows);
    rows
}

/// Applies [`WHOLE_STORY`].
fn leave_to_whole_stories(input: &BuildInput, rows: &mut Vec<NamedRow<'_>>) {
    for &(preferred, other, realm) in WHOLE_STORY {
        let of = |feed: &'static str| input.feeds.iter().filter(move |(meta, _)| meta.id == feed);
        if of(other).next().is_none() {
            continue;
        }
        let told: HashSet<&str> = of(preferred)
            .flat_map(|(_, output)| &output.records)
            .filter(|record| !record.withdrawn)
            .map(|record| record.id.as_str())
            .collect();
        rows.retain(|row| {
            let is_other = row.advisory.feed == other && row.advisory.realm.0.starts_with(realm);
            !(is_other && told.contains(row.vulnerability))
        });
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
    NamedRow { advisory, vulnerability, advisory_ids, first_seen_day }
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

/// Applies [`SAME_VENDOR`] and [`DECISIVE`].
fn one_statement_a_vendor(rows: &mut Vec<NamedRow<'_>>) {
    let same = |left: &NamedRow<'_>, right: &NamedRow<'_>| {
        (&left.advisory.realm, &left.advisory.package, left.vulnerability)
            == (&right.advisory.realm, &right.advisory.package, right.vulnerability)
    };
    let mut keep = Vec::with_capacity(rows.len());
    for group in rows.chunk_by_mut(same) {
        let dropped: Vec<(String, Option<String>)> =
            dropped(group).into_iter().map(|(feed, channel)| (feed.to_owned(), channel.clone())).collect();
        let is_dropped = |row: &NamedRow<'_>| {
            dropped
                .iter()
                .any(|(feed, channel)| *feed == row.advisory.feed && *channel == row.advisory.channel)
        };
        if !dropped.is_empty() {
            hand_over_announcements(group, &is_dropped);
        }
        keep.extend(group.iter().map(|row| !is_dropped(row)));
    }
    let mut keep = keep.into_iter();
    rows.retain(|_| keep.next().unwrap_or(true));
}

/// Which feed's rows of which channel do not stay.
fn dropped<'g>(group: &'g [NamedRow<'_>]) -> Vec<(&'g str, &'g Option<String>)> {
    let Some(first) = group.first() else { return Vec::new() };
    if group.iter().all(|row| row.advisory.feed == first.advisory.feed) {
        return Vec::new();
    }
    let repeated = SAME_VENDOR.iter().flat_map(|&(preferred, other)| repeated(group, preferred, other));
    let decided = DECISIVE.iter().flat_map(|&(decisive, other)| {
        let of = |feed: &'static str| group.iter().filter(move |row| row.advisory.feed == feed);
        of(other)
            .map(|row| &row.advisory.channel)
            .filter(move |channel| of(decisive).any(|row| row.advisory.channel == **channel))
            .map(move |channel| (other, channel))
    });
    repeated.chain(decided).collect()
}

/// What stays takes over the announcements of what does not, of the same channel.
fn hand_over_announcements<'a>(group: &mut [NamedRow<'a>], is_dropped: &dyn Fn(&NamedRow<'a>) -> bool) {
    let given: Vec<(Option<String>, Vec<&'a str>)> = group
        .iter()
        .filter(|row| is_dropped(row) && !row.advisory_ids.is_empty())
        .map(|row| (row.advisory.channel.clone(), row.advisory_ids.clone()))
        .collect();
    for row in group.iter_mut().filter(|row| !is_dropped(row)) {
        for (_, ids) in given.iter().filter(|(channel, _)| *channel == row.advisory.channel) {
            for id in ids {
                if !row.advisory_ids.contains(id) {
                    row.advisory_ids.push(id);
                }
            }
        }
    }
}

/// Which feed's rows of which channel repeat the other's.
fn repeated<'a>(
    group: &'a [NamedRow<'_>],
    preferred: &'static str,
    other: &'static str,
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

/// The rows with their vulnerabilities' places among all ids.
pub(super) fn numbered<'a>(rows: Vec<NamedRow<'a>>, ids: &BTreeSet<&str>) -> Vec<MergedRow<'a>> {
    let numbers: std::collections::HashMap<&str, u32> =
        ids.iter().zip(0..).map(|(&id, number)| (id, number)).collect();
    rows.into_iter()
        .filter_map(|row| {
            let vulnerability = *numbers.get(row.vulnerability)?;
            let NamedRow { advisory, advisory_ids, first_seen_day, .. } = row;
            Some(MergedRow { advisory, vulnerability, advisory_ids, first_seen_day })
        })
        .collect()
}
