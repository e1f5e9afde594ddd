//! rpm's own format (`Packages.db`, SUSE): pages of slots, each naming a blob.
//!
//! Layout after rpm's `lib/backend/ndb/rpmpkg.c`, which is its only description. Always
//! little-endian. Never looks at `Index.db`, which only repeats what the headers say.

use std::collections::HashSet;

use super::bytes::{ByteOrder, index, slice};
use super::reading::Headers;

/// What a file of this format begins with.
pub(super) const MAGIC: [u8; 4] = *b"RpmP";
const SLOT_MAGIC: [u8; 4] = *b"Slot";
const BLOB_MAGIC: [u8; 4] = *b"BlbS";
const BLOB_END_MAGIC: [u8; 4] = *b"BlbE";
const PAGE_BYTES: usize = 4096;
const HEAD_BYTES: usize = 32;
const SLOT_BYTES: usize = 16;
/// Blobs begin at multiples of this, and slots count in it.
const BLOCK_BYTES: usize = 16;
const BLOB_HEAD_BYTES: usize = 16;
const BLOB_TAIL_BYTES: usize = 12;

/// Hands over every header of the database.
pub(super) fn read(content: &[u8], headers: &mut Headers<'_>) {
    let number = |at| ByteOrder::Little.u32(content, at).unwrap_or_default();
    if number(4) != 0 {
        headers.damage.note(format_args!("ndb: version {} is not one that Plimsoll knows", number(4)));
    }
    let slots_end = index(number(12)).saturating_mul(PAGE_BYTES);
    if slots_end == 0 || slots_end > content.len() {
        headers.damage.note(format_args!("ndb: {} pages of slots do not fit the file", number(12)));
    }
    let slots = content.get(HEAD_BYTES..slots_end.min(content.len())).unwrap_or_default();
    let mut bytes_left = content.len();
    let mut read = HashSet::new();
    for slot in slots.chunks_exact(SLOT_BYTES) {
        if !slot.starts_with(&SLOT_MAGIC) {
            headers.damage.note(format_args!("ndb: the pages of slots are damaged"));
            break;
        }
        let number = |at| ByteOrder::Little.u32(slot, at).unwrap_or_default();
        // A slot in block 0 is free.
        if number(8) == 0 {
            continue;
        }
        match read_slot(content, slot, headers, &mut bytes_left) {
            Ok(()) => drop(read.insert(number(8))),
            Err(why) => headers.damage.note(format_args!("ndb: the blob of package {} {why}", number(4))),
        }
    }
    unnamed_blobs(content, &read, headers);
}

/// The blob that a slot names. One that is whole but not what the slot says is left to
/// [`unnamed_blobs`].
fn read_slot(
    content: &[u8],
    slot: &[u8],
    headers: &mut Headers<'_>,
    bytes_left: &mut usize,
) -> Result<(), &'static str> {
    let number = |at| ByteOrder::Little.u32(slot, at).unwrap_or_default();
    let (package, block, blocks) = (number(4), number(8), number(12));
    let start = index(block).saturating_mul(BLOCK_BYTES);
    let length = index(blocks).saturating_mul(BLOCK_BYTES);
    let whole = slice(content, start, length).ok_or("lies outside the file")?;
    let blob = Blob::of(whole).ok_or("is damaged")?;
    *bytes_left = bytes_left.checked_sub(length).ok_or("overlaps others")?;
    if blob.package != package {
        return Err("is another package's");
    }
    headers.blob(blob.data, &format_args!("package {package}"));
    if adler32(blob.summed) != blob.sum {
        headers.damage.note(format_args!("ndb: the blob of package {package} has a wrong checksum"));
    }
    Ok(())
}

struct Blob<'a> {
    package: u32,
    data: &'a [u8],
    /// What the checksum is of: head, data and padding.
    summed: &'a [u8],
    sum: u32,
}

impl<'a> Blob<'a> {
    /// Takes head and tail off a blob's blocks.
    fn of(whole: &'a [u8]) -> Option<Blob<'a>> {
        let tail_start = whole.len().checked_sub(BLOB_TAIL_BYTES)?;
        let (summed, tail) = whole.split_at_checked(tail_start)?;
        let number = |bytes, at| ByteOrder::Little.u32(bytes, at);
        let length = number(summed, 12)?;
        let is_blob =
            summed.starts_with(&BLOB_MAGIC) && tail.ends_with(&BLOB_END_MAGIC) && number(tail, 4)? == length;
        let data = slice(summed, BLOB_HEAD_BYTES, index(length))?;
        is_blob.then_some(Blob { package: number(summed, 4)?, data, summed, sum: number(tail, 0)? })
    }
}

/// Looks for blobs that no sound slot named. rpm blanks what it erases or moves, so they are
/// packages whose slots were lost.
fn unnamed_blobs(content: &[u8], read: &HashSet<u32>, headers: &mut Headers<'_>) {
    let mut at = 0;
    while let Some(rest) = content.get(at..).filter(|rest| !rest.is_empty()) {
        let blob = whole_blob(rest).filter(|_| rest.starts_with(&BLOB_MAGIC));
        let Some((length, blob)) = blob else {
            at += BLOCK_BYTES;
            continue;
        };
        let was_read = u32::try_from(at / BLOCK_BYTES).is_ok_and(|block| read.contains(&block));
        if !was_read {
            headers.damage.note(format_args!("ndb: no slot names the blob of package {}", blob.package));
            headers.rescue(blob.data, &format_args!("package {}", blob.package));
        }
        at += length;
    }
}

/// The blob at the beginning of `rest`, by its own word of its length.
fn whole_blob(rest: &[u8]) -> Option<(usize, Blob<'_>)> {
    let data_bytes = index(ByteOrder::Little.u32(rest, 12)?);
    let length =
        data_bytes.checked_add(BLOB_HEAD_BYTES + BLOB_TAIL_BYTES)?.checked_next_multiple_of(BLOCK_BYTES)?;
    Some((length, Blob::of(rest.get(..length)?)?))
}

/// Adler-32 (RFC 1950, section 8).
fn adler32(bytes: &[u8]) -> u32 {
    const MODULUS: u32 = 65_521;
    /// The sums of so many bytes fit 32 bits.
    const CHUNK_BYTES: usize = 5552;
    let (mut low, mut high) = (1_u32, 0_u32);
    for chunk in bytes.chunks(CHUNK_BYTES) {
        for byte in chunk {
            low += u32::from(*byte);
            high += low;
        }
        low %= MODULUS;
        high %= MODULUS;
    }
    (high << 16) | low
}
