//! The layout of a snapshot's file, shared by what writes it and what reads it.
//!
//! Little-endian throughout. Header, section table, sections, trailer:
//!
//! ```text
//! 0   magic "PLIMSOLL"          8      40  number of sections    4
//! 8   format version            4      44  (zero)                4
//! 12  (zero)                    4      48  one entry a section: offset 8, length 8
//! 16  length of the file        8      ..  the sections
//! 24  sequence                  8     -40  SHA-256 of everything before it   32
//! 32  built, seconds since 1970 8      -8  magic "LLOSMILP"                   8
//! ```
//!
//! The format version is raised whenever the meaning of a byte changes; a reader reads one
//! version only, because a snapshot can always be built again.

use std::ops::Range;

use thiserror::Error;

/// The first bytes of every snapshot.
pub(crate) const MAGIC: &[u8; 8] = b"PLIMSOLL";
/// The last bytes of every snapshot: their absence shows a file that was cut short.
pub(crate) const MAGIC_END: &[u8; 8] = b"LLOSMILP";
/// The only version that is read and written.
pub(crate) const FORMAT_VERSION: u32 = 4;
/// Bytes before the section table.
pub(crate) const HEADER_BYTES: usize = 48;
/// Bytes of one entry of the section table.
pub(crate) const SECTION_ENTRY_BYTES: usize = 16;
/// Digest and end mark.
pub(crate) const TRAILER_BYTES: usize = 40;
/// Bytes of one entry of the key index: hash 8, offset of the block 4.
pub(crate) const KEY_ENTRY_BYTES: usize = 12;
/// Bytes of one entry of the alias index: hash 8, number of the vulnerability 4.
pub(crate) const ALIAS_ENTRY_BYTES: usize = 12;
/// Bytes of one entry of the index of jars: SHA-1 20, offset of the coordinates 4.
pub(crate) const JAR_ENTRY_BYTES: usize = 24;
/// The most bytes that the texts of one vulnerability have when unpacked.
pub(crate) const TEXT_BYTES_MAX: usize = 1 << 20;

/// The sections, in the order of the section table. An offset table belongs to the data behind
/// it: entry *n* to *n + 1* bound item *n*.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    /// Offsets of the strings that several records share.
    StringOffsets,
    /// Those strings.
    Strings,
    /// Offsets of the versions listed one by one.
    VersionOffsets,
    /// Those versions, grouped by package.
    Versions,
    /// The realms and how much is known of each.
    Realms,
    /// Names of the feeds that rows come from, and how many rows each has.
    RowFeeds,
    /// Sorted hashes of (realm, package), and where the rows lie.
    Keys,
    /// The rows, one block a key.
    Rows,
    /// Offsets of the canonical ids.
    IdOffsets,
    /// The canonical ids in order; a vulnerability's number is its place here.
    Ids,
    /// Sorted hashes of the other ids, and the vulnerability's number.
    Aliases,
    /// Offsets of the facts.
    FactOffsets,
    /// What is known of each vulnerability besides its texts.
    Facts,
    /// Offsets of the texts.
    TextOffsets,
    /// The texts, each packed by itself with the dictionary.
    Texts,
    /// The dictionary.
    Dictionary,
    /// What was said of the feeds as a whole.
    Feeds,
    /// Records set aside.
    Quarantine,
    /// End-of-life dates.
    EndOfLife,
    /// Offsets of the repositories.
    RepositoryOffsets,
    /// Ids of repositories in order, each with the channels that it belongs to.
    Repositories,
    /// Sorted SHA-1s of jars, and where their coordinates lie. One jar may have several.
    Jars,
    /// Maven coordinates, each once, with their length in front.
    Coordinates,
}

impl Section {
    /// All of them, in order.
    pub(crate) const ALL: [Section; 23] = [
        Section::StringOffsets,
        Section::Strings,
        Section::VersionOffsets,
        Section::Versions,
        Section::Realms,
        Section::RowFeeds,
        Section::Keys,
        Section::Rows,
        Section::IdOffsets,
        Section::Ids,
        Section::Aliases,
        Section::FactOffsets,
        Section::Facts,
        Section::TextOffsets,
        Section::Texts,
        Section::Dictionary,
        Section::Feeds,
        Section::Quarantine,
        Section::EndOfLife,
        Section::RepositoryOffsets,
        Section::Repositories,
        Section::Jars,
        Section::Coordinates,
    ];

    /// How many there are.
    pub(crate) const COUNT: usize = Section::ALL.len();

    /// For messages.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Section::StringOffsets => "string offsets",
            Section::Strings => "strings",
            Section::VersionOffsets => "version offsets",
            Section::Versions => "versions",
            Section::Realms => "realms",
            Section::RowFeeds => "row feeds",
            Section::Keys => "keys",
            Section::Rows => "rows",
            Section::IdOffsets => "id offsets",
            Section::Ids => "ids",
            Section::Aliases => "aliases",
            Section::FactOffsets => "fact offsets",
            Section::Facts => "facts",
            Section::TextOffsets => "text offsets",
            Section::Texts => "texts",
            Section::Dictionary => "dictionary",
            Section::Feeds => "feeds",
            Section::Quarantine => "quarantine",
            Section::EndOfLife => "end of life",
            Section::RepositoryOffsets => "repository offsets",
            Section::Repositories => "repositories",
            Section::Jars => "jars",
            Section::Coordinates => "coordinates",
        }
    }
}

/// Why a snapshot cannot be read. Whatever is said here, the answer is never "no advisories".
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SnapshotError {
    /// Other bytes altogether.
    #[error("this is no vulnerability database of Plimsoll")]
    NotASnapshot,
    /// Written by another version of Plimsoll.
    #[error("the database has format {found}, this Plimsoll reads format {FORMAT_VERSION}: update it again")]
    FormatVersion {
        /// The version in its header.
        found: u32,
    },
    /// Shorter or longer than its header says.
    #[error("the database has {found_bytes} bytes and should have {expected_bytes}: it was cut short")]
    Length {
        /// What the header says.
        expected_bytes: u64,
        /// What there is.
        found_bytes: u64,
    },
    /// Its bytes are not the ones that were written.
    #[error("the database's SHA-256 is {found}, and should be {expected}")]
    Digest {
        /// What its trailer says.
        expected: plimsoll_core::Digest,
        /// What its bytes come to.
        found: plimsoll_core::Digest,
    },
    /// A number or text inside it cannot be right.
    #[error("the database is damaged: {what} in section `{section}`")]
    Corrupt {
        /// The section it is in.
        section: &'static str,
        /// What is wrong there.
        what: &'static str,
    },
}

/// Shorthand for a damaged place.
pub(crate) fn corrupt(section: Section, what: &'static str) -> SnapshotError {
    SnapshotError::Corrupt { section: section.name(), what }
}

/// What the header says.
#[derive(Clone, Debug)]
pub(crate) struct Header {
    pub(crate) sequence: u64,
    pub(crate) built_seconds: i64,
    pub(crate) sections: [Range<usize>; Section::COUNT],
    pub(crate) digest: [u8; 32],
}

impl Header {
    /// Reads header, section table and trailer; looks at nothing else.
    pub(crate) fn read(bytes: &[u8]) -> Result<Header, SnapshotError> {
        if bytes.get(..MAGIC.len()) != Some(MAGIC) {
            return Err(SnapshotError::NotASnapshot);
        }
        let found_bytes = bytes.len() as u64;
        let version = u32_at(bytes, 8).ok_or(SnapshotError::Length { expected_bytes: 88, found_bytes })?;
        if version != FORMAT_VERSION {
            return Err(SnapshotError::FormatVersion { found: version });
        }
        let expected_bytes =
            u64_at(bytes, 16).ok_or(SnapshotError::Length { expected_bytes: 88, found_bytes })?;
        let cut = SnapshotError::Length { expected_bytes, found_bytes };
        if expected_bytes != found_bytes {
            return Err(cut);
        }
        let end = bytes.len().checked_sub(TRAILER_BYTES).ok_or_else(|| cut.clone())?;
        if bytes.get(end + 32..) != Some(MAGIC_END) {
            return Err(cut);
        }
        let damaged = SnapshotError::Corrupt { section: "header", what: "bounds of a section" };
        if u32_at(bytes, 40).map(|count| count as usize) != Some(Section::COUNT) {
            return Err(damaged);
        }
        let mut sections: [Range<usize>; Section::COUNT] = std::array::from_fn(|_| 0..0);
        for (index, section) in sections.iter_mut().enumerate() {
            *section = section_bounds(bytes, index, end).ok_or_else(|| damaged.clone())?;
        }
        let digest = bytes.get(end..end + 32).and_then(|it| it.try_into().ok()).ok_or(cut)?;
        Ok(Header {
            sequence: u64_at(bytes, 24).unwrap_or_default(),
            built_seconds: u64_at(bytes, 32).unwrap_or_default().cast_signed(),
            sections,
            digest,
        })
    }
}

/// The bounds of one section, if they lie between the section table and the trailer.
fn section_bounds(bytes: &[u8], index: usize, end: usize) -> Option<Range<usize>> {
    let entry = HEADER_BYTES + index * SECTION_ENTRY_BYTES;
    let offset = usize::try_from(u64_at(bytes, entry)?).ok()?;
    let length = usize::try_from(u64_at(bytes, entry + 8)?).ok()?;
    let section_end = offset.checked_add(length)?;
    let first = HEADER_BYTES + Section::COUNT * SECTION_ENTRY_BYTES;
    (first <= offset && section_end <= end).then_some(offset..section_end)
}

/// Four bytes as a number.
#[inline]
pub(crate) fn u32_at(bytes: &[u8], offset: usize) -> Option<u32> {
    let four = bytes.get(offset..offset.checked_add(4)?)?;
    Some(u32::from_le_bytes(four.try_into().ok()?))
}

/// Eight bytes as a number.
pub(crate) fn u64_at(bytes: &[u8], offset: usize) -> Option<u64> {
    let eight = bytes.get(offset..offset.checked_add(8)?)?;
    Some(u64::from_le_bytes(eight.try_into().ok()?))
}

/// The hash under which a package's rows are found. Names are compared on a hit, so that a
/// collision costs a comparison and nothing else.
pub(crate) fn key_hash(realm: &str, package: &str) -> u64 {
    xxhash_rust::xxh3::xxh3_64_with_seed(package.as_bytes(), xxhash_rust::xxh3::xxh3_64(realm.as_bytes()))
}

/// The hash under which an alias is found.
pub(crate) fn alias_hash(id: &str) -> u64 {
    xxhash_rust::xxh3::xxh3_64(id.as_bytes())
}
