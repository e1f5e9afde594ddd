//! Writes a snapshot: the same merged input gives the same bytes, always.

mod facts;
mod lists;
mod over;
pub(crate) mod rows;
pub(crate) mod strings;

use std::collections::BTreeMap;

use plimsoll_core::{EndOfLife, Timestamp, Vulnerability};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use super::earlier::{Earlier, KeptBlock};
use super::format::{
    FORMAT_VERSION, HEADER_BYTES, MAGIC, MAGIC_END, SECTION_ENTRY_BYTES, Section, SnapshotError,
    TRAILER_BYTES, alias_hash,
};
use super::info::FeedInfo;
use super::texts::{LayOut, PackedTexts, Packer};
use crate::texts::TextMap;
use over::Over;
use rows::MergedRow;
use strings::settle;

/// Why no snapshot could be written.
#[derive(Debug, Error)]
pub enum BuildError {
    /// A section is larger than its 32-bit offsets can say.
    #[error("the database's section `{section}` would be larger than 4 GiB")]
    TooLarge {
        /// The section's name.
        section: &'static str,
    },
    /// zstd failed.
    #[error("the texts could not be packed")]
    Pack(#[source] std::io::Error),
    /// What was kept of a feed is not what was written.
    #[error("what is kept of a feed is damaged")]
    Damaged,
    /// The snapshot that something should be taken over from is damaged.
    #[error("the snapshot before cannot be read")]
    Earlier(#[from] SnapshotError),
}

/// Packages and their rows, merged whenever somebody asks, so that they are never all in memory.
pub(crate) trait Packages<'a>: Sync {
    /// How much work a package is, roughly.
    fn weight(&self, number: usize) -> usize;

    /// Its rows, sorted by vulnerability and then whatever.
    fn rows(&self, number: usize) -> Result<Vec<MergedRow<'a>>, BuildError>;

    /// Its rows in the snapshot before, where they are the same.
    fn kept(&self, number: usize) -> Option<&KeptBlock<'a>>;
}

/// What is known of a vulnerability besides its texts.
pub(crate) enum Fact {
    New(Box<Vulnerability>),
    /// It is the same in the snapshot before, under this number.
    Kept(u32),
}

/// Everything that a snapshot holds, merged.
pub(crate) struct Merged<'a> {
    pub(crate) sequence: u64,
    pub(crate) built: Timestamp,
    /// In the order of ids.
    pub(crate) feeds: Vec<FeedInfo>,
    /// (feed, record set aside, why).
    pub(crate) quarantined: Vec<(&'a str, &'a str, &'a str)>,
    pub(crate) end_of_life: Vec<&'a EndOfLife>,
    /// The channels of repositories, by the repository's id.
    pub(crate) repositories: BTreeMap<&'a str, Vec<&'a str>>,
    /// Jars by SHA-1 with their Maven coordinates, sorted.
    pub(crate) jars: Vec<(&'a [u8; 20], &'a str)>,
    /// The vulnerabilities, in order.
    pub(crate) ids: &'a [&'a str],
    /// The facts about each of them.
    pub(crate) facts: Vec<Fact>,
    /// Every other id of a vulnerability, and the number of that.
    pub(crate) aliases: Vec<(&'a str, u32)>,
    /// The snapshot that something is taken over from.
    pub(crate) earlier: Option<&'a Earlier<'a>>,
    /// The numbers that texts have there that are the same.
    pub(crate) kept_texts: Vec<Option<u32>>,
    /// In the order of realms and names.
    pub(crate) packages: &'a dyn Packages<'a>,
    /// Of each package the versions that its rows list, as [`rows::universe`] gives them.
    pub(crate) universes: Vec<Vec<&'a str>>,
    /// How often each string of a row would be written.
    pub(crate) counts: TextMap<&'a str, u32>,
    /// The texts of vulnerabilities, by their numbers.
    pub(crate) texts: &'a LayOut<'a>,
}

/// Writes the file.
///
/// Texts that `earlier` has packed already are taken from it as they are, with its dictionary.
pub(crate) fn write(
    mut merged: Merged<'_>,
    earlier: Option<&dyn PackedTexts>,
) -> Result<Vec<u8>, BuildError> {
    // Everything that holds strings is written twice: the first time counts them, so that the
    // second time knows which are worth sharing and the commonest have the shortest numbers.
    let mut counts = std::mem::take(&mut merged.counts);
    facts::count_strings(&merged.facts, merged.earlier, &mut counts)?;
    let (shared, strings) = settle(counts)?;
    let over = merged.earlier.map(|earlier| Over::of(earlier, &strings, merged.ids)).transpose()?;
    let rows = rows::write(merged.packages, &merged.universes, &strings, over.as_ref())?;
    let facts = facts::write(&merged.facts, &strings, over.as_ref())?;
    drop(over);
    drop(strings);

    let mut ids = Items::new(Section::Ids);
    for id in merged.ids {
        ids.push(id.as_bytes())?;
    }
    let packer = match earlier {
        Some(earlier) => Packer::with_dictionary(earlier.dictionary()),
        None => Packer::trained(merged.ids.len(), merged.texts)?,
    };
    let kept = |number: usize| {
        let there = merged.kept_texts.get(number).copied().flatten()?;
        merged.earlier.and_then(|earlier| earlier.text(there).ok())
    };
    let mut texts = Items::new(Section::Texts);
    for packed in packer.pack_all(merged.ids, merged.texts, &kept, earlier)? {
        texts.push(&packed)?;
    }
    let mut file = File::default();
    file.items(Section::StringOffsets, Section::Strings, shared);
    file.items(Section::VersionOffsets, Section::Versions, rows.versions);
    file.section(Section::Realms, rows.realms);
    file.section(Section::RowFeeds, rows.feeds);
    file.section(Section::Keys, rows.keys);
    file.section(Section::Rows, rows.blocks);
    file.items(Section::IdOffsets, Section::Ids, ids);
    file.section(Section::Aliases, aliases(&merged));
    file.items(Section::FactOffsets, Section::Facts, facts);
    file.items(Section::TextOffsets, Section::Texts, texts);
    file.section(Section::Dictionary, packer.into_dictionary());
    file.section(Section::Feeds, lists::feeds(&merged));
    file.section(Section::Quarantine, lists::quarantine(&merged));
    file.section(Section::EndOfLife, lists::end_of_life(&merged));
    file.items(Section::RepositoryOffsets, Section::Repositories, lists::repositories(&merged)?);
    let (jars, coordinates) = lists::jars(&merged)?;
    file.section(Section::Jars, jars);
    file.section(Section::Coordinates, coordinates);
    Ok(file.finish(merged.sequence, merged.built))
}

/// The alias index. An id that is some vulnerability's own needs no entry.
fn aliases(merged: &Merged<'_>) -> Vec<u8> {
    let aliases = merged.aliases.iter();
    let mut entries: Vec<(u64, u32)> = aliases.map(|(alias, number)| (alias_hash(alias), *number)).collect();
    entries.sort_unstable();
    entries
        .iter()
        .flat_map(|(hash, number)| hash.to_le_bytes().into_iter().chain(number.to_le_bytes()))
        .collect()
}

/// A set of small numbers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Numbers(Vec<u64>);

impl Numbers {
    pub(crate) fn insert(&mut self, number: u32) {
        let word = number as usize / 64;
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << (number % 64);
    }

    pub(crate) fn add(&mut self, other: &Numbers) {
        self.0.resize(self.0.len().max(other.0.len()), 0);
        self.0.iter_mut().zip(&other.0).for_each(|(word, other)| *word |= other);
    }

    /// All of them, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = u32> {
        let words = (0u32..).zip(&self.0).filter(|(_, word)| **word != 0);
        words.flat_map(|(at, word)| {
            (0..64).filter(move |bit| word >> bit & 1 == 1).map(move |bit| at * 64 + bit)
        })
    }

    pub(crate) fn contains(&self, number: u32) -> bool {
        self.0.get(number as usize / 64).is_some_and(|word| word >> (number % 64) & 1 == 1)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }
}

/// Items of different lengths and the offsets that bound them.
struct Items {
    section: Section,
    offsets: Vec<u8>,
    bytes: Vec<u8>,
}

impl Items {
    fn new(section: Section) -> Items {
        Items { section, offsets: vec![0; 4], bytes: Vec::new() }
    }

    fn push(&mut self, item: &[u8]) -> Result<(), BuildError> {
        self.bytes.extend_from_slice(item);
        let end = offset(self.bytes.len(), self.section)?;
        self.offsets.extend_from_slice(&end.to_le_bytes());
        Ok(())
    }

    /// Several items one behind the other, each of which ends where `ends` says.
    fn append(&mut self, items: &[u8], ends: &[usize]) -> Result<(), BuildError> {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(items);
        for end in ends {
            let end = offset(start + end, self.section)?;
            self.offsets.extend_from_slice(&end.to_le_bytes());
        }
        Ok(())
    }

    fn count(&self) -> usize {
        self.offsets.len() / 4 - 1
    }
}

fn offset(length: usize, section: Section) -> Result<u32, BuildError> {
    u32::try_from(length).map_err(|_| BuildError::TooLarge { section: section.name() })
}

/// The sections as they come.
#[derive(Default)]
struct File {
    sections: BTreeMap<usize, Vec<u8>>,
}

impl File {
    fn section(&mut self, section: Section, bytes: Vec<u8>) {
        self.sections.insert(section as usize, bytes);
    }

    fn items(&mut self, offsets: Section, section: Section, items: Items) {
        self.section(offsets, items.offsets);
        self.section(section, items.bytes);
    }

    /// Header, section table, sections, trailer.
    fn finish(self, sequence: u64, built: Timestamp) -> Vec<u8> {
        let table_end = HEADER_BYTES + Section::COUNT * SECTION_ENTRY_BYTES;
        let sections_bytes: usize = self.sections.values().map(Vec::len).sum();
        let size_bytes = table_end + sections_bytes + TRAILER_BYTES;
        let mut out = Vec::with_capacity(size_bytes);
        out.extend_from_slice(MAGIC);
        out.extend_from_slice(&u64::from(FORMAT_VERSION).to_le_bytes());
        out.extend_from_slice(&(size_bytes as u64).to_le_bytes());
        out.extend_from_slice(&sequence.to_le_bytes());
        out.extend_from_slice(&built.0.to_le_bytes());
        out.extend_from_slice(&(Section::COUNT as u64).to_le_bytes());
        let mut offset = table_end;
        for index in 0..Section::COUNT {
            let length = self.sections.get(&index).map_or(0, Vec::len);
            out.extend_from_slice(&(offset as u64).to_le_bytes());
            out.extend_from_slice(&(length as u64).to_le_bytes());
            offset += length;
        }
        for section in self.sections.into_values() {
            out.extend_from_slice(&section);
        }
        let digest = Sha256::digest(&out);
        out.extend_from_slice(&digest);
        out.extend_from_slice(MAGIC_END);
        out
    }
}

pub(super) fn varint(out: &mut Vec<u8>, mut value: u64) {
    while 0x80 <= value {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push((value & 0x7f) as u8);
}

pub(super) fn number(out: &mut Vec<u8>, value: usize) {
    varint(out, value as u64);
}

fn signed(out: &mut Vec<u8>, value: i64) {
    varint(out, ((value << 1) ^ (value >> 63)).cast_unsigned());
}

pub(super) fn text(out: &mut Vec<u8>, text: &str) {
    number(out, text.len());
    out.extend_from_slice(text.as_bytes());
}

pub(super) fn optional_text(out: &mut Vec<u8>, optional: Option<&str>) {
    out.push(u8::from(optional.is_some()));
    if let Some(it) = optional {
        text(out, it);
    }
}

fn optional_time(out: &mut Vec<u8>, time: Option<Timestamp>) {
    out.push(u8::from(time.is_some()));
    if let Some(time) = time {
        signed(out, time.0);
    }
}
