//! Which of several feeds' rows stay where they repeat each other.
//!
//! | table | the other's row goes where |
//! |---|---|
//! | [`WHOLE_STORY`] | the preferred feed has a live record of the vulnerability |
//! | [`SAME_VENDOR`] | the preferred feed has a row of the same channel, and knows of a fix if the other does |
//! | [`DECISIVE`] | the decisive feed has a row of the same channel |
//! | [`SAME_ANNOUNCEMENT`] | the preferred feed has rows of every announcement that it names |
//! | [`SAME_RECORDS`] | the preferred feed says the very same |
//!
//! All but the first speak of the rows about one vulnerability in one package. What goes leaves the
//! ids of its announcements behind.

use std::collections::{BTreeMap, HashSet};

use plimsoll_core::{Advisory, Status};

use super::BuildInput;
use super::rows::NamedRow;

/// Feeds whose record of a vulnerability is everything its vendor says of it: (preferred, other).
/// The other's realm begins with the third.
const WHOLE_STORY: &[(&str, &str, &str)] = &[
    ("redhat-vex", "redhat-vex-legacy", ""),
    ("redhat-vex", "osv-local", "rpm/redhat"),
    ("redhat-vex-legacy", "osv-local", "rpm/redhat"),
];

/// Feeds in which one vendor says the same thing: (preferred, other). A fix that was published
/// once exists, so that the feed that knows of one stays.
const SAME_VENDOR: &[(&str, &str)] =
    &[("ubuntu-vex", "ubuntu-osv"), ("ubuntu-vex", "ubuntu-tracker"), ("ubuntu-osv", "ubuntu-tracker")];

/// Feeds of which one decides wherever it speaks: (decisive, other).
const DECISIVE: &[(&str, &str)] = &[
    ("debian", "debian-elts"),
    ("debian", "debian-announcements"),
    ("alpine", "alpine-rejections"),
    ("nvd-overrides", "nvd"),
];

/// Feeds through which one vendor publishes the same announcements: (preferred, other). The
/// preferred ones say more: the streams of modules and the architectures.
const SAME_ANNOUNCEMENT: &[(&str, &str)] =
    &[("almalinux-errata", "osv-almalinux"), ("rocky", "osv-rocky"), ("rocky", "rocky-updateinfo")];

/// Feeds that carry the same records, the origin and a collection: (preferred, other). Where they
/// differ both stay, since either may be ahead.
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

/// Applies [`WHOLE_STORY`].
pub(super) fn leave_to_whole_stories(input: &BuildInput, rows: &mut Vec<NamedRow<'_>>) {
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

/// Applies the other tables to rows in the order of a snapshot.
pub(super) fn say_once(rows: &mut Vec<NamedRow<'_>>) {
    let mut keep = Vec::with_capacity(rows.len());
    for group in rows.chunk_by_mut(|left, right| left.is_about_the_same(right)) {
        let stays = staying(group);
        if stays.contains(&false) {
            hand_over_announcements(group, &stays);
        }
        keep.extend(stays);
    }
    let mut keep = keep.into_iter();
    rows.retain(|_| keep.next().unwrap_or(true));
}

/// Which of the rows about one vulnerability in one package stay.
fn staying(group: &[NamedRow<'_>]) -> Vec<bool> {
    let one_feed = group.windows(2).all(|two| two[0].advisory.feed == two[1].advisory.feed);
    if one_feed {
        return vec![true; group.len()];
    }
    let repeated: Vec<(&str, &Option<String>)> =
        SAME_VENDOR.iter().flat_map(|&(preferred, other)| repeated(group, preferred, other)).collect();
    let goes = |row: &NamedRow<'_>| {
        repeated.contains(&(&row.advisory.feed, &row.advisory.channel))
            || is_decided(row, group)
            || is_announced(row, group)
            || is_copy(row, group)
    };
    group.iter().map(|row| !goes(row)).collect()
}

/// The rows of the feeds that a table prefers to a row's own.
fn preferred<'g, 'a>(
    table: &'g [(&str, &str)],
    row: &'g NamedRow<'_>,
    group: &'g [NamedRow<'a>],
) -> impl Iterator<Item = &'g NamedRow<'a>> {
    let feeds = table.iter().filter(|(_, other)| *other == row.advisory.feed).map(|(feed, _)| *feed);
    feeds.flat_map(move |feed| group.iter().filter(move |it| it.advisory.feed == feed))
}

fn is_decided(row: &NamedRow<'_>, group: &[NamedRow<'_>]) -> bool {
    preferred(DECISIVE, row, group).any(|it| it.advisory.channel == row.advisory.channel)
}

fn is_announced(row: &NamedRow<'_>, group: &[NamedRow<'_>]) -> bool {
    let tells = |id: &str| {
        preferred(SAME_ANNOUNCEMENT, row, group)
            .any(|it| it.advisory.channel == row.advisory.channel && it.advisory_ids.contains(&id))
    };
    !row.advisory_ids.is_empty() && row.advisory_ids.iter().all(|id| tells(id))
}

fn is_copy(row: &NamedRow<'_>, group: &[NamedRow<'_>]) -> bool {
    preferred(SAME_RECORDS, row, group).any(|origin| says_the_same(origin.advisory, row.advisory))
}

/// Whether two rows about one package and vulnerability hold for the same versions.
fn says_the_same(left: &Advisory, right: &Advisory) -> bool {
    let sorted = |row: &Advisory| {
        let (mut ranges, mut versions) = (row.ranges.clone(), row.versions.clone());
        ranges.sort_unstable();
        versions.sort_unstable();
        (ranges, versions)
    };
    left.status == right.status
        && (left.name_kind, &left.channel, &left.module, &left.architectures)
            == (right.name_kind, &right.channel, &right.module, &right.architectures)
        && sorted(left) == sorted(right)
}

/// What stays takes over the announcements of what does not, of the same channel.
fn hand_over_announcements(group: &mut [NamedRow<'_>], stays: &[bool]) {
    let given: Vec<(Option<String>, Vec<&str>)> = group
        .iter()
        .zip(stays)
        .filter(|(row, stays)| !**stays && !row.advisory_ids.is_empty())
        .map(|(row, _)| (row.advisory.channel.clone(), row.advisory_ids.clone()))
        .collect();
    for (row, _) in group.iter_mut().zip(stays).filter(|(_, stays)| **stays) {
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
