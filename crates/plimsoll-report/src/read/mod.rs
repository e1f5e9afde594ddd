//! Reading documents that others wrote: VEX, ignore files, and reports.
//!
//! Pure: bytes in, values out. What cannot be read is named, never guessed; a document that is
//! plainly something else is an error. Judges nothing. Bills of materials are read where
//! ecosystems are known, in `plimsoll-ecosystems`.

pub mod ignore;
mod json;
pub mod report;
pub mod vex;

use std::fmt;

/// Why a document could not be read at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError {
    what: String,
}

impl ReadError {
    fn new(what: impl Into<String>) -> ReadError {
        ReadError { what: what.into() }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", plimsoll_core::Escaped(&self.what))
    }
}

impl std::error::Error for ReadError {}

/// The text of a document, without the mark that some editors put before it.
fn text(bytes: &[u8]) -> Result<&str, ReadError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|_| ReadError::new("it is no UTF-8 text"))
}

/// A field with something in it.
fn filled(text: Option<String>) -> Option<String> {
    text.filter(|it| !it.trim().is_empty())
}
