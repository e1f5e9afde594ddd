//! Reading numbers and texts one after the other from the bytes of one section.
//!
//! Never reads outside of its bytes and never allocates; whatever does not fit is
//! [`SnapshotError::Corrupt`].

use super::format::{Section, SnapshotError, corrupt, u32_at};

/// A place in a section's bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'a> {
    bytes: &'a [u8],
    section: Section,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(bytes: &'a [u8], section: Section) -> Cursor<'a> {
        Cursor { bytes, section }
    }

    /// Bytes not read yet.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.bytes
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// An error in this cursor's section.
    pub(crate) fn corrupt(&self, what: &'static str) -> SnapshotError {
        corrupt(self.section, what)
    }

    #[inline]
    pub(crate) fn byte(&mut self) -> Result<u8, SnapshotError> {
        let (&first, rest) = self.bytes.split_first().ok_or_else(|| self.corrupt("it ends too early"))?;
        self.bytes = rest;
        Ok(first)
    }

    #[inline]
    pub(crate) fn take(&mut self, length_bytes: usize) -> Result<&'a [u8], SnapshotError> {
        let (taken, rest) = self
            .bytes
            .split_at_checked(length_bytes)
            .ok_or_else(|| self.corrupt("a length reaches behind the end"))?;
        self.bytes = rest;
        Ok(taken)
    }

    /// Seven bits a byte, lowest first (LEB128).
    #[inline]
    pub(crate) fn varint(&mut self) -> Result<u64, SnapshotError> {
        let first = self.byte()?;
        if first < 0x80 {
            return Ok(u64::from(first));
        }
        let mut value = u64::from(first & 0x7f);
        for shift in (7..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(self.corrupt("a number is too long"))
    }

    /// A number that counts or points at something in memory.
    #[inline]
    pub(crate) fn index(&mut self) -> Result<usize, SnapshotError> {
        usize::try_from(self.varint()?).map_err(|_| self.corrupt("a number is too large"))
    }

    pub(crate) fn u32(&mut self) -> Result<u32, SnapshotError> {
        u32::try_from(self.varint()?).map_err(|_| self.corrupt("a number is too large"))
    }

    /// A number with a sign, small ones first whatever their sign (zigzag).
    pub(crate) fn signed(&mut self) -> Result<i64, SnapshotError> {
        let value = self.varint()?;
        Ok((value >> 1).cast_signed() ^ -((value & 1).cast_signed()))
    }

    /// How many items follow; each takes at least a byte, so that no more can follow than
    /// there are bytes and a list never asks for more memory than the file has.
    pub(crate) fn count(&mut self) -> Result<usize, SnapshotError> {
        let count = self.index()?;
        if self.bytes.len() < count {
            return Err(self.corrupt("a list is longer than its bytes"));
        }
        Ok(count)
    }

    /// A length and that many bytes of UTF-8.
    pub(crate) fn text(&mut self) -> Result<&'a str, SnapshotError> {
        let length_bytes = self.index()?;
        let bytes = self.take(length_bytes)?;
        std::str::from_utf8(bytes).map_err(|_| self.corrupt("a text is not UTF-8"))
    }

    /// A text that is there or not.
    pub(crate) fn optional_text(&mut self) -> Result<Option<&'a str>, SnapshotError> {
        match self.byte()? {
            0 => Ok(None),
            _ => self.text().map(Some),
        }
    }

    /// A number that is there or not.
    pub(crate) fn optional_signed(&mut self) -> Result<Option<i64>, SnapshotError> {
        match self.byte()? {
            0 => Ok(None),
            _ => self.signed().map(Some),
        }
    }
}

/// Items of different lengths: a table of 32-bit offsets, and the bytes they bound.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Table<'a> {
    offsets: &'a [u8],
    bytes: &'a [u8],
    section: Section,
}

impl<'a> Table<'a> {
    pub(crate) fn new(offsets: &'a [u8], bytes: &'a [u8], section: Section) -> Table<'a> {
        Table { offsets, bytes, section }
    }

    pub(crate) fn len(&self) -> usize {
        (self.offsets.len() / 4).saturating_sub(1)
    }

    #[inline]
    pub(crate) fn bytes(&self, index: usize) -> Result<&'a [u8], SnapshotError> {
        self.slice(index, 1)
    }

    #[inline]
    pub(crate) fn text(&self, index: usize) -> Result<&'a str, SnapshotError> {
        std::str::from_utf8(self.bytes(index)?).map_err(|_| corrupt(self.section, "a text is not UTF-8"))
    }

    /// Whether `count` items from `first` on are whole texts, so that [`Table::text`] cannot
    /// fail on any of them. Cheaper than asking for each.
    pub(crate) fn check_texts(&self, first: usize, count: usize) -> Result<(), SnapshotError> {
        let all = self.slice(first, count)?;
        let text = std::str::from_utf8(all).map_err(|_| corrupt(self.section, "a text is not UTF-8"))?;
        let base = self.offset(first)?;
        let mut previous = base;
        for index in first..first + count {
            let next = self.offset(index + 1)?;
            let whole = next.checked_sub(base).is_some_and(|end| text.is_char_boundary(end));
            if next < previous || !whole {
                return Err(corrupt(self.section, "offsets that are out of order"));
            }
            previous = next;
        }
        Ok(())
    }

    /// The bytes of neighbouring items.
    #[inline]
    fn slice(&self, first: usize, count: usize) -> Result<&'a [u8], SnapshotError> {
        let last = first.checked_add(count).ok_or_else(|| corrupt(self.section, "a number is too large"))?;
        let (start, end) = (self.offset(first)?, self.offset(last)?);
        self.bytes.get(start..end).ok_or_else(|| corrupt(self.section, "an offset out of bounds"))
    }

    #[inline]
    fn offset(&self, index: usize) -> Result<usize, SnapshotError> {
        index
            .checked_mul(4)
            .and_then(|at| u32_at(self.offsets, at))
            .map(|offset| offset as usize)
            .ok_or_else(|| corrupt(self.section, "a number out of bounds"))
    }
}
