//! SQLite's write-ahead log (`rpmdb.sqlite-wal`): which pages it has newer than the main file.
//!
//! Layout and rules after SQLite's "Database File Format", section 4. Frames count up to the
//! last one that ends a transaction and whose checksum continues the file's; what follows is
//! what SQLite itself would not see. Never changes the main file's bytes.

use std::collections::HashMap;

use super::bytes::{ByteOrder, array, slice};
use super::reading::Damage;

const MAGIC_LITTLE: u32 = 0x377f_0682;
const MAGIC_BIG: u32 = 0x377f_0683;
const VERSION: u32 = 3_007_000;
const HEAD_BYTES: usize = 32;
const FRAME_HEAD_BYTES: usize = 24;

/// The committed pages of a log.
pub(super) struct Wal<'a> {
    /// The page size that the log was written for.
    pub(super) page_bytes: usize,
    pages: HashMap<u32, &'a [u8]>,
}

impl<'a> Wal<'a> {
    /// Reads a log; `None` if it holds no transaction, as after a checkpoint.
    pub(super) fn open(content: &'a [u8], damage: &mut Damage) -> Option<Wal<'a>> {
        if content.is_empty() {
            return None;
        }
        let Some(head) = Head::of(content) else {
            damage.note(format_args!("SQLite: the head of the write-ahead log is damaged"));
            return None;
        };
        let committed = head.committed(content);
        if head.hides_commit(content, committed.frames_sound) {
            damage.note(format_args!("SQLite: the write-ahead log is damaged before its last transaction"));
        }
        let frames = head.frames(content).take(committed.frames);
        let pages: HashMap<u32, &[u8]> = frames.map(|frame| (frame.page, frame.content)).collect();
        (!pages.is_empty()).then_some(Wal { page_bytes: head.page_bytes, pages })
    }

    /// A page, if the log has it.
    pub(super) fn page(&self, number: u32) -> Option<&'a [u8]> {
        self.pages.get(&number).copied()
    }

    /// How many pages the log has.
    pub(super) fn page_count(&self) -> usize {
        self.pages.len()
    }
}

struct Head {
    page_bytes: usize,
    /// In which order checksums take the words of the file; the numbers of the file itself are
    /// always big-endian.
    checksum_order: ByteOrder,
    salt: [u8; 8],
    checksum: (u32, u32),
}

#[derive(Clone, Copy)]
struct Frame<'a> {
    page: u32,
    /// Pages of the database after the transaction that this frame ends; 0 inside one.
    pages_after: u32,
    salt: [u8; 8],
    checksum: (u32, u32),
    /// The eight bytes of its head that the checksum is of.
    summed: &'a [u8],
    content: &'a [u8],
}

struct Committed {
    /// Frames up to the end of the last sound transaction.
    frames: usize,
    /// Frames whose checksum is right.
    frames_sound: usize,
}

impl Head {
    fn of(content: &[u8]) -> Option<Head> {
        let number = |at| ByteOrder::Big.u32(content, at);
        let checksum_order = match number(0)? {
            MAGIC_LITTLE => ByteOrder::Little,
            MAGIC_BIG => ByteOrder::Big,
            _ => return None,
        };
        let checksum = (number(24)?, number(28)?);
        let page_bytes = usize::try_from(number(8)?).ok()?;
        let is_sound = number(4)? == VERSION
            && (512..=65_536).contains(&page_bytes)
            && page_bytes.is_power_of_two()
            && sum(checksum_order, (0, 0), content.get(..24)?) == checksum;
        is_sound.then_some(Head { page_bytes, checksum_order, salt: array(content, 16)?, checksum })
    }

    fn frames<'a>(&self, content: &'a [u8]) -> impl Iterator<Item = Frame<'a>> + use<'a> {
        let frame_bytes = FRAME_HEAD_BYTES + self.page_bytes;
        content.get(HEAD_BYTES..).unwrap_or_default().chunks_exact(frame_bytes).filter_map(|bytes| {
            let number = |at| ByteOrder::Big.u32(bytes, at);
            Some(Frame {
                page: number(0)?,
                pages_after: number(4)?,
                salt: array(bytes, 8)?,
                checksum: (number(16)?, number(20)?),
                summed: slice(bytes, 0, 8)?,
                content: bytes.get(FRAME_HEAD_BYTES..)?,
            })
        })
    }

    fn committed(&self, content: &[u8]) -> Committed {
        let mut committed = Committed { frames: 0, frames_sound: 0 };
        let mut checksum = self.checksum;
        for frame in self.frames(content) {
            checksum = sum(self.checksum_order, checksum, frame.summed);
            checksum = sum(self.checksum_order, checksum, frame.content);
            if frame.page == 0 || frame.salt != self.salt || frame.checksum != checksum {
                break;
            }
            committed.frames_sound += 1;
            if frame.pages_after != 0 {
                committed.frames = committed.frames_sound;
            }
        }
        committed
    }

    /// Whether behind the frames that are sound there is one of the same generation that ends
    /// a transaction. What a transaction that was given up leaves behind never does; frames of
    /// older generations have another salt.
    fn hides_commit(&self, content: &[u8], frames_sound: usize) -> bool {
        let mut behind = self.frames(content).skip(frames_sound);
        behind.any(|frame| frame.salt == self.salt && frame.pages_after != 0)
    }
}

/// The checksum of the file format, continued over more bytes (section 4.2).
fn sum(order: ByteOrder, (mut first, mut second): (u32, u32), bytes: &[u8]) -> (u32, u32) {
    for pair in bytes.chunks_exact(8) {
        let word = |at| order.u32(pair, at).unwrap_or_default();
        first = first.wrapping_add(word(0)).wrapping_add(second);
        second = second.wrapping_add(word(4)).wrapping_add(first);
    }
    (first, second)
}
