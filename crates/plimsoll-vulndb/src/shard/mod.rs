//! A shard: everything that one feed gave, in a form that can be kept, sent, compared with a later
//! one, and built into a snapshot without reading the feed's own files again.
//!
//! A shard knows which document gave what, so that after an update only changed documents are
//! parsed: the others' bytes are copied. It never fetches anything and opens no file.

pub(crate) mod index;
mod kept;
#[cfg(test)]
mod newer_tests;
mod reading;
#[cfg(test)]
mod tests;
mod update;
pub(crate) mod view;
mod write;

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use plimsoll_core::Timestamp;
use thiserror::Error;

use crate::codec::Reader;
use crate::feed::FeedOutput;
use view::{Contents, UnitView};

pub use index::Index;
pub use reading::Reading;

/// Everything that one feed gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shard {
    /// The feed's id.
    pub feed: String,
    /// The version of its parser that read it.
    pub version: u32,
    /// The newest date inside the data.
    pub data_date: Option<Timestamp>,
    bytes: Vec<u8>,
    /// Where each document stands.
    units: Vec<Range<usize>>,
}

/// How many records a shard was made of. read = stored + quarantined + out of scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct RecordCounts {
    /// Records read, stored or not.
    pub read: u64,
    /// Records of which something was kept.
    pub stored: u64,
    /// Records set aside as a whole.
    pub quarantined: u64,
    /// Records that say nothing Plimsoll could use.
    pub out_of_scope: u64,
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
    pub const FORM: u32 = (write::FORMAT[7] - b'0') as u32;

    /// The shard of what was read of a feed.
    pub fn of(feed: &str, version: u32, output: FeedOutput) -> Shard {
        Shard::update(feed, version, output.in_one_document(), None, (0, false))
    }

    /// The shard's bytes: the same shard has the same bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Takes bytes that [`Shard::bytes`] gave. Checks where documents begin and end; what is inside
    /// is read when it is asked for, and whether the bytes are the ones that were written is the
    /// caller's to check by digest.
    ///
    /// # Errors
    /// Where the bytes are no shard.
    pub fn decode(bytes: Vec<u8>) -> Result<Shard, ShardError> {
        let content = bytes.strip_prefix(write::FORMAT).ok_or(ShardError::NotAShard)?;
        let (feed, version, data_date, units) = places(content, bytes.len()).ok_or(ShardError::Damaged)?;
        Ok(Shard { feed, version, data_date, bytes, units })
    }

    /// The records that it was made of.
    pub fn records(&self) -> RecordCounts {
        let mut sums = [0u64; 4];
        for unit in self.units() {
            sums.iter_mut().zip(unit.counts).for_each(|(sum, count)| *sum = sum.saturating_add(count));
        }
        let [read, stored, quarantined, out_of_scope] = sums;
        RecordCounts { read, stored, quarantined, out_of_scope }
    }

    /// The number of its advisories.
    ///
    /// # Errors
    /// Where it is damaged.
    pub fn advisories(&self) -> Result<u64, ShardError> {
        Ok(self.contents()?.advisories.len() as u64)
    }

    /// The descriptions in its records of this id, in order.
    ///
    /// # Errors
    /// Where it is damaged.
    pub fn details_of(&self, id: &str) -> Result<Vec<Option<&str>>, ShardError> {
        let records = self.contents()?.records;
        let of_id = records.iter().filter(|record| record.id == id);
        of_id.map(|record| Ok(record.text().ok_or(ShardError::Damaged)?.details)).collect()
    }

    /// The names and fingerprints of its documents, in order.
    pub fn documents(&self) -> impl ExactSizeIterator<Item = (&str, u64)> {
        self.units().map(|unit| (unit.name, unit.fingerprint))
    }

    /// Its documents, in order.
    pub(crate) fn units(&self) -> impl ExactSizeIterator<Item = UnitView<'_>> {
        self.units_in(0..self.units.len())
    }

    /// Those of its documents with these numbers.
    fn units_in(&self, numbers: Range<usize>) -> impl ExactSizeIterator<Item = UnitView<'_>> {
        self.units.get(numbers).unwrap_or_default().iter().map(|place| {
            let bytes = self.bytes.get(place.clone()).unwrap_or_default();
            UnitView::read(&mut Reader(bytes)).expect("every document was read when the shard was")
        })
    }

    /// Everything in it.
    pub(crate) fn contents(&self) -> Result<Contents<'_>, ShardError> {
        let mut contents = Contents::default();
        for unit in self.units() {
            contents.add(&unit, &self.feed).ok_or(ShardError::Damaged)?;
        }
        Ok(contents)
    }

    /// Everything in it but advisories and records.
    pub(crate) fn lists(&self) -> Option<Contents<'_>> {
        let mut contents = Contents::default();
        for unit in self.units() {
            contents.add_lists(&unit)?;
        }
        Some(contents)
    }

    /// The pieces of one feed as one.
    pub(crate) fn joined(pieces: &[&Shard]) -> Shard {
        let feed = pieces.first().map_or("", |it| it.feed.as_str());
        let version = pieces.first().map_or(0, |it| it.version);
        let data_date = pieces.iter().filter_map(|it| it.data_date).max();
        let units = pieces.iter().map(|it| it.units.len()).sum();
        let mut out = write::header(feed, version, data_date, units);
        for unit in pieces.iter().flat_map(|it| it.units()) {
            out.0.extend_from_slice(unit.raw);
        }
        Shard::decode(out.0).expect("documents of shards are a shard")
    }

    /// What a parser of this feed needs to be told so that it reads only what changed.
    pub(crate) fn known(&self) -> Arc<HashMap<String, u64>> {
        Arc::new(self.documents().map(|(name, fingerprint)| (name.to_owned(), fingerprint)).collect())
    }
}

/// The header, and where documents stand in bytes of which `content` is the end.
#[expect(clippy::type_complexity, reason = "the fields of a shard")]
fn places(content: &[u8], length: usize) -> Option<(String, u32, Option<Timestamp>, Vec<Range<usize>>)> {
    let reader = &mut Reader(content);
    let feed = reader.text()?;
    let version = u32::try_from(reader.number()?).ok()?;
    let data_date = view::time(reader)?;
    let mut units = Vec::new();
    for _ in 0..reader.count(1)? {
        let start = length - reader.0.len();
        UnitView::read(reader)?;
        units.push(start..length - reader.0.len());
    }
    reader.0.is_empty().then_some((feed, version, data_date, units))
}
