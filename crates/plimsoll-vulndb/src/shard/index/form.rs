//! The form in which an index is kept: numbers in arrays, a sum at the end.
//!
//! Reading checks everything once, so that nothing that an index answers can be out of bounds.

use plimsoll_core::Timestamp;

use super::{Index, Texts};
use crate::codec::{Reader, Writer};
use crate::shard::RecordCounts;

/// Its last letter is raised with every change of the form, or of what an index says of a shard.
const FORMAT: &[u8; 8] = b"PLMSIDX1";
const SUM_BYTES: usize = 8;

impl Index {
    /// Its bytes, to be kept.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Writer(FORMAT.to_vec());
        out.hashes(&[self.seed]);
        out.optional_signed(self.data_date.map(|it| it.0));
        let RecordCounts { read, stored, quarantined, out_of_scope } = self.counts;
        for count in [read, stored, quarantined, out_of_scope, self.advisories, self.quarantined] {
            out.number(count);
        }
        out.flag(self.lists.is_some());
        out.bytes(self.lists.as_deref().unwrap_or_default());
        out.bytes(self.texts.all.as_bytes());
        words(&mut out, &self.texts.ends);
        words(&mut out, self.packages.as_flattened());
        words(&mut out, &self.package_ends);
        words(&mut out, &self.row_names);
        out.hashes(&self.row_places);
        out.hashes(&self.row_sums);
        words(&mut out, self.foreign.as_flattened());
        words(&mut out, &self.record_ids);
        out.hashes(&self.record_places);
        out.hashes(&self.record_sums);
        words(&mut out, &self.alias_ends);
        words(&mut out, &self.aliases);
        let sum = xxhash_rust::xxh3::xxh3_64(&out.0);
        out.0.extend_from_slice(&sum.to_le_bytes());
        out.0
    }

    /// Takes bytes that [`Index::encode`] gave; `None` where they are other bytes, or were made with
    /// another seed.
    pub fn decode(bytes: &[u8], seed: u64) -> Option<Index> {
        let (content, sum) = bytes.split_last_chunk::<SUM_BYTES>()?;
        if xxhash_rust::xxh3::xxh3_64(content) != u64::from_le_bytes(*sum) {
            return None;
        }
        let reader = &mut Reader(content.strip_prefix(FORMAT)?);
        if reader.hashes()? != [seed] {
            return None;
        }
        let data_date = reader.optional_signed()?.map(Timestamp);
        let mut counts = [0; 6];
        for count in &mut counts {
            *count = reader.number()?;
        }
        let [read, stored, quarantined, out_of_scope, advisories, set_aside] = counts;
        let has_lists = reader.flag()?;
        let lists = reader.bytes()?.to_vec();
        let index = Index {
            seed,
            data_date,
            counts: RecordCounts { read, stored, quarantined, out_of_scope },
            advisories,
            quarantined: set_aside,
            lists: has_lists.then_some(lists),
            texts: Texts { all: reader.text()?, ends: read_words(reader)? },
            packages: pairs(&read_words(reader)?),
            package_ends: read_words(reader)?,
            row_names: read_words(reader)?,
            row_places: reader.hashes()?,
            row_sums: reader.hashes()?,
            foreign: pairs(&read_words(reader)?),
            record_ids: read_words(reader)?,
            record_places: reader.hashes()?,
            record_sums: reader.hashes()?,
            alias_ends: read_words(reader)?,
            aliases: read_words(reader)?,
        };
        (reader.0.is_empty() && index.is_sound()).then_some(index)
    }

    /// Whether every number in it points to something.
    fn is_sound(&self) -> bool {
        let texts = self.texts.ends.len();
        let is_text = |number: &u32| (*number as usize) < texts;
        let rows = self.row_names.len();
        ends_at(&self.texts.ends, self.texts.all.len())
            && self.texts.ends.iter().all(|&it| self.texts.all.is_char_boundary(it as usize))
            && self.packages.as_flattened().iter().all(is_text)
            && self.package_ends.len() == self.packages.len()
            && ends_at(&self.package_ends, rows)
            && (self.row_places.len(), self.row_sums.len()) == (rows, rows)
            && self.row_names.iter().all(is_text)
            && self.foreign.iter().all(|[row, feed]| (*row as usize) < rows && is_text(feed))
            && self.record_ids.iter().chain(&self.aliases).all(is_text)
            && self.record_places.len() == self.record_ids.len()
            && self.record_sums.len() == self.record_ids.len()
            && self.alias_ends.len() == self.record_ids.len()
            && ends_at(&self.alias_ends, self.aliases.len())
    }
}

/// Whether these are ends of parts of something that is so long.
fn ends_at(ends: &[u32], length: usize) -> bool {
    ends.is_sorted() && ends.last().copied().unwrap_or(0) as usize == length
}

fn words(out: &mut Writer, values: &[u32]) {
    out.number(values.len() as u64);
    for value in values {
        out.0.extend_from_slice(&value.to_le_bytes());
    }
}

fn read_words(reader: &mut Reader<'_>) -> Option<Vec<u32>> {
    let count = reader.count(4)?;
    let (words, _) = reader.take(count.checked_mul(4)?)?.as_chunks::<4>();
    Some(words.iter().map(|it| u32::from_le_bytes(*it)).collect())
}

/// Two and two; one that is left over shows in the lengths.
fn pairs(values: &[u32]) -> Vec<[u32; 2]> {
    values.as_chunks::<2>().0.to_vec()
}
