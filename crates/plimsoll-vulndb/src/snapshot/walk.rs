//! Rows and facts as they lie in a snapshot, piece by piece: what refers to other sections apart from
//! what does not. With this they are taken over into another snapshot, where strings and
//! vulnerabilities have other numbers, without making sense of them.
//!
//! The layouts stand in `writer/rows.rs` and `writer/facts.rs`, beside the code that writes them.

use super::cursor::Cursor;
use super::facts::{bits, kev_bits};
use super::format::SnapshotError;
use super::rows::{RangeForm, first, range_form, second};

/// Who is shown the pieces, in their order.
pub(crate) trait Visit<'a> {
    /// Bytes that mean the same everywhere.
    fn raw(&mut self, bytes: &'a [u8]);

    /// A string.
    fn string(&mut self, string: Reference<'a>, role: Role) -> Result<(), SnapshotError>;

    /// The number of a row's vulnerability.
    fn vulnerability(&mut self, number: usize) -> Result<(), SnapshotError>;
}

/// A string as it lies there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reference<'a> {
    /// By its number among the shared ones.
    Shared(usize),
    /// In the text.
    Text(&'a str),
}

/// What a string is there for, as far as anybody asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Feed,
    Announcement,
    Other,
}

/// Reads a string.
pub(crate) fn reference<'a>(cursor: &mut Cursor<'a>) -> Result<Reference<'a>, SnapshotError> {
    let reference = cursor.index()?;
    if reference & 1 == 1 {
        return Ok(Reference::Shared(reference >> 1));
    }
    let bytes = cursor.take(reference >> 1)?;
    let text = std::str::from_utf8(bytes).map_err(|_| cursor.corrupt("a text is not UTF-8"))?;
    Ok(Reference::Text(text))
}

/// Shows so many rows.
pub(crate) fn rows<'a>(
    cursor: Cursor<'a>,
    count: usize,
    visitor: &mut impl Visit<'a>,
) -> Result<(), SnapshotError> {
    let mut walk = Walk { cursor, visitor };
    let mut vulnerability = 0usize;
    for _ in 0..count {
        let flags = walk.raw(|it| it.take(2))?;
        let (one, two) = (flags[0], flags[1]);
        walk.string(Role::Feed)?;
        let step = walk.cursor.index()?;
        vulnerability =
            vulnerability.checked_add(step).ok_or_else(|| walk.cursor.corrupt("a number is too large"))?;
        walk.visitor.vulnerability(vulnerability)?;
        for bit in [first::CHANNEL, first::MODULE, first::NOTE] {
            if one & bit != 0 {
                walk.string(Role::Other)?;
            }
        }
        if one & first::ARCHITECTURES != 0 {
            walk.strings(Role::Other)?;
        }
        if two & second::ADVISORY_IDS != 0 {
            walk.strings(Role::Announcement)?;
        }
        walk.ranges(range_form((two & second::RANGES) >> second::RANGES_SHIFT))?;
        if two & second::VERSIONS != 0 {
            walk.raw(|it| {
                for _ in 0..it.count()? {
                    it.varint()?;
                    it.varint()?;
                }
                Ok(())
            })?;
        }
        if two & second::FIRST_SEEN != 0 {
            walk.raw(Cursor::varint)?;
        }
    }
    walk.end()
}

/// Shows the facts about one vulnerability.
pub(crate) fn fact<'a>(cursor: Cursor<'a>, visitor: &mut impl Visit<'a>) -> Result<(), SnapshotError> {
    let mut walk = Walk { cursor, visitor };
    walk.strings(Role::Other)?;
    let bits = walk.raw(Cursor::byte)?;
    for _ in 0..walk.raw(Cursor::count)? {
        walk.string(Role::Other)?;
        walk.raw(Cursor::byte)?;
    }
    for _ in 0..walk.raw(Cursor::count)? {
        (0..3).try_for_each(|_| walk.string(Role::Other))?;
        walk.raw(Cursor::byte)?;
    }
    walk.strings(Role::Other)?;
    walk.numbers([bits & bits::PUBLISHED, bits & bits::MODIFIED])?;
    if bits & bits::EPSS != 0 {
        walk.numbers([bits & bits::EPSS, bits & bits::EPSS_PERCENTILE])?;
        if bits & bits::EPSS_MODEL != 0 {
            walk.string(Role::Other)?;
        }
        walk.numbers([bits & bits::EPSS_DATE])?;
    }
    if bits & bits::KEV != 0 {
        let bits = walk.raw(Cursor::byte)?;
        walk.numbers([bits & kev_bits::ADDED, bits & kev_bits::DUE])?;
    }
    if bits & bits::RARE != 0 {
        walk.strings(Role::Other)?;
        for _ in 0..walk.raw(Cursor::count)? {
            (0..2).try_for_each(|_| walk.string(Role::Other))?;
            walk.strings(Role::Other)?;
        }
    }
    walk.end()
}

struct Walk<'v, 'a, V> {
    cursor: Cursor<'a>,
    visitor: &'v mut V,
}

impl<'a, V: Visit<'a>> Walk<'_, 'a, V> {
    /// Reads something, and shows its bytes.
    fn raw<T>(
        &mut self,
        read: impl FnOnce(&mut Cursor<'a>) -> Result<T, SnapshotError>,
    ) -> Result<T, SnapshotError> {
        let before = self.cursor.rest();
        let result = read(&mut self.cursor)?;
        self.visitor.raw(&before[..before.len() - self.cursor.rest().len()]);
        Ok(result)
    }

    fn string(&mut self, role: Role) -> Result<(), SnapshotError> {
        let reference = reference(&mut self.cursor)?;
        self.visitor.string(reference, role)
    }

    fn strings(&mut self, role: Role) -> Result<(), SnapshotError> {
        let count = self.raw(Cursor::count)?;
        (0..count).try_for_each(|_| self.string(role))
    }

    /// A number for each bit that is set.
    fn numbers<const COUNT: usize>(&mut self, bits: [u8; COUNT]) -> Result<(), SnapshotError> {
        bits.into_iter().filter(|bit| *bit != 0).try_for_each(|_| self.raw(Cursor::varint).map(drop))
    }

    fn ranges(&mut self, form: RangeForm) -> Result<(), SnapshotError> {
        match form {
            RangeForm::None | RangeForm::Everything => Ok(()),
            RangeForm::ToFixed => self.string(Role::Other),
            RangeForm::List => {
                for _ in 0..self.raw(Cursor::count)? {
                    let tag = self.raw(Cursor::byte)?;
                    if tag & 4 != 0 {
                        self.string(Role::Other)?;
                    }
                    if tag & 3 != 3 {
                        self.string(Role::Other)?;
                    }
                }
                Ok(())
            }
        }
    }

    fn end(&self) -> Result<(), SnapshotError> {
        if self.cursor.is_empty() { Ok(()) } else { Err(self.cursor.corrupt("bytes behind a row's end")) }
    }
}
