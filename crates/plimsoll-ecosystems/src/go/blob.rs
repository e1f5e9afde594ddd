//! The block that Go's linker puts at the start of a program's data: `\xff Go buildinf:`.
//!
//! Since Go 1.18 the version and the modules follow the block; before, it holds the addresses of
//! two strings elsewhere (package `debug/buildinfo`, `cmd/link/internal/ld/data.go`).

use crate::binary::layout::Numbers;

/// How the block begins.
pub(super) const MAGIC: &[u8; 14] = b"\xff Go buildinf:";

/// Blocks are aligned so, in memory and hence in the file.
pub(super) const ALIGNMENT: u64 = 16;

/// Bytes of the block's fixed part.
pub(super) const BLOCK_BYTES: usize = 32;

/// What a block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Block {
    /// Version and modules follow.
    Inline,
    /// The addresses of the version's string header, and of the modules'.
    Pointers { version: u64, wide: bool, big_endian: bool },
}

/// Reads the fixed part; `None` where it only looks like one, as in programs that look for
/// blocks themselves.
pub(super) fn block(bytes: &[u8]) -> Option<Block> {
    let rest = bytes.get(..BLOCK_BYTES)?.strip_prefix(&MAGIC[..])?;
    let (address_bytes, flags) = (*rest.first()?, *rest.get(1)?);
    let wide = match address_bytes {
        // Unused in the new form, but written by all linkers so far.
        0 | 4 | 8 => address_bytes == 8,
        _ => return None,
    };
    if flags & !1 == 2 {
        let unused = rest.get(2..)?;
        return unused.iter().all(|byte| *byte == 0).then_some(Block::Inline);
    }
    if flags & !1 != 0 || address_bytes == 0 {
        return None;
    }
    let big_endian = flags == 1;
    let version = Numbers { bytes, big_endian }.address(16, wide)?;
    Some(Block::Pointers { version, wide, big_endian })
}

/// How far the reading of an inline block came.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Inline<'a> {
    /// It is whole.
    Whole { version: &'a [u8], modules: &'a [u8] },
    /// So many bytes are needed to go on.
    Needs(usize),
    /// It is none.
    Broken,
}

/// Reads an inline block from its first byte on.
pub(super) fn inline(bytes: &[u8]) -> Inline<'_> {
    let version = match text(bytes, BLOCK_BYTES) {
        Ok(version) => version,
        Err(other) => return other,
    };
    let modules = match text(bytes, version.1) {
        Ok(modules) => modules,
        Err(other) => return other,
    };
    if !version.0.starts_with(b"go") && !version.0.starts_with(b"devel") {
        return Inline::Broken;
    }
    Inline::Whole { version: version.0, modules: modules.0 }
}

/// A text behind its length, and where it ends.
fn text(bytes: &[u8], at: usize) -> Result<(&[u8], usize), Inline<'_>> {
    let (length, start) = unsigned(bytes, at)?;
    let end = usize::try_from(length).ok().and_then(|length| start.checked_add(length));
    let end = end.ok_or(Inline::Broken)?;
    match bytes.get(start..end) {
        Some(text) => Ok((text, end)),
        None => Err(Inline::Needs(end)),
    }
}

/// A number of seven bits a byte, and where it ends.
fn unsigned(bytes: &[u8], at: usize) -> Result<(u64, usize), Inline<'_>> {
    let mut number = 0u64;
    for step in 0..5 {
        let byte = *bytes.get(at + step).ok_or(Inline::Needs(at + step + 1))?;
        number |= u64::from(byte & 0x7f) << (7 * step);
        if byte < 0x80 {
            return Ok((number, at + step + 1));
        }
    }
    Err(Inline::Broken)
}
