//! What the snapshot says of itself: feeds, realms, counts, records set aside, end of life.

use plimsoll_core::{EndOfLife, Timestamp};

use super::Snapshot;
use super::cursor::Cursor;
use super::format::{KEY_ENTRY_BYTES, Section, SnapshotError, corrupt};
use crate::Quarantined;

/// What the snapshot says of one feed.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct FeedInfo {
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
    /// The newest date inside the data.
    pub data_date: Option<Timestamp>,
    /// Records read.
    pub records_read: u64,
    /// Records of which something was kept.
    pub records_stored: u64,
    /// Records set aside as a whole.
    pub records_quarantined: u64,
    /// Records that say nothing Plimsoll could use.
    pub out_of_scope: u64,
    /// Entries of [`Snapshot::quarantined`]: whole records and parts of others.
    pub quarantined: u64,
    /// Advisories that the feed gave, before merging.
    pub advisories: u64,
}

/// How much the snapshot knows of one realm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RealmInfo {
    /// The realm.
    pub realm: String,
    /// Packages with rows.
    pub packages: u64,
    /// Rows.
    pub rows: u64,
    /// Vulnerabilities named in them.
    pub vulnerabilities: u64,
}

/// How much came from one feed, as rows name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowFeedInfo {
    /// The feed's id.
    pub feed: String,
    /// Rows.
    pub rows: u64,
    /// Vulnerabilities named in them.
    pub vulnerabilities: u64,
}

/// The snapshot in numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Stats {
    /// Bytes of the file.
    pub size_bytes: u64,
    /// (realm, package) pairs with rows.
    pub keys: u64,
    /// Rows.
    pub rows: u64,
    /// Vulnerabilities.
    pub vulnerabilities: u64,
}

impl<B: AsRef<[u8]>> Snapshot<B> {
    /// What is known of each feed, in the order of ids.
    pub fn feeds(&self) -> Result<Vec<FeedInfo>, SnapshotError> {
        list(self.cursor(Section::Feeds), |cursor| {
            Ok(FeedInfo {
                id: cursor.text()?.to_owned(),
                title: cursor.text()?.to_owned(),
                source: cursor.text()?.to_owned(),
                licence: cursor.text()?.to_owned(),
                attribution: cursor.text()?.to_owned(),
                redistributable: cursor.byte()? != 0,
                data_date: cursor.optional_signed()?.map(Timestamp),
                records_read: cursor.varint()?,
                records_stored: cursor.varint()?,
                records_quarantined: cursor.varint()?,
                out_of_scope: cursor.varint()?,
                quarantined: cursor.varint()?,
                advisories: cursor.varint()?,
            })
        })
    }

    /// The realms that any feed speaks of, in order.
    pub fn realms(&self) -> Result<Vec<RealmInfo>, SnapshotError> {
        list(self.cursor(Section::Realms), |cursor| {
            Ok(RealmInfo {
                realm: cursor.text()?.to_owned(),
                packages: cursor.varint()?,
                rows: cursor.varint()?,
                vulnerabilities: cursor.varint()?,
            })
        })
    }

    /// Where the rows come from, in the order of ids.
    pub fn row_feeds(&self) -> Result<Vec<RowFeedInfo>, SnapshotError> {
        list(self.cursor(Section::RowFeeds), |cursor| {
            Ok(RowFeedInfo {
                feed: cursor.text()?.to_owned(),
                rows: cursor.varint()?,
                vulnerabilities: cursor.varint()?,
            })
        })
    }

    /// The snapshot in numbers.
    pub fn stats(&self) -> Result<Stats, SnapshotError> {
        Ok(Stats {
            size_bytes: self.bytes.as_ref().len() as u64,
            keys: (self.section(Section::Keys).len() / KEY_ENTRY_BYTES) as u64,
            rows: self.row_feeds()?.iter().map(|feed| feed.rows).fold(0, u64::saturating_add),
            vulnerabilities: self.ids_table().len() as u64,
        })
    }

    /// The records of a feed that were set aside, and why.
    pub fn quarantined(&self, feed: &str) -> Result<Vec<Quarantined>, SnapshotError> {
        let mut found = Vec::new();
        list(self.cursor(Section::Quarantine), |cursor| {
            let of = cursor.text()?;
            let (record, why) = (cursor.text()?, cursor.text()?);
            if of == feed {
                found.push(Quarantined { record: record.to_owned(), why: why.to_owned() });
            }
            Ok(())
        })?;
        Ok(found)
    }

    /// Every known release of every distribution.
    pub fn all_end_of_life(&self) -> Result<Vec<EndOfLife>, SnapshotError> {
        list(self.cursor(Section::EndOfLife), |cursor| {
            Ok(EndOfLife {
                distro_id: cursor.text()?.to_owned(),
                release: cursor.text()?.to_owned(),
                ends: cursor.optional_signed()?.map(Timestamp),
                extended_ends: cursor.optional_signed()?.map(Timestamp),
                latest_release: cursor.optional_text()?.map(str::to_owned),
            })
        })
    }
}

/// A counted list that fills its section.
fn list<'a, T>(
    mut cursor: Cursor<'a>,
    item: impl FnMut(&mut Cursor<'a>) -> Result<T, SnapshotError>,
) -> Result<Vec<T>, SnapshotError> {
    let mut item = item;
    let count = cursor.count()?;
    let items = (0..count).map(|_| item(&mut cursor)).collect::<Result<Vec<T>, _>>()?;
    if cursor.is_empty() { Ok(items) } else { Err(corrupt(Section::Feeds, "bytes behind a list's end")) }
}
