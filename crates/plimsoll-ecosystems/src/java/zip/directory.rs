//! The central directory: where it is, and its entries one after another.

use memchr::memmem;

use super::{u16_at, u32_at, u64_at};

/// The end record without its comment (4.3.16).
const END_BYTES: usize = 22;
const END_SIGNATURE: &[u8] = b"PK\x05\x06";
/// How far from the end of the file the end record may begin: its comment has at most 65,535 bytes.
const END_SEARCH_BYTES: usize = END_BYTES + 0xffff;
/// The record that says where the zip64 end record is (4.3.15).
const LOCATOR_BYTES: usize = 20;
const LOCATOR_SIGNATURE: &[u8] = b"PK\x06\x07";
/// The zip64 end record without extensions (4.3.14).
const END64_BYTES: usize = 56;
const END64_SIGNATURE: &[u8] = b"PK\x06\x06";
/// One entry of the directory without its name (4.3.12).
const ENTRY_BYTES: usize = 46;
const ENTRY_SIGNATURE: &[u8] = b"PK\x01\x02";
/// The header before an entry's data, without its name (4.3.7).
pub(super) const LOCAL_BYTES: usize = 30;
pub(super) const LOCAL_SIGNATURE: &[u8] = b"PK\x03\x04";
/// The extra field with the sizes that do not fit (4.5.3).
const ZIP64_EXTRA: u16 = 1;

/// Why an archive has no directory that could be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DirectoryError {
    /// Nothing of a zip archive is in it.
    NotZip,
    /// There are entries, but no end record: the archive is cut off.
    NoEnd,
    /// The end record points outside the archive.
    Outside,
}

impl DirectoryError {
    /// In words.
    pub(crate) fn what(self) -> &'static str {
        match self {
            DirectoryError::NotZip => "it is no zip archive",
            DirectoryError::NoEnd => "it has no central directory; it may be cut off",
            DirectoryError::Outside => "its end record points outside of it",
        }
    }
}

/// The entries of an archive, from its central directory.
#[derive(Clone, Copy)]
pub(crate) struct Directory<'a> {
    archive: &'a [u8],
    /// The records, with nothing before and nothing after.
    records: &'a [u8],
    /// Bytes before the archive proper: a script or a program that starts it.
    prefix_bytes: usize,
    /// How many entries the end record counts.
    pub(crate) entry_count: u64,
}

/// What the end record says.
struct End {
    entry_count: u64,
    size_bytes: u64,
    offset: u64,
    /// Where the directory must end.
    at: usize,
}

impl<'a> Directory<'a> {
    /// Finds the directory.
    pub(crate) fn find(archive: &'a [u8]) -> Result<Directory<'a>, DirectoryError> {
        let Some(at) = find_end(archive) else {
            let is_zip = memmem::find(archive, LOCAL_SIGNATURE).is_some();
            return Err(if is_zip { DirectoryError::NoEnd } else { DirectoryError::NotZip });
        };
        let end = read_end64(archive, at).or_else(|| read_end(archive, at)).ok_or(DirectoryError::Outside)?;
        end.directory(archive).ok_or(DirectoryError::Outside)
    }

    /// How many bytes of the archive reading an entry costs; none where they are not there.
    pub(crate) fn stored_bytes(&self, entry: &Entry<'a>) -> u64 {
        entry.stored(self).map_or(0, |stored| stored.len() as u64)
    }

    /// Its entries, in order. A record that is none ends them; see [`Entries::is_whole`].
    pub(crate) fn entries(&self) -> Entries<'a> {
        Entries { directory: *self, at: 0 }
    }
}

impl End {
    /// The place of the directory is reckoned from its end, as Java does, so that bytes before
    /// the archive do no harm.
    fn directory<'a>(&self, archive: &'a [u8]) -> Option<Directory<'a>> {
        let start = self.at.checked_sub(usize::try_from(self.size_bytes).ok()?)?;
        let prefix_bytes = start.checked_sub(usize::try_from(self.offset).ok()?)?;
        let records = archive.get(start..self.at)?;
        Some(Directory { archive, records, prefix_bytes, entry_count: self.entry_count })
    }
}

/// Where the last end record is; one whose comment fills the file exactly goes before others.
fn find_end(archive: &[u8]) -> Option<usize> {
    let start = archive.len().saturating_sub(END_SEARCH_BYTES);
    let tail = archive.get(start..)?;
    let mut sloppy = None;
    for at in memmem::rfind_iter(tail, END_SIGNATURE) {
        let Some(comment_bytes) = u16_at(tail, at + 20) else { continue };
        let end = at + END_BYTES + usize::from(comment_bytes);
        if end == tail.len() {
            return Some(start + at);
        }
        if sloppy.is_none() {
            sloppy = Some(start + at);
        }
    }
    sloppy
}

fn read_end(archive: &[u8], at: usize) -> Option<End> {
    Some(End {
        entry_count: u64::from(u16_at(archive, at + 10)?),
        size_bytes: u64::from(u32_at(archive, at + 12)?),
        offset: u64::from(u32_at(archive, at + 16)?),
        at,
    })
}

/// The zip64 end record, where there is one and the plain record leaves something to it.
fn read_end64(archive: &[u8], at: usize) -> Option<End> {
    let plain = read_end(archive, at)?;
    let is_full =
        plain.entry_count == 0xffff || plain.size_bytes == 0xffff_ffff || plain.offset == 0xffff_ffff;
    let locator = at.checked_sub(LOCATOR_BYTES)?;
    if !is_full || !archive.get(locator..)?.starts_with(LOCATOR_SIGNATURE) {
        return None;
    }
    let said = usize::try_from(u64_at(archive, locator + 8)?).ok();
    // With bytes before the archive the locator points too low; the record is then where
    // everybody writes it, directly before the locator.
    let places = [said, locator.checked_sub(END64_BYTES)];
    let is_record = |at: &usize| archive.get(*at..).is_some_and(|it| it.starts_with(END64_SIGNATURE));
    let at = places.into_iter().flatten().find(is_record)?;
    Some(End {
        entry_count: u64_at(archive, at + 32)?,
        size_bytes: u64_at(archive, at + 40)?,
        offset: u64_at(archive, at + 48)?,
        at,
    })
}

/// One entry as the directory describes it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry<'a> {
    /// Its name, as written.
    pub(crate) name: &'a [u8],
    /// How its data are compressed: 0 not at all, 8 deflate.
    pub(crate) method: u16,
    /// Whether its data are encrypted.
    pub(crate) is_encrypted: bool,
    /// The checksum of its data.
    pub(crate) crc32: u32,
    /// Its size in the archive.
    pub(crate) compressed_bytes: u64,
    /// Its size.
    pub(crate) size_bytes: u64,
    local_offset: u64,
}

impl<'a> Entry<'a> {
    /// The header before its data, if it is where the directory says, and what follows it.
    fn local(&self, directory: &Directory<'a>) -> Option<&'a [u8]> {
        let at = usize::try_from(self.local_offset).ok()?.checked_add(directory.prefix_bytes)?;
        directory.archive.get(at..).filter(|it| it.starts_with(LOCAL_SIGNATURE))
    }

    /// Whether the header before its data has another name than the directory. Programs that
    /// read an archive from its beginning then see other entries than those that read its end.
    pub(crate) fn is_named_differently(&self, directory: &Directory<'a>) -> bool {
        self.local(directory).is_some_and(|local| {
            let name_bytes = usize::from(u16_at(local, 26).unwrap_or_default());
            local.get(LOCAL_BYTES..LOCAL_BYTES + name_bytes) != Some(self.name)
        })
    }

    /// Its data as stored.
    pub(super) fn stored(&self, directory: &Directory<'a>) -> Option<&'a [u8]> {
        let local = self.local(directory)?;
        let (name_bytes, extra_bytes) = (u16_at(local, 26)?, u16_at(local, 28)?);
        let start = LOCAL_BYTES + usize::from(name_bytes) + usize::from(extra_bytes);
        local.get(start..start.checked_add(usize::try_from(self.compressed_bytes).ok()?)?)
    }
}

/// An iterator over the entries of a directory.
pub(crate) struct Entries<'a> {
    directory: Directory<'a>,
    at: usize,
}

impl Entries<'_> {
    /// Whether the directory was read to its very end.
    pub(crate) fn is_whole(&self) -> bool {
        self.at == self.directory.records.len()
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = Entry<'a>;

    fn next(&mut self) -> Option<Entry<'a>> {
        let record = self.directory.records.get(self.at..)?;
        let (entry, record_bytes) = read_entry(record)?;
        self.at = self.at.checked_add(record_bytes)?;
        Some(entry)
    }
}

/// The entry at the beginning of `record`, and the size of its record.
fn read_entry(record: &[u8]) -> Option<(Entry<'_>, usize)> {
    if !record.starts_with(ENTRY_SIGNATURE) {
        return None;
    }
    let name_end = ENTRY_BYTES + usize::from(u16_at(record, 28)?);
    let extra_end = name_end + usize::from(u16_at(record, 30)?);
    let record_bytes = extra_end + usize::from(u16_at(record, 32)?);
    let (name, extra) = (record.get(ENTRY_BYTES..name_end)?, record.get(name_end..extra_end)?);
    record.get(..record_bytes)?;
    let mut entry = Entry {
        name,
        method: u16_at(record, 10)?,
        is_encrypted: u16_at(record, 8)? & 1 != 0,
        crc32: u32_at(record, 16)?,
        compressed_bytes: u64::from(u32_at(record, 20)?),
        size_bytes: u64::from(u32_at(record, 24)?),
        local_offset: u64::from(u32_at(record, 42)?),
    };
    entry.widen(extra);
    Some((entry, record_bytes))
}

impl Entry<'_> {
    /// Takes the numbers that do not fit in 32 bits from the zip64 extra field, which holds
    /// only those, in this order.
    fn widen(&mut self, mut extra: &[u8]) {
        while let (Some(kind), Some(field_bytes)) = (u16_at(extra, 0), u16_at(extra, 2)) {
            let end = 4 + usize::from(field_bytes);
            let Some(field) = extra.get(4..end) else { return };
            if kind == ZIP64_EXTRA {
                let mut at = 0;
                for number in [&mut self.size_bytes, &mut self.compressed_bytes, &mut self.local_offset] {
                    if *number == 0xffff_ffff
                        && let Some(wide) = u64_at(field, at)
                    {
                        *number = wide;
                        at += 8;
                    }
                }
                return;
            }
            extra = extra.get(end..).unwrap_or_default();
        }
    }
}
