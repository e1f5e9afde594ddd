//! The tar format as layers in the field use it: ustar, pax (POSIX.1-2001) and GNU's extensions.
//!
//! Where archives can be read in more than one way it is Go's `archive/tar` that decides, since
//! container engines unpack with it: whatever else was read here would hide what a container has.
//!
//! Reads headers only; whose content is wanted is decided in [`crate::walk`]. Every length that
//! a header claims is looked at before it is believed.

use std::collections::BTreeMap;

/// The size of a tar block in bytes.
pub(crate) const BLOCK_BYTES: usize = 512;

/// What kind of entry a header announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EntryKind {
    Regular,
    /// Of the oldest archives: a regular file, or a directory if its name ends with a slash.
    OldRegular,
    HardLink,
    SymbolicLink,
    Directory,
    /// A device, a FIFO or a socket.
    Special,
    /// Extended header for the next entry.
    PaxLocal,
    /// Extended header for all that follow.
    PaxGlobal,
    /// GNU: the next entry's name.
    LongName,
    /// GNU: the next entry's link target.
    LongLink,
    /// GNU: a sparse file, old form.
    Sparse,
    /// GNU: a volume label, a directory dump and the like, which are no files.
    Ignored,
}

/// One header block, read but not yet believed.
#[derive(Clone, Debug)]
pub(crate) struct Header {
    pub(crate) kind: EntryKind,
    /// The name with its ustar prefix.
    pub(crate) name: Vec<u8>,
    pub(crate) link: Vec<u8>,
    /// Bytes that follow, without padding; `None` where the field cannot be read.
    pub(crate) size_bytes: Option<u64>,
    /// For old GNU sparse files: the four first pieces of the map, the file's real size, and
    /// whether more of the map follows.
    pub(crate) sparse: Option<OldSparse>,
    /// A character device whose major and minor number are both zero.
    pub(crate) device_zero: bool,
}

/// The first pieces of an old GNU sparse map, the file's real size, and whether more follows.
pub(crate) type OldSparse = (Vec<(u64, u64)>, u64, bool);

/// What a block turned out to be.
#[derive(Debug)]
pub(crate) enum Block {
    Header(Box<Header>),
    /// All zeros: one of the two that end an archive.
    Zero,
    /// The checksum does not agree.
    BadChecksum,
}

/// Reads one block.
pub(crate) fn read_block(block: &[u8; BLOCK_BYTES]) -> Block {
    if block.iter().all(|byte| *byte == 0) {
        return Block::Zero;
    }
    if !checksum_agrees(block) {
        return Block::BadChecksum;
    }
    let format = Format::of(block);
    let name = until_nul(&block[..100]);
    let name = match prefix(block, format) {
        b"" => name.to_vec(),
        prefix => [prefix, b"/", name].concat(),
    };
    let kind = match block[156] {
        b'1' => EntryKind::HardLink,
        b'2' => EntryKind::SymbolicLink,
        b'3' | b'4' | b'6' => EntryKind::Special,
        b'5' => EntryKind::Directory,
        b'x' | b'X' => EntryKind::PaxLocal,
        b'g' => EntryKind::PaxGlobal,
        b'L' => EntryKind::LongName,
        b'K' => EntryKind::LongLink,
        b'S' => EntryKind::Sparse,
        b'V' | b'D' | b'M' | b'N' => EntryKind::Ignored,
        0 => EntryKind::OldRegular,
        // POSIX: unknown types are read as regular files.
        _ => EntryKind::Regular,
    };
    let sparse = (kind == EntryKind::Sparse).then(|| {
        (sparse_pieces(&block[386..482]), number(&block[483..495]).unwrap_or(u64::MAX), block[482] != 0)
    });
    Block::Header(Box::new(Header {
        kind,
        name,
        link: until_nul(&block[157..257]).to_vec(),
        size_bytes: number(&block[124..136]),
        sparse,
        device_zero: block[156] == b'3'
            && (format == Format::V7
                || number(&block[329..337]).unwrap_or(0) == 0 && number(&block[337..345]).unwrap_or(0) == 0),
    }))
}

/// What a header's magic says that its later fields are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    /// There are none.
    V7,
    Ustar,
    /// Jörg Schilling's: ustar with a shorter prefix.
    Star,
    Gnu,
}

impl Format {
    fn of(block: &[u8; BLOCK_BYTES]) -> Format {
        match &block[257..265] {
            [b'u', b's', b't', b'a', b'r', 0, ..] if &block[508..] == b"tar\0" => Format::Star,
            [b'u', b's', b't', b'a', b'r', 0, ..] => Format::Ustar,
            b"ustar  \0" => Format::Gnu,
            _ => Format::V7,
        }
    }
}

/// What stands before the name; empty if nothing does.
fn prefix(block: &[u8; BLOCK_BYTES], format: Format) -> &[u8] {
    match format {
        Format::V7 => &[],
        Format::Ustar => until_nul(&block[345..500]),
        Format::Star => until_nul(&block[345..476]),
        // GNU has two times there. Go before 1.8 wrote a prefix over them by mistake
        // (golang.org/issue/12594), and there are images of that age.
        Format::Gnu => {
            let times = [&block[345..357], &block[357..369]];
            let unreadable = times.iter().any(|time| time[0] != 0 && numeric(time).is_none());
            let prefix = until_nul(&block[345..500]);
            if unreadable && prefix.is_ascii() { prefix } else { &[] }
        }
    }
}

/// The pieces (offset, length) in a run of 24-byte sparse entries; one that begins with NUL ends it.
pub(crate) fn sparse_pieces(bytes: &[u8]) -> Vec<(u64, u64)> {
    bytes
        .chunks_exact(24)
        .take_while(|piece| piece[0] != 0)
        .map_while(|piece| Some((number(&piece[..12])?, number(&piece[12..])?)))
        .collect()
}

fn until_nul(field: &[u8]) -> &[u8] {
    let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
    &field[..end]
}

/// A number in octal digits or, with the top bit set, in base 256; `None` if it is negative, too
/// large or no number.
fn number(field: &[u8]) -> Option<u64> {
    u64::try_from(numeric(field)?).ok()
}

/// The same, where it may be negative.
fn numeric(field: &[u8]) -> Option<i64> {
    match field.split_first() {
        Some((first, rest)) if first & 0x80 != 0 => base_256(*first, rest),
        _ => octal(field),
    }
}

/// Two's complement behind the bit that says so.
fn base_256(first: u8, rest: &[u8]) -> Option<i64> {
    let sign = if first & 0x40 == 0 { 0 } else { 0xff };
    let value = rest.iter().try_fold(i64::from((first ^ sign) & 0x7f), |value, byte| {
        value.checked_mul(256)?.checked_add(i64::from(byte ^ sign))
    })?;
    Some(if sign == 0 { value } else { !value })
}

/// Octal digits between any NULs and blanks; no digits are zero.
fn octal(field: &[u8]) -> Option<i64> {
    let filler = |byte: &u8| matches!(byte, 0 | b' ');
    let start = field.iter().position(|byte| !filler(byte)).unwrap_or(field.len());
    let end = field.iter().rposition(|byte| !filler(byte)).map_or(start, |at| at + 1);
    until_nul(&field[start..end]).iter().try_fold(0i64, |sum, digit| match digit {
        b'0'..=b'7' => sum.checked_mul(8)?.checked_add(i64::from(digit - b'0')),
        _ => None,
    })
}

/// The sum of the block's bytes with the checksum field as blanks; old writers added signed bytes.
fn checksum_agrees(block: &[u8; BLOCK_BYTES]) -> bool {
    let Some(expected) = octal(&block[148..156]).and_then(|sum| u64::try_from(sum).ok()) else {
        return false;
    };
    let blanks = u64::from(b' ') * 8;
    let field: u64 = block[148..156].iter().map(|byte| u64::from(*byte)).sum();
    let unsigned: u64 = block.iter().map(|byte| u64::from(*byte)).sum::<u64>() - field + blanks;
    if unsigned == expected {
        return true;
    }
    let high: u64 = block[..148]
        .iter()
        .chain(&block[156..])
        .filter(|byte| **byte >= 0x80)
        .count()
        .try_into()
        .unwrap_or(0);
    unsigned.checked_sub(high * 256) == Some(expected)
}

/// The records of a pax header that matter for finding files. One without a value says nothing,
/// and takes back what an earlier one of its key said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pax {
    pub(crate) path: Option<Vec<u8>>,
    pub(crate) linkpath: Option<Vec<u8>>,
    pub(crate) size_bytes: Option<u64>,
    /// `GNU.sparse.*`.
    pub(crate) sparse: BTreeMap<Vec<u8>, Vec<u8>>,
    /// `GNU.sparse.offset` and `numbytes` pairs of format 0.0, in order.
    pub(crate) pieces: Vec<(u64, u64)>,
}

impl Pax {
    /// Reads the records `length key=value\n`. What is malformed is counted and left out; the
    /// rest of the header is then not believed, since lengths chain.
    pub(crate) fn read(mut bytes: &[u8], problems: &mut usize) -> Pax {
        let mut pax = Pax::default();
        let mut offset = None;
        while !bytes.is_empty() {
            let Some((record, rest)) = next_record(bytes) else {
                *problems += 1;
                break;
            };
            bytes = rest;
            let Some(equals) = record.iter().position(|byte| *byte == b'=') else {
                *problems += 1;
                continue;
            };
            let (key, value) = (&record[..equals], &record[equals + 1..]);
            match key {
                b"path" => pax.path = said(value),
                b"linkpath" => pax.linkpath = said(value),
                b"size" if value.is_empty() => pax.size_bytes = None,
                b"size" => match decimal(value) {
                    Some(size) => pax.size_bytes = Some(size),
                    None => *problems += 1,
                },
                b"GNU.sparse.offset" => offset = decimal(value),
                b"GNU.sparse.numbytes" => {
                    if let (Some(offset), Some(length)) = (offset.take(), decimal(value)) {
                        pax.pieces.push((offset, length));
                    }
                }
                key if key.starts_with(b"GNU.sparse.") => {
                    match said(value) {
                        Some(value) => pax.sparse.insert(key.to_vec(), value),
                        None => pax.sparse.remove(key),
                    };
                }
                _ => (),
            }
        }
        pax
    }

    /// Whether it would make another file of the next entry.
    pub(crate) fn names_a_file(&self) -> bool {
        self.path.is_some() || self.linkpath.is_some() || self.size_bytes.is_some()
    }

    /// In which form it tells of a sparse file. Records of forms that nobody knows mean nothing.
    pub(crate) fn sparse_form(&self) -> Option<SparseForm> {
        let value = |key: &str| self.sparse.get(key.as_bytes()).map(Vec::as_slice);
        match (value("GNU.sparse.major"), value("GNU.sparse.minor")) {
            (Some(b"0"), Some(b"0" | b"1")) => Some(SparseForm::MapInHeader),
            (Some(b"1"), Some(b"0")) => Some(SparseForm::MapInBody),
            (None, None) if value("GNU.sparse.map").is_some() || !self.pieces.is_empty() => {
                Some(SparseForm::MapInHeader)
            }
            _ => None,
        }
    }
}

/// Where the map of a sparse file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SparseForm {
    /// GNU tar's formats 0.0 and 0.1.
    MapInHeader,
    /// Its format 1.0.
    MapInBody,
}

fn said(value: &[u8]) -> Option<Vec<u8>> {
    (!value.is_empty()).then(|| value.to_vec())
}

fn next_record(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let space = bytes.iter().take(20).position(|byte| *byte == b' ')?;
    let length = usize::try_from(decimal(&bytes[..space])?).ok()?;
    let record = bytes.get(space + 1..length)?;
    let record = record.strip_suffix(b"\n")?;
    Some((record, &bytes[length..]))
}

/// A decimal number without sign or blanks.
pub(crate) fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || digits.len() > 20 {
        return None;
    }
    digits.iter().try_fold(0u64, |sum, digit| match digit {
        b'0'..=b'9' => sum.checked_mul(10)?.checked_add(u64::from(digit - b'0')),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_octal_or_base_256() {
        assert_eq!(number(b"0000644\0"), Some(0o644));
        assert_eq!(number(b"   12 \0\0"), Some(0o12));
        assert_eq!(number(b"\0\0\0\0"), Some(0));
        assert_eq!(number(b"9"), None);
        let mut large = [0; 12];
        large[0] = 0x80;
        large[11] = 7;
        assert_eq!(number(&large), Some(7));
        large[1] = 1;
        assert_eq!(number(&large), None);
        assert_eq!((number(&[0xff; 12]), numeric(&[0xff; 12])), (None, Some(-1)));
        assert_eq!(number(b"\x80\0\0\0\0\0\0\0"), Some(0));
    }

    #[test]
    fn nul_and_blanks_on_both_sides_of_a_number_mean_nothing() {
        assert_eq!(number(b"\x0000000001000"), Some(0o1000));
        assert_eq!(number(b" \0 17\0 \0"), Some(0o17));
        assert_eq!(number(b"17\x009"), Some(0o17));
        assert_eq!(number(b"1 7"), None);
    }

    #[test]
    fn only_the_magic_of_ustar_has_a_prefix() {
        let name = |magic: &[u8; 8], prefix: &[u8]| {
            let mut block = [0; BLOCK_BYTES];
            block[..4].copy_from_slice(b"name");
            block[257..265].copy_from_slice(magic);
            block[345..345 + prefix.len()].copy_from_slice(prefix);
            let sum: u64 = block.iter().map(|byte| u64::from(*byte)).sum::<u64>() + 8 * 32;
            block[148..156].copy_from_slice(format!("{sum:07o}\0").as_bytes());
            match read_block(&block) {
                Block::Header(header) => String::from_utf8(header.name).unwrap(),
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(name(b"ustar\x0000", b"dir"), "dir/name");
        assert_eq!(name(b"ustar\x0099", b"dir"), "dir/name");
        assert_eq!(name(b"ustarX00", b"dir"), "name");
        assert_eq!(name(b"ustar 00", b"dir"), "name");
        assert_eq!(name(b"ustar  \0", b"0000\0"), "name");
        assert_eq!(name(b"ustar  \0", b"dir"), "dir/name", "Go before 1.8 wrote this");
    }

    #[test]
    fn pax_records_are_read_until_one_is_broken() {
        let mut problems = 0;
        let pax = Pax::read(b"12 path=a/b\n11 size=42\n5 x\n", &mut problems);
        assert_eq!(pax.path.as_deref(), Some(&b"a/b"[..]));
        assert_eq!(pax.size_bytes, Some(42));
        assert_eq!(problems, 1);
        let mut problems = 0;
        assert_eq!(Pax::read(b"99 path=a\n", &mut problems), Pax::default());
        assert_eq!(problems, 1);
    }
}
