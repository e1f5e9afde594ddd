//! What a build must know of every shard, whether or not it changed: which rows and records there
//! are and a sum of each, but not what they say. With it the shard itself is asked only for what is
//! to be written anew.
//!
//! A pure function of the shard and of a seed; whoever keeps one can throw it away. The seed is what
//! nobody can know who wants two rows to have the same sum.

mod form;
mod make;
#[cfg(test)]
mod tests;

use std::ops::Range;

use plimsoll_core::Timestamp;

use super::view::{Contents, Head, RecordHead};
use super::{RecordCounts, Shard};
use crate::codec::Reader;

/// The rows and records of one shard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    pub(crate) seed: u64,
    pub(crate) data_date: Option<Timestamp>,
    pub(crate) counts: RecordCounts,
    /// Advisories, those of withdrawn records included.
    pub(crate) advisories: u64,
    /// What was set aside: whole records and parts of others.
    pub(crate) quarantined: u64,
    /// Everything but advisories and records, as a document has it; `None` where it is much, and is
    /// read from the shard.
    lists: Option<Vec<u8>>,
    texts: Texts,
    /// Realm and name of each package, in their order.
    packages: Vec<[u32; 2]>,
    /// Where the rows of each package end.
    package_ends: Vec<u32>,
    /// Of each row, package by package and in the order of the shard: the vulnerability as it names
    /// it, where it lies, and the sum of its bytes.
    row_names: Vec<u32>,
    row_places: Vec<u64>,
    row_sums: Vec<u64>,
    /// Rows of another feed than the shard's, and of which.
    foreign: Vec<[u32; 2]>,
    /// Of each record that is not withdrawn, in the order of the shard.
    record_ids: Vec<u32>,
    record_places: Vec<u64>,
    record_sums: Vec<u64>,
    /// Where the aliases of each record end.
    alias_ends: Vec<u32>,
    aliases: Vec<u32>,
}

/// Texts with numbers.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
struct Texts {
    all: String,
    ends: Vec<u32>,
}

impl Texts {
    fn get(&self, number: u32) -> &str {
        let number = number as usize;
        let start = number.checked_sub(1).and_then(|it| self.ends.get(it)).copied().unwrap_or(0);
        let end = self.ends.get(number).copied().unwrap_or(start);
        self.all.get(start as usize..end as usize).unwrap_or_default()
    }
}

/// A package of an index.
#[derive(Clone, Debug)]
pub(crate) struct IndexedPackage<'a> {
    pub(crate) realm: &'a str,
    pub(crate) name: &'a str,
    /// The numbers of its rows.
    pub(crate) rows: Range<u32>,
}

impl Index {
    /// How many packages there are.
    pub(crate) fn packages(&self) -> usize {
        self.packages.len()
    }

    /// A package by its number.
    pub(crate) fn package(&self, number: usize) -> IndexedPackage<'_> {
        let [realm, name] = self.packages.get(number).copied().unwrap_or_default();
        let start = number.checked_sub(1).and_then(|it| self.package_ends.get(it)).copied().unwrap_or(0);
        let end = self.package_ends.get(number).copied().unwrap_or(start);
        IndexedPackage { realm: self.texts.get(realm), name: self.texts.get(name), rows: start..end }
    }

    /// How many texts there are; every number that is given out is below it.
    pub(crate) fn texts(&self) -> usize {
        self.texts.ends.len()
    }

    /// A text by its number.
    pub(crate) fn text(&self, number: u32) -> &str {
        self.texts.get(number)
    }

    /// The numbers of the texts that rows call vulnerabilities.
    pub(crate) fn row_names(&self) -> &[u32] {
        &self.row_names
    }

    /// The number of the text that a row calls its vulnerability.
    pub(crate) fn row_name(&self, row: u32) -> u32 {
        self.row_names.get(row as usize).copied().unwrap_or(0)
    }

    /// The sum of a row's bytes.
    pub(crate) fn row_sum(&self, row: u32) -> u64 {
        self.row_sums.get(row as usize).copied().unwrap_or(0)
    }

    /// The feed of a row, if it is not the shard's.
    pub(crate) fn foreign_feed(&self, row: u32) -> Option<&str> {
        let at = self.foreign.binary_search_by_key(&row, |it| it[0]).ok()?;
        self.foreign.get(at).map(|it| self.texts.get(it[1]))
    }

    /// A row, in the shard that this is the index of.
    pub(crate) fn head<'s>(&self, shard: &'s Shard, row: u32) -> Option<Head<'s>> {
        let place = usize::try_from(*self.row_places.get(row as usize)?).ok()?;
        Head::read(Reader(shard.bytes.get(place..)?).bytes()?, &shard.feed)
    }

    /// How many records there are.
    pub(crate) fn records(&self) -> usize {
        self.record_ids.len()
    }

    /// A record's own id.
    pub(crate) fn record_id(&self, record: usize) -> &str {
        self.texts.get(self.record_ids.get(record).copied().unwrap_or(u32::MAX))
    }

    /// What a record is called besides.
    pub(crate) fn record_aliases(&self, record: usize) -> impl ExactSizeIterator<Item = &str> {
        let start = record.checked_sub(1).and_then(|it| self.alias_ends.get(it)).copied().unwrap_or(0);
        let end = self.alias_ends.get(record).copied().unwrap_or(start);
        let aliases = self.aliases.get(start as usize..end as usize).unwrap_or_default();
        aliases.iter().map(|&it| self.texts.get(it))
    }

    /// The sum of a record's bytes.
    pub(crate) fn record_sum(&self, record: usize) -> u64 {
        self.record_sums.get(record).copied().unwrap_or(0)
    }

    /// A record, in the shard that this is the index of.
    pub(crate) fn record<'s>(&self, shard: &'s Shard, record: usize) -> Option<RecordHead<'s>> {
        let place = usize::try_from(*self.record_places.get(record)?).ok()?;
        RecordHead::read(Reader(shard.bytes.get(place..)?).bytes()?)
    }

    /// Everything but advisories and records; `None` where it is to be read from the shard.
    pub(crate) fn lists(&self) -> Option<Option<Contents<'_>>> {
        let lists = self.lists.as_deref()?;
        let mut contents = Contents::default();
        Some(contents.add_content(lists, "").map(|()| contents))
    }

    /// How many advisories its shard has.
    pub fn advisories(&self) -> u64 {
        self.advisories
    }
}
