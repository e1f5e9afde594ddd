//! rpm headers as a database keeps them: an index of tags over a store of data.
//!
//! Layout after rpm's manual ("Package format", `docs/manual/format_header.md`): two counts,
//! index entries of sixteen bytes, data; all numbers big-endian whatever the database's own
//! order. Headers of rpm 3 and 4.0 have no region and list files by whole names.
//!
//! Never trusts a count or an offset, and never verifies a signature.

use plimsoll_core::{ImagePath, Package, SourcePackage};

use super::bytes::{ByteOrder, index, slice};

/// Tags, by the numbers of rpm's `rpmtag.h`.
mod tag {
    pub(super) const REGIONS: std::ops::RangeInclusive<u32> = 61..=63;
    pub(super) const NAME: u32 = 1000;
    pub(super) const VERSION: u32 = 1001;
    pub(super) const RELEASE: u32 = 1002;
    pub(super) const EPOCH: u32 = 1003;
    pub(super) const VENDOR: u32 = 1011;
    pub(super) const LICENSE: u32 = 1014;
    pub(super) const ARCH: u32 = 1022;
    pub(super) const OLD_FILE_NAMES: u32 = 1027;
    pub(super) const SOURCE_RPM: u32 = 1044;
    pub(super) const DIRECTORY_INDEXES: u32 = 1116;
    pub(super) const BASE_NAMES: u32 = 1117;
    pub(super) const DIRECTORY_NAMES: u32 = 1118;
    pub(super) const MODULARITY_LABEL: u32 = 5096;
}

/// Data types, by the numbers of rpm's `rpmtag.h`.
mod kind {
    pub(super) const INT32: u32 = 4;
    pub(super) const STRING: u32 = 6;
    pub(super) const BINARY: u32 = 7;
    pub(super) const STRING_ARRAY: u32 = 8;
    pub(super) const I18N_STRING: u32 = 9;
}

/// What a header begins with in an `.rpm` file; databases leave it out, but not all tools that
/// write databases did.
const MAGIC: [u8; 4] = [0x8e, 0xad, 0xe8, 0x01];
const ENTRY_BYTES: usize = 16;
/// No text that we keep is longer; the longest licence texts seen have some hundred bytes.
const TEXT_BYTES_MAX: usize = 64 << 10;
/// `PATH_MAX` of Linux: a longer name cannot have been installed.
const PATH_BYTES_MAX: usize = 4096;
/// What keeping a path costs besides its bytes.
const PATH_OVERHEAD_BYTES: usize = 48;

/// Why a header, or one of its tags, cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct HeaderError(pub(super) String);

impl HeaderError {
    fn new(what: &str) -> HeaderError {
        HeaderError(what.to_owned())
    }
}

/// A header, by reference to the bytes it lies in.
#[derive(Clone, Copy)]
pub(super) struct Header<'a> {
    index: &'a [u8],
    data: &'a [u8],
    /// How many index entries are of the immutable region; later ones replace them.
    region_entries: usize,
    /// The data store is shorter than the header says.
    truncated: bool,
}

/// One index entry.
#[derive(Clone, Copy)]
struct Entry {
    tag: u32,
    kind: u32,
    offset: u32,
    count: u32,
}

impl Entry {
    fn of(bytes: &[u8]) -> Option<Entry> {
        let number = |at| ByteOrder::Big.u32(bytes, at);
        Some(Entry { tag: number(0)?, kind: number(4)?, offset: number(8)?, count: number(12)? })
    }
}

impl<'a> Header<'a> {
    /// Splits a blob into index and data.
    ///
    /// A data store that ends early is no error here: what tags it still holds can be read.
    pub(super) fn parse(blob: &'a [u8]) -> Result<Header<'a>, HeaderError> {
        let blob = blob.strip_prefix(&MAGIC).and_then(|rest| rest.get(4..)).unwrap_or(blob);
        let counts = ByteOrder::Big.u32(blob, 0).zip(ByteOrder::Big.u32(blob, 4));
        let (entries, data_bytes) = counts.ok_or_else(|| HeaderError::new("is too short for a header"))?;
        if entries == 0 {
            return Err(HeaderError::new("has an empty index"));
        }
        let index_bytes = index(entries).checked_mul(ENTRY_BYTES);
        let index_slice = index_bytes
            .and_then(|length| slice(blob, 8, length))
            .ok_or_else(|| HeaderError(format!("has {entries} index entries, more than fit")))?;
        let rest = blob.get(8 + index_slice.len()..).unwrap_or_default();
        let data = rest.get(..index(data_bytes)).unwrap_or(rest);
        let mut header = Header {
            index: index_slice,
            data,
            region_entries: index(entries),
            truncated: data.len() < index(data_bytes),
        };
        if let Some(entries) = header.region() {
            header.region_entries = entries;
        }
        Ok(header)
    }

    /// Whether the data store ends earlier than the header says.
    pub(super) fn is_truncated(&self) -> bool {
        self.truncated
    }

    /// The number of entries in the region, if there is a sound one: its trailer says so with
    /// a negative offset.
    fn region(&self) -> Option<usize> {
        let first = Entry::of(self.index)?;
        if !tag::REGIONS.contains(&first.tag) || first.kind != kind::BINARY || first.count != 16 {
            return None;
        }
        let trailer = slice(self.data, index(first.offset), ENTRY_BYTES)?;
        let back = ByteOrder::Big.u32(trailer, 8)?.cast_signed().checked_neg()?;
        let entries = usize::try_from(back).ok()? / ENTRY_BYTES;
        (1..=self.index.len() / ENTRY_BYTES).contains(&entries).then_some(entries)
    }

    /// The entry that counts: the first of the region, or the last added after it
    /// (rpm's `headerImport`: "dribble" entries replace those of the region).
    fn find(&self, tag: u32) -> Option<Entry> {
        let wanted = tag.to_be_bytes();
        let (region, added) = self.index.split_at_checked(self.region_entries * ENTRY_BYTES)?;
        let entries =
            |index: &'a [u8]| index.chunks_exact(ENTRY_BYTES).filter(move |it| it.starts_with(&wanted));
        Entry::of(entries(added).next_back().or_else(|| entries(region).next())?)
    }

    /// The first text of a tag; `None` where the header has no such tag.
    fn text(&self, tag: u32) -> Result<Option<String>, HeaderError> {
        let Some(entry) = self.find(tag) else { return Ok(None) };
        if !matches!(entry.kind, kind::STRING | kind::STRING_ARRAY | kind::I18N_STRING) {
            return Err(HeaderError(format!("tag {tag} is no text")));
        }
        if entry.count == 0 {
            return Err(HeaderError(format!("tag {tag} has no value")));
        }
        let bytes = self.data.get(index(entry.offset)..).and_then(|rest| Some(split_text(rest)?.0));
        match bytes {
            None => Err(HeaderError(format!("tag {tag} lies outside the header or has no end"))),
            Some(bytes) if bytes.len() > TEXT_BYTES_MAX => {
                Err(HeaderError(format!("tag {tag} has {} bytes", bytes.len())))
            }
            Some(bytes) => Ok(Some(String::from_utf8_lossy(bytes).into_owned())),
        }
    }

    /// All texts of a tag; `None` where the header has no such tag.
    fn texts(&self, tag: u32) -> Result<Option<Vec<&'a [u8]>>, HeaderError> {
        let Some(entry) = self.find(tag) else { return Ok(None) };
        if entry.kind != kind::STRING_ARRAY && entry.kind != kind::STRING {
            return Err(HeaderError(format!("tag {tag} is no list of texts")));
        }
        let mut rest = self.data.get(index(entry.offset)..).unwrap_or_default();
        let mut texts = Vec::new();
        for _ in 0..entry.count {
            let (text, behind) = split_text(rest)
                .ok_or_else(|| HeaderError(format!("tag {tag} lies outside the header or has no end")))?;
            texts.push(text);
            rest = behind;
        }
        Ok(Some(texts))
    }

    /// All numbers of a tag; `None` where the header has no such tag.
    fn numbers(&self, tag: u32) -> Result<Option<Vec<u32>>, HeaderError> {
        let Some(entry) = self.find(tag) else { return Ok(None) };
        if entry.kind != kind::INT32 {
            return Err(HeaderError(format!("tag {tag} is no number")));
        }
        let bytes = index(entry.count)
            .checked_mul(4)
            .and_then(|length| slice(self.data, index(entry.offset), length))
            .ok_or_else(|| HeaderError(format!("tag {tag} lies outside the header")))?;
        Ok(Some(bytes.chunks_exact(4).filter_map(|four| ByteOrder::Big.u32(four, 0)).collect()))
    }

    /// The package's name.
    pub(super) fn name(&self) -> Result<String, HeaderError> {
        let name = self.text(tag::NAME)?.filter(|name| !name.is_empty());
        name.ok_or_else(|| HeaderError::new("names no package"))
    }

    /// The package, and what of it could not be read; without a name there is no package.
    pub(super) fn package(&self) -> Result<(Package, Vec<HeaderError>), HeaderError> {
        let name = self.name()?;
        let mut errors = Vec::new();
        let mut text = |tag| match self.text(tag) {
            Ok(text) => text.filter(|text| !text.is_empty()),
            Err(error) => {
                errors.push(error);
                None
            }
        };
        let (version, release) = (text(tag::VERSION), text(tag::RELEASE));
        let source_rpm = text(tag::SOURCE_RPM);
        let mut package = Package {
            kind: "rpm".to_owned(),
            name,
            version: String::new(),
            architecture: text(tag::ARCH),
            source: source_rpm.as_deref().and_then(source_package),
            source_rpm,
            vendor: text(tag::VENDOR),
            module: text(tag::MODULARITY_LABEL),
            license: text(tag::LICENSE),
            ..Package::default()
        };
        let epoch = self.numbers(tag::EPOCH).unwrap_or_else(|error| {
            errors.push(error);
            None
        });
        if version.is_none() || release.is_none() {
            errors.push(HeaderError::new("has no whole version"));
        }
        package.version = evr(epoch.and_then(|epoch| epoch.first().copied()), version, release);
        Ok((package, errors))
    }

    /// The files that the package says are its own. `bytes_left` bounds what all paths
    /// together cost: a directory's name costs its length once in the header, but once for each
    /// file in the answer.
    pub(super) fn files(&self, bytes_left: &mut usize) -> Result<Vec<ImagePath>, HeaderError> {
        let base_names = self.texts(tag::BASE_NAMES)?;
        let Some(base_names) = base_names else {
            let names = self.texts(tag::OLD_FILE_NAMES)?.unwrap_or_default();
            return names.into_iter().map(|name| path(&[name], bytes_left)).collect();
        };
        let directories = self.texts(tag::DIRECTORY_NAMES)?.unwrap_or_default();
        let indexes = self.numbers(tag::DIRECTORY_INDEXES)?.unwrap_or_default();
        if indexes.len() != base_names.len() {
            return Err(HeaderError::new("has not one directory for each file"));
        }
        let pairs = base_names.into_iter().zip(indexes);
        pairs
            .map(|(base_name, at)| {
                let directory = directories.get(index(at));
                let directory =
                    directory.ok_or_else(|| HeaderError::new("names a directory that it does not have"))?;
                path(&[directory, base_name], bytes_left)
            })
            .collect()
    }
}

/// A text up to its final NUL, and what follows.
fn split_text(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|byte| *byte == 0)?;
    Some((bytes.get(..end)?, bytes.get(end + 1..)?))
}

/// `[epoch:]version-release`. Epoch 0 and no epoch are the same version (rpm's manual,
/// "Versioning"), so they are the same text.
pub(super) fn evr(epoch: Option<u32>, version: Option<String>, release: Option<String>) -> String {
    let mut text = epoch.filter(|epoch| *epoch != 0).map(|epoch| format!("{epoch}:")).unwrap_or_default();
    text.push_str(&version.unwrap_or_default());
    if let Some(release) = release {
        text.push('-');
        text.push_str(&release);
    }
    text
}

/// Name and version of the source out of `name-version-release.src.rpm`.
///
/// The epoch is not in a file name, so it is not in the version either; see `source_epoch`.
pub(super) fn source_package(file_name: &str) -> Option<SourcePackage> {
    let stem = file_name.strip_suffix(".rpm").unwrap_or(file_name);
    let stem = stem.strip_suffix(".src").or_else(|| stem.strip_suffix(".nosrc"))?;
    let (rest, release) = stem.rsplit_once('-')?;
    let (name, version) = rest.rsplit_once('-')?;
    if name.is_empty() || version.is_empty() || release.is_empty() {
        return None;
    }
    Some(SourcePackage { name: name.to_owned(), version: Some(format!("{version}-{release}")) })
}

fn path(parts: &[&[u8]], bytes_left: &mut usize) -> Result<ImagePath, HeaderError> {
    let length = parts.iter().map(|part| part.len()).sum::<usize>();
    if length > PATH_BYTES_MAX {
        return Err(HeaderError(format!("has a path of {length} bytes")));
    }
    *bytes_left = bytes_left
        .checked_sub(length + PATH_OVERHEAD_BYTES)
        .ok_or_else(|| HeaderError::new("has more bytes of paths than the database could honestly hold"))?;
    ImagePath::from_entry_name(&parts.concat())
        .map_err(|error| HeaderError(format!("has a path that is none: {error}")))
}
