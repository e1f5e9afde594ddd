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

use std::collections::BTreeMap;

use plimsoll_core::Status;

use super::rows::NamedRow;
use super::table::Table;
use crate::shard::view::Statement;
use crate::texts::TextSet;

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

/// What [`WHOLE_STORY`] leaves to others: asked of rows one by one.
pub(super) struct WholeStories<'a> {
    /// The other's feed and realm, and the vulnerabilities of which the preferred one tells.
    told: Vec<(&'static str, &'static str, TextSet<&'a str>)>,
}

impl<'a> WholeStories<'a> {
    pub(super) fn of(tables: &[Table<'a>]) -> WholeStories<'a> {
        let of = |feed: &'static str| tables.iter().filter(move |table| table.meta.id == feed);
        let stories = WHOLE_STORY.iter().filter(|(_, other, _)| of(other).next().is_some());
        let told = stories.map(|&(preferred, other, realm)| {
            let indexes = of(preferred).map(|table| table.index);
            let ids = indexes.flat_map(|index| (0..index.records()).map(|record| index.record_id(record)));
            (other, realm, ids.collect())
        });
        WholeStories { told: told.collect() }
    }

    /// Whether nothing is left to anybody.
    pub(super) fn is_empty(&self) -> bool {
        self.told.is_empty()
    }

    /// Whether what a feed says about `vulnerability`, as it is called here, is left to the preferred
    /// feed.
    pub(super) fn have(&self, feed: &str, realm: &str, vulnerability: &str) -> bool {
        self.told.iter().any(|(other, beginning, told)| {
            feed == *other && realm.starts_with(beginning) && told.contains(vulnerability)
        })
    }
}

/// Applies the other tables to the rows about one vulnerability in one package.
pub(super) fn say_once(rows: &mut Vec<NamedRow<'_>>) {
    let stays = staying(rows);
    if stays.contains(&false) {
        hand_over_announcements(rows, &stays);
        let mut stays = stays.into_iter();
        rows.retain(|_| stays.next().unwrap_or(true));
    }
}

/// Which of the rows about one vulnerability in one package stay.
fn staying(group: &[NamedRow<'_>]) -> Vec<bool> {
    let one_feed = group.windows(2).all(|two| two[0].statement.feed == two[1].statement.feed);
    if one_feed {
        return vec![true; group.len()];
    }
    let repeated: Vec<(&str, Option<&str>)> =
        SAME_VENDOR.iter().flat_map(|&(preferred, other)| repeated(group, preferred, other)).collect();
    let goes = |row: &NamedRow<'_>| {
        repeated.contains(&(row.statement.feed, row.statement.channel))
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
    let feeds = table.iter().filter(|(_, other)| *other == row.statement.feed).map(|(feed, _)| *feed);
    feeds.flat_map(move |feed| group.iter().filter(move |it| it.statement.feed == feed))
}

fn is_decided(row: &NamedRow<'_>, group: &[NamedRow<'_>]) -> bool {
    preferred(DECISIVE, row, group).any(|it| it.statement.channel == row.statement.channel)
}

fn is_announced(row: &NamedRow<'_>, group: &[NamedRow<'_>]) -> bool {
    let tells = |id: &str| {
        preferred(SAME_ANNOUNCEMENT, row, group)
            .any(|it| it.statement.channel == row.statement.channel && it.advisory_ids.contains(&id))
    };
    !row.advisory_ids.is_empty() && row.advisory_ids.iter().all(|id| tells(id))
}

fn is_copy(row: &NamedRow<'_>, group: &[NamedRow<'_>]) -> bool {
    preferred(SAME_RECORDS, row, group).any(|origin| says_the_same(&origin.statement, &row.statement))
}

/// Whether two rows about one package and vulnerability hold for the same versions.
fn says_the_same(left: &Statement<'_>, right: &Statement<'_>) -> bool {
    left.status == right.status
        && (left.name_kind, left.channel, left.module, &left.architectures)
            == (right.name_kind, right.channel, right.module, &right.architectures)
        && sorted(&left.ranges) == sorted(&right.ranges)
        && sorted(&left.versions) == sorted(&right.versions)
}

fn sorted<T: Ord + Copy>(items: &[T]) -> Vec<T> {
    let mut items = items.to_vec();
    items.sort_unstable();
    items
}

/// What stays takes over the announcements of what does not, of the same channel.
fn hand_over_announcements(group: &mut [NamedRow<'_>], stays: &[bool]) {
    let given: Vec<(Option<&str>, Vec<&str>)> = group
        .iter()
        .zip(stays)
        .filter(|(row, stays)| !**stays && !row.advisory_ids.is_empty())
        .map(|(row, _)| (row.statement.channel, row.advisory_ids.clone()))
        .collect();
    for (row, _) in group.iter_mut().zip(stays).filter(|(_, stays)| **stays) {
        for (_, ids) in given.iter().filter(|(channel, _)| *channel == row.statement.channel) {
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
    group: &[NamedRow<'a>],
    preferred: &'static str,
    other: &'static str,
) -> Vec<(&'a str, Option<&'a str>)> {
    let statements = |feed: &str, settling: &[Status]| {
        let mut settled_by_channel: BTreeMap<Option<&str>, bool> = BTreeMap::new();
        for row in group.iter().filter(|row| row.statement.feed == feed) {
            *settled_by_channel.entry(row.statement.channel).or_default() |=
                settling.contains(&row.statement.status);
        }
        settled_by_channel
    };
    let preferred_says = statements(preferred, &[Status::Fixed, Status::NotAffected]);
    // A fix that was published once exists; "not affected" is a judgement that may have changed.
    let other_says = statements(other, &[Status::Fixed]);
    let both = preferred_says.iter().filter_map(|(&channel, &settled)| {
        let other_settled = *other_says.get(&channel)?;
        Some((if !settled && other_settled { preferred } else { other }, channel))
    });
    both.collect()
}
