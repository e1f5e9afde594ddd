//! Zip archives as Java reads them: by the central directory, out of bytes that are held.
//!
//! Ours and not a library's because a directory is walked without keeping anything of it, and
//! because one entry that lies must not hide the others. Never writes, never follows a name
//! anywhere, never trusts a size: what a name or a number says is compared with what is there.
//! Source: PKWARE's APPNOTE.TXT 6.3.10, sections 4.3.7 to 4.3.16 and 4.5.3.

mod data;
mod directory;

pub(super) use data::{DataError, Reading, read};
pub(super) use directory::{Directory, DirectoryError, Entry};

/// The two bytes at `at`, low byte first; `None` beyond the end.
fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let field = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_le_bytes(field.try_into().ok()?))
}

/// The four bytes at `at`, low byte first.
fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let field = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(field.try_into().ok()?))
}

/// The eight bytes at `at`, low byte first.
fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    let field = bytes.get(at..at.checked_add(8)?)?;
    Some(u64::from_le_bytes(field.try_into().ok()?))
}
