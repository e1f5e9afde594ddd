//! A snapshot from which another one takes over what did not change: the rows of a package, the facts
//! about a vulnerability, a packed text.
//!
//! Decides nothing: what did not change is said by who asks. A damaged snapshot is an error, and
//! whoever builds does without it.

use super::Snapshot;
use super::cursor::{Cursor, Table};
use super::format::{KEY_ENTRY_BYTES, Section, SnapshotError, corrupt, u32_at};
use super::rows::Tables;
use super::walk::{self, Reference, Role, Visit};
use super::writer::Numbers;
use crate::texts::{TextMap, TextSet};

/// The parts of a snapshot that are taken over.
pub(crate) struct Earlier<'a> {
    pub(crate) strings: Table<'a>,
    pub(crate) versions: Table<'a>,
    pub(crate) ids: Table<'a>,
    facts: Table<'a>,
    texts: Table<'a>,
    /// What its texts are packed with.
    pub(crate) dictionary: &'a [u8],
    /// The packages, in the order of realms and names.
    pub(crate) blocks: Vec<KeptBlock<'a>>,
}

/// The rows of one package as they lie there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeptBlock<'a> {
    pub(crate) realm: &'a str,
    pub(crate) name: &'a str,
    /// How many rows.
    pub(crate) rows: usize,
    first_version: usize,
    /// How many versions its rows list.
    versions: usize,
    cursor: Cursor<'a>,
}

impl<'a> Earlier<'a> {
    pub(crate) fn of<B: AsRef<[u8]>>(snapshot: &'a Snapshot<B>) -> Result<Earlier<'a>, SnapshotError> {
        let Tables { strings, versions, ids } = snapshot.tables();
        let facts = snapshot.table(Section::FactOffsets, Section::Facts);
        let texts = snapshot.table(Section::TextOffsets, Section::Texts);
        let dictionary = snapshot.section(Section::Dictionary);
        let blocks = blocks(snapshot)?;
        Ok(Earlier { strings, versions, ids, facts, texts, dictionary, blocks })
    }

    /// Shows the rows of a package.
    pub(crate) fn rows(
        &self,
        block: &KeptBlock<'a>,
        visitor: &mut impl Visit<'a>,
    ) -> Result<(), SnapshotError> {
        walk::rows(block.cursor, block.rows, visitor)
    }

    /// The versions that the rows of a package list, as they are numbered.
    pub(crate) fn universe(&self, block: &KeptBlock<'a>) -> Result<Vec<&'a str>, SnapshotError> {
        let numbers = block.first_version..block.first_version + block.versions;
        numbers.map(|number| self.versions.text(number)).collect()
    }

    /// Shows the facts about the vulnerability with this number.
    pub(crate) fn fact(&self, number: u32, visitor: &mut impl Visit<'a>) -> Result<(), SnapshotError> {
        walk::fact(Cursor::new(self.facts.bytes(number as usize)?, Section::Facts), visitor)
    }

    /// The packed text of the vulnerability with this number.
    pub(crate) fn text(&self, number: u32) -> Result<&'a [u8], SnapshotError> {
        self.texts.bytes(number as usize)
    }

    /// A string.
    pub(crate) fn string(&self, reference: Reference<'a>) -> Result<&'a str, SnapshotError> {
        match reference {
            Reference::Shared(number) => self.strings.text(number),
            Reference::Text(text) => Ok(text),
        }
    }

    /// The places of its vulnerabilities among `ids`, which are in order.
    pub(crate) fn renumbered(&self, ids: &[&str]) -> Result<Vec<Option<u32>>, SnapshotError> {
        let mut ids = ids.iter().zip(0u32..).peekable();
        let place = |number: usize| {
            let id = self.ids.text(number)?;
            while ids.next_if(|(here, _)| **here < id).is_some() {}
            Ok(ids.peek().filter(|(here, _)| **here == id).map(|(_, place)| *place))
        };
        (0..self.ids.len()).map(place).collect()
    }

    /// Nothing seen yet.
    pub(crate) fn unseen(&self) -> Seen<'a> {
        Seen {
            ids: self.ids.len(),
            shared: vec![0; self.strings.len()],
            texts: TextMap::default(),
            vulnerabilities: Numbers::default(),
            announced: Numbers::default(),
            announced_texts: TextSet::default(),
        }
    }
}

/// All blocks as they lie one behind the other.
fn blocks<B: AsRef<[u8]>>(snapshot: &Snapshot<B>) -> Result<Vec<KeptBlock<'_>>, SnapshotError> {
    let keys = snapshot.section(Section::Keys).chunks_exact(KEY_ENTRY_BYTES);
    let mut starts: Vec<u32> = keys.filter_map(|key| u32_at(key, 8)).collect();
    starts.sort_unstable();
    let section = snapshot.section(Section::Rows);
    let damaged = |what| corrupt(Section::Rows, what);
    let ends = starts.iter().skip(1).map(|&it| it as usize).chain([section.len()]);
    let mut blocks: Vec<KeptBlock<'_>> = Vec::with_capacity(starts.len());
    for (&start, end) in starts.iter().zip(ends) {
        let bytes = section.get(start as usize..end).ok_or_else(|| damaged("an offset out of bounds"))?;
        let mut cursor = Cursor::new(bytes, Section::Rows);
        let realm = snapshot.tables().string(&mut cursor)?;
        let (name, rows, first_version) = (cursor.text()?, cursor.count()?, cursor.index()?);
        if let Some(before) = blocks.last_mut() {
            let follows = (before.realm, before.name) < (realm, name);
            let versions = first_version.checked_sub(before.first_version).filter(|_| follows);
            before.versions = versions.ok_or_else(|| damaged("packages out of order"))?;
        }
        blocks.push(KeptBlock { realm, name, rows, first_version, versions: 0, cursor });
    }
    if let Some(last) = blocks.last_mut() {
        let versions = snapshot.tables().versions.len().checked_sub(last.first_version);
        last.versions = versions.ok_or_else(|| damaged("versions out of bounds"))?;
    }
    Ok(blocks)
}

/// What rows and facts that are taken over speak of and name, by the numbers of the snapshot that
/// they are taken from.
pub(crate) struct Seen<'a> {
    /// How many vulnerabilities there are.
    ids: usize,
    /// How often each shared string.
    pub(crate) shared: Vec<u32>,
    pub(crate) texts: TextMap<&'a str, u32>,
    pub(crate) vulnerabilities: Numbers,
    /// Announcements among the shared strings.
    announced: Numbers,
    announced_texts: TextSet<&'a str>,
}

impl<'a> Seen<'a> {
    /// Adds what others saw.
    pub(crate) fn join(&mut self, other: Seen<'a>) {
        self.shared.iter_mut().zip(other.shared).for_each(|(count, more)| *count += more);
        for (text, count) in other.texts {
            *self.texts.entry(text).or_default() += count;
        }
        self.vulnerabilities.add(&other.vulnerabilities);
        self.announced.add(&other.announced);
        self.announced_texts.extend(other.announced_texts);
    }

    /// A string that stands outside of rows and facts.
    pub(crate) fn saw(&mut self, text: &'a str) {
        *self.texts.entry(text).or_default() += 1;
    }

    /// The announcements that rows name.
    pub(crate) fn announced(
        &self,
        earlier: &Earlier<'a>,
    ) -> impl Iterator<Item = Result<&'a str, SnapshotError>> {
        let shared = (0..earlier.strings.len()).zip(0u32..).filter(|(_, it)| self.announced.contains(*it));
        let shared: Vec<_> = shared.map(|(number, _)| earlier.strings.text(number)).collect();
        shared.into_iter().chain(self.announced_texts.iter().map(|it| Ok(*it)))
    }

    /// Adds to counts how often each string was seen.
    pub(crate) fn add_to(
        &self,
        counts: &mut TextMap<&'a str, u32>,
        earlier: &Earlier<'a>,
    ) -> Result<(), SnapshotError> {
        for (number, &count) in self.shared.iter().enumerate().filter(|(_, count)| **count != 0) {
            *counts.entry(earlier.strings.text(number)?).or_default() += count;
        }
        for (text, count) in &self.texts {
            *counts.entry(text).or_default() += count;
        }
        Ok(())
    }
}

impl<'a> Visit<'a> for Seen<'a> {
    fn raw(&mut self, _: &'a [u8]) {}

    fn string(&mut self, string: Reference<'a>, role: Role) -> Result<(), SnapshotError> {
        let announced = role == Role::Announcement;
        match string {
            Reference::Shared(number) => {
                let count = self.shared.get_mut(number);
                *count.ok_or_else(|| corrupt(Section::Strings, "a number out of bounds"))? += 1;
                if announced {
                    self.announced.insert(u32::try_from(number).unwrap_or(0));
                }
            }
            Reference::Text(text) => {
                *self.texts.entry(text).or_default() += 1;
                if announced {
                    self.announced_texts.insert(text);
                }
            }
        }
        Ok(())
    }

    fn vulnerability(&mut self, number: usize) -> Result<(), SnapshotError> {
        let known = u32::try_from(number).ok().filter(|_| number < self.ids);
        self.vulnerabilities.insert(known.ok_or_else(|| corrupt(Section::Ids, "a number out of bounds"))?);
        Ok(())
    }
}
