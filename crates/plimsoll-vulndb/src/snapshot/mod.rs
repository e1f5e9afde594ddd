//! The snapshot: one immutable file of everything the feeds said, which answers in microseconds.
//!
//! It is read in place, from a memory map or from any other bytes; opening looks at header and
//! section bounds only. Every offset is checked where it is used: a damaged file gives
//! [`SnapshotError`], never a panic, and never silently fewer advisories. Whether the bytes are
//! the ones that were written is asked once, at installation, with [`verify`].
//!
//! Never opens a file and never changes one.

mod cursor;
mod diff;
pub(crate) mod earlier;
mod facts;
mod format;
mod info;
mod rows;
#[cfg(test)]
pub(crate) mod tests;
pub(crate) mod texts;
pub(crate) mod walk;
pub(crate) mod writer;

use std::cmp::Ordering;
use std::fmt;
use std::sync::OnceLock;

use plimsoll_core::{Digest, EndOfLife, SnapshotInfo, Timestamp, Vulnerability, VulnerabilityText};
use sha2::{Digest as _, Sha256};

use cursor::{Cursor, Table};
use format::{ALIAS_ENTRY_BYTES, Header, JAR_ENTRY_BYTES, KEY_ENTRY_BYTES, Section, corrupt, u32_at, u64_at};
use rows::{Block, Tables};

pub use diff::{Change, ChangedPackage, diff};
pub use format::SnapshotError;
pub use info::{FeedInfo, RealmInfo, RowFeedInfo, Stats};
pub use rows::{EndRef, RangeRef, Row, Rows};
pub use texts::{PackedTexts, TextReader};

/// An open snapshot. `B` is a memory map, a `Vec<u8>` or a `&[u8]`.
pub struct Snapshot<B> {
    bytes: B,
    header: Header,
    /// Prepared when the first text is asked for; `None` where zstd cannot read it.
    dictionary: OnceLock<Option<zstd::dict::DecoderDictionary<'static>>>,
}

impl<B> fmt::Debug for Snapshot<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digest = Digest::sha256(self.header.digest);
        f.debug_struct("Snapshot").field("sequence", &self.header.sequence).field("digest", &digest).finish()
    }
}

/// Compares a snapshot's bytes with the digest in its trailer. Reads everything; meant for the
/// moment when a snapshot is installed.
pub fn verify(bytes: &[u8]) -> Result<Digest, SnapshotError> {
    let header = Header::read(bytes)?;
    let content = bytes.get(..bytes.len() - format::TRAILER_BYTES).unwrap_or_default();
    let found = Digest::sha256(Sha256::digest(content).into());
    let expected = Digest::sha256(header.digest);
    if found == expected { Ok(found) } else { Err(SnapshotError::Digest { expected, found }) }
}

impl<B: AsRef<[u8]>> Snapshot<B> {
    /// Opens a snapshot: header, section bounds and trailer are looked at, nothing else.
    pub fn open(bytes: B) -> Result<Snapshot<B>, SnapshotError> {
        let header = Header::read(bytes.as_ref())?;
        Ok(Snapshot { bytes, header, dictionary: OnceLock::new() })
    }

    /// Its number; a later one is larger.
    pub fn sequence(&self) -> u64 {
        self.header.sequence
    }

    /// When it was built.
    pub fn built(&self) -> Timestamp {
        Timestamp(self.header.built_seconds)
    }

    /// The SHA-256 of its content (everything before the trailer), as its trailer says it. It
    /// is the snapshot's name; [`verify`] tells whether it is true.
    pub fn digest(&self) -> Digest {
        Digest::sha256(self.header.digest)
    }

    /// Whether its bytes are the ones that were written: as [`verify`], of one that is open.
    pub fn is_whole(&self) -> bool {
        verify(self.bytes.as_ref()).is_ok()
    }

    /// What a report says of the snapshot it was made with.
    pub fn info(&self) -> Result<SnapshotInfo, SnapshotError> {
        let feeds = self.feeds()?.into_iter().map(|feed| (feed.id, feed.data_date)).collect();
        Ok(SnapshotInfo { digest: self.digest(), sequence: self.sequence(), built: self.built(), feeds })
    }

    /// All rows about a package, in microseconds. A damaged place is an error among them.
    pub fn rows<'a>(&'a self, realm: &str, package: &str) -> Rows<'a> {
        match self.block(realm, package) {
            Ok(Some(block)) => Rows::of(block),
            Ok(None) => Rows::none(),
            Err(error) => Rows::failed(error),
        }
    }

    /// The facts about a vulnerability, by its canonical id or by any other. Where an id is an
    /// alias of several ([`Snapshot::named`]), the first in the order of ids.
    pub fn vulnerability(&self, id: &str) -> Result<Option<Vulnerability>, SnapshotError> {
        self.number(id)?.map(|number| self.facts(number)).transpose()
    }

    /// The texts about a vulnerability, by any of its ids.
    pub fn text(&self, id: &str) -> Result<Option<VulnerabilityText>, SnapshotError> {
        self.texts().text(id)
    }

    /// A reader for the texts of many vulnerabilities.
    pub fn texts(&self) -> TextReader<'_, B> {
        TextReader::of(self)
    }

    /// The canonical ids of everything that an id names: itself, if it is canonical, and whatever
    /// lists it as an alias. A CVE is its own vulnerability, and may also stand in an advisory
    /// about several.
    pub fn named(&self, id: &str) -> Result<Vec<&str>, SnapshotError> {
        let ids = self.ids_table();
        let canonical = self.canonical_number(id)?;
        let mut names: Vec<&str> =
            canonical.map(|number| ids.text(number)).transpose()?.into_iter().collect();
        for number in self.alias_numbers(id) {
            if canonical != Some(number) && self.has_alias(number, id)? {
                names.push(ids.text(number)?);
            }
        }
        Ok(names)
    }

    /// Whether any feed speaks of this realm. Where none does, "no rows" says nothing.
    pub fn covers(&self, realm: &str) -> bool {
        self.realms().is_ok_and(|realms| realms.iter().any(|it| it.realm == realm))
    }

    /// The known releases of a distribution (its `ID` in os-release).
    pub fn end_of_life(&self, distro_id: &str) -> Result<Vec<EndOfLife>, SnapshotError> {
        let mut all = self.all_end_of_life()?;
        all.retain(|it| it.distro_id == distro_id);
        Ok(all)
    }

    /// The channels that a repository belongs to, by its id; `None` where nobody knows it.
    pub fn repository_channels(&self, id: &str) -> Result<Option<Vec<&str>>, SnapshotError> {
        let table = self.table(Section::RepositoryOffsets, Section::Repositories);
        let (mut low, mut high) = (0, table.len());
        while low < high {
            let middle = low + (high - low) / 2;
            let mut cursor = Cursor::new(table.bytes(middle)?, Section::Repositories);
            match cursor.text()?.cmp(id) {
                Ordering::Less => low = middle + 1,
                Ordering::Greater => high = middle,
                Ordering::Equal => {
                    return (0..cursor.count()?).map(|_| cursor.text()).collect::<Result<_, _>>().map(Some);
                }
            }
        }
        Ok(None)
    }

    /// Whether there is a table of jars at all. Where there is none, an unknown jar says nothing.
    pub fn knows_jars(&self) -> bool {
        !self.section(Section::Jars).is_empty()
    }

    /// The Maven coordinates (`group:artifact:version`) of a jar with this SHA-1: usually one, and
    /// several where the same bytes were published under several names.
    pub fn jar(&self, sha1: &[u8; 20]) -> Result<Vec<&str>, SnapshotError> {
        let (entries, _) = self.section(Section::Jars).as_chunks::<JAR_ENTRY_BYTES>();
        let first = entries.partition_point(|entry| entry[..20] < sha1[..]);
        let same = entries.iter().skip(first).take_while(|entry| entry[..20] == sha1[..]);
        let names = self.section(Section::Coordinates);
        same.map(|entry| {
            let place = u32_at(entry, 20).unwrap_or(u32::MAX) as usize;
            let name = names.get(place..).ok_or_else(|| corrupt(Section::Jars, "an offset out of bounds"))?;
            Cursor::new(name, Section::Coordinates).text()
        })
        .collect()
    }

    /// Every (realm, package) that has rows, in no useful order.
    pub fn keys(&self) -> impl Iterator<Item = Result<(&str, &str), SnapshotError>> {
        let entries = self.section(Section::Keys).chunks_exact(KEY_ENTRY_BYTES);
        entries.map(|entry| {
            let block = self.block_at(u32_at(entry, 8).unwrap_or(u32::MAX))?;
            Ok((block.realm, block.package))
        })
    }

    /// The canonical ids of all vulnerabilities, in order.
    pub fn ids(&self) -> impl Iterator<Item = Result<&str, SnapshotError>> {
        let ids = self.ids_table();
        (0..ids.len()).map(move |number| ids.text(number))
    }

    /// The sections' names and sizes in bytes, for those who care where the room goes.
    pub fn sizes(&self) -> impl Iterator<Item = (&'static str, usize)> {
        Section::ALL.iter().map(|&section| (section.name(), self.section(section).len()))
    }

    fn section(&self, section: Section) -> &[u8] {
        let bounds = self.header.sections.get(section as usize).cloned().unwrap_or(0..0);
        self.bytes.as_ref().get(bounds).unwrap_or_default()
    }

    fn cursor(&self, section: Section) -> Cursor<'_> {
        Cursor::new(self.section(section), section)
    }

    fn table(&self, offsets: Section, section: Section) -> Table<'_> {
        Table::new(self.section(offsets), self.section(section), section)
    }

    fn ids_table(&self) -> Table<'_> {
        self.table(Section::IdOffsets, Section::Ids)
    }

    fn tables(&self) -> Tables<'_> {
        Tables {
            strings: self.table(Section::StringOffsets, Section::Strings),
            versions: self.table(Section::VersionOffsets, Section::Versions),
            ids: self.ids_table(),
        }
    }

    /// The block of a key, if the snapshot has it.
    fn block(&self, realm: &str, package: &str) -> Result<Option<Block<'_>>, SnapshotError> {
        let hash = format::key_hash(realm, package);
        for entry in equal_entries(self.section(Section::Keys), KEY_ENTRY_BYTES, hash) {
            let block = self.block_at(u32_at(entry, 8).unwrap_or(u32::MAX))?;
            // Names are compared, since two may have one hash.
            if block.package == package && block.realm == realm {
                return Ok(Some(block));
            }
        }
        Ok(None)
    }

    fn block_at(&self, offset: u32) -> Result<Block<'_>, SnapshotError> {
        let bytes = self.section(Section::Rows).get(offset as usize..);
        let bytes = bytes.ok_or_else(|| corrupt(Section::Keys, "an offset out of bounds"))?;
        Block::read(Cursor::new(bytes, Section::Rows), self.tables())
    }

    /// The number of a vulnerability, by any of its ids.
    fn number(&self, id: &str) -> Result<Option<usize>, SnapshotError> {
        if let Some(number) = self.canonical_number(id)? {
            return Ok(Some(number));
        }
        for number in self.alias_numbers(id) {
            if self.has_alias(number, id)? {
                return Ok(Some(number));
            }
        }
        Ok(None)
    }

    /// The place of a canonical id among all of them.
    fn canonical_number(&self, id: &str) -> Result<Option<usize>, SnapshotError> {
        let ids = self.ids_table();
        let (mut low, mut high) = (0, ids.len());
        while low < high {
            let middle = low + (high - low) / 2;
            match ids.bytes(middle)?.cmp(id.as_bytes()) {
                Ordering::Less => low = middle + 1,
                Ordering::Equal => return Ok(Some(middle)),
                Ordering::Greater => high = middle,
            }
        }
        Ok(None)
    }

    /// The vulnerabilities that may have this alias: those whose alias has its hash.
    fn alias_numbers(&self, id: &str) -> impl Iterator<Item = usize> {
        equal_entries(self.section(Section::Aliases), ALIAS_ENTRY_BYTES, format::alias_hash(id))
            .map(|entry| u32_at(entry, 8).unwrap_or(u32::MAX) as usize)
    }
}

/// Asks whatever these bytes are for up to `items_max` of each thing in them: for fuzz targets,
/// which want no panic and no endless work, and for a quick look at a copied file.
pub fn probe(bytes: &[u8], items_max: usize) -> Result<(), SnapshotError> {
    let snapshot = Snapshot::open(bytes)?;
    for key in snapshot.keys().take(items_max) {
        let (realm, package) = key?;
        for row in snapshot.rows(realm, package).take(items_max) {
            row?.to_advisory(realm);
        }
    }
    for id in snapshot.ids().take(items_max) {
        let id = id?;
        for alias in snapshot.vulnerability(id)?.unwrap_or_default().aliases.iter().take(items_max) {
            snapshot.named(alias)?;
        }
        snapshot.text(id)?;
    }
    for feed in snapshot.feeds()?.iter().take(items_max) {
        snapshot.quarantined(&feed.id)?;
    }
    snapshot.jar(&[0x5a; 20])?;
    snapshot.repository_channels("ubi-9-baseos-rpms")?;
    snapshot.info()?;
    snapshot.stats()?;
    snapshot.realms()?;
    snapshot.all_end_of_life()?;
    let earlier = earlier::Earlier::of(&snapshot)?;
    let mut seen = earlier.unseen();
    for block in earlier.blocks.iter().take(items_max) {
        earlier.rows(block, &mut seen)?;
        earlier.universe(block)?;
    }
    for number in (0u32..).take(earlier.ids.len().min(items_max)) {
        earlier.fact(number, &mut seen)?;
        earlier.text(number)?;
    }
    Ok(())
}

/// The entries whose first eight bytes are `hash`, in a section of sorted entries of one size.
fn equal_entries(entries: &[u8], entry_bytes: usize, hash: u64) -> impl Iterator<Item = &[u8]> {
    let at = move |index: usize| entries.get(index * entry_bytes..(index + 1) * entry_bytes);
    let hash_at = move |index: usize| u64_at(entries, index * entry_bytes).unwrap_or(u64::MAX);
    let (mut low, mut high) = (0, entries.len() / entry_bytes);
    while low < high {
        let middle = low + (high - low) / 2;
        if hash_at(middle) < hash { low = middle + 1 } else { high = middle }
    }
    (low..).map_while(at).take_while(move |entry| u64_at(entry, 0) == Some(hash))
}
