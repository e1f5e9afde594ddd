//! The tar format as layers in the field use it: ustar, pax (POSIX.1-2001) and GNU's extensions.
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
    let ustar = &block[257..262] == b"ustar";
    let gnu = &block[257..265] == b"ustar  \0";
    let mut name = until_nul(&block[..100]).to_vec();
    if ustar && !gnu {
        let prefix = until_nul(&block[345..500]);
        if !prefix.is_empty() {
            name = [prefix, b"/", &name].concat();
        }
    }
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
        // In the oldest archives a trailing slash is what makes a directory.
        0 | b'0' if name.ends_with(b"/") => EntryKind::Directory,
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
            && number(&block[329..337]).unwrap_or(0) == 0
            && number(&block[337..345]).unwrap_or(0) == 0,
    }))
}

/// The pieces (offset, length) in a run of 24-byte sparse entries; an empty one ends it.
pub(crate) fn sparse_pieces(bytes: &[u8]) -> Vec<(u64, u64)> {
    bytes
        .chunks_exact(24)
        .map_while(|piece| Some((number(&piece[..12])?, number(&piece[12..])?)))
        .take_while(|piece| *piece != (0, 0))
        .collect()
}

fn until_nul(field: &[u8]) -> &[u8] {
    let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
    &field[..end]
}

/// A number in octal digits or, with the top bit set, in base 256; `None` if it is negative, too
/// large or no number.
fn number(field: &[u8]) -> Option<u64> {
    if field.first().is_some_and(|byte| byte & 0x80 != 0) {
        if field[0] & 0x40 != 0 {
            return None;
        }
        let (head, tail) = field.split_at(field.len().checked_sub(8)?);
        if head.iter().enumerate().any(|(at, byte)| *byte != if at == 0 { 0x80 } else { 0 }) {
            return None;
        }
        return Some(u64::from_be_bytes(tail.try_into().ok()?));
    }
    let digits: Vec<u8> = field
        .iter()
        .copied()
        .skip_while(|byte| *byte == b' ')
        .take_while(|byte| !matches!(byte, 0 | b' '))
        .collect();
    if digits.is_empty() {
        return Some(0);
    }
    digits.iter().try_fold(0u64, |sum, digit| match digit {
        b'0'..=b'7' => sum.checked_mul(8)?.checked_add(u64::from(digit - b'0')),
        _ => None,
    })
}

/// The sum of the block's bytes with the checksum field as blanks; old writers added signed bytes.
fn checksum_agrees(block: &[u8; BLOCK_BYTES]) -> bool {
    let Some(expected) = number(&block[148..156]) else {
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

/// The records of a pax header that matter for finding files.
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
                b"path" => pax.path = Some(value.to_vec()),
                b"linkpath" => pax.linkpath = Some(value.to_vec()),
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
                    pax.sparse.insert(key.to_vec(), value.to_vec());
                }
                _ => (),
            }
        }
        pax
    }

    /// This header with what `local` says laid over it.
    pub(crate) fn overlaid(&self, local: Pax) -> Pax {
        Pax {
            path: local.path.or_else(|| self.path.clone()),
            linkpath: local.linkpath.or_else(|| self.linkpath.clone()),
            size_bytes: local.size_bytes.or(self.size_bytes),
            sparse: local.sparse,
            pieces: local.pieces,
        }
    }
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
        assert_eq!(number(&[0xff; 12]), None);
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
