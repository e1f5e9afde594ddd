//! What the readers of programs have in common: ELF, PE and Mach-O as they stream past.
//!
//! A program is seen once, from front to back, in pieces of any size, and is never held whole:
//! its head is kept ([`layout`]), fixed texts are looked for on the way ([`scan`]) and ranges
//! that are known to matter are cut out ([`capture`]). Nothing here runs, maps or repairs a
//! program, and no offset in one is believed before it is compared with what was seen.

pub(crate) mod capture;
mod elf;
pub(crate) mod layout;
mod macho;
mod pe;
#[cfg(test)]
mod real;
pub(crate) mod scan;
#[cfg(test)]
pub(crate) mod tests;

use plimsoll_core::{HEAD_BYTES, ImagePath, Observations};

use crate::extractors;

/// Shows one file to every extractor that reads in flight, in pieces of `chunk` bytes, as a scan
/// does: for tests and fuzzing.
pub fn read_in_flight(path: &ImagePath, bytes: &[u8], chunk: usize) -> Observations {
    let mut out = Observations::default();
    let head = bytes.get(..HEAD_BYTES).unwrap_or(bytes);
    let size_bytes = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    for extractor in extractors().filter(|extractor| extractor.reads_in_flight()) {
        let Some(mut reader) = extractor.begin(path, head, size_bytes) else { continue };
        for piece in bytes.chunks(chunk.max(1)) {
            reader.feed(piece);
        }
        reader.finish(path, true, &mut out);
    }
    out
}

/// The file's last name, where it is UTF-8.
pub(crate) fn file_name(path: &ImagePath) -> Option<&str> {
    std::str::from_utf8(path.file_name()).ok()
}

/// A number as an offset into a buffer; beyond memory it is beyond every buffer.
pub(crate) fn index(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// A length as a number of bytes of a file.
pub(crate) fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}
