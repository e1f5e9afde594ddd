//! The JSON report: versioned, described in `docs/report.md` and `docs/report.schema.json`.
//!
//! The only format whose shape is promised. The document is pure ASCII, so that nothing in it
//! can steer a terminal it is printed on. It leaves nothing out, whatever the table keeps apart.

mod ascii;
mod convert;
mod wire;

use std::io::{self, Write as _};

use plimsoll_core::Report;
use serde::Serialize;

use crate::{Format, Style};

/// Raised by a change after which a reader of the old version may be wrong.
pub(crate) const SCHEMA_VERSION: &str = "1";

/// The serialiser writes a few bytes at a time.
const BUFFER_BYTES: usize = 64 * 1024;

/// The row of the JSON report.
pub(crate) struct Json;

impl Format for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn render(&self, report: &Report, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
        write(&convert::document(report, style), out)
    }
}

/// Writes any document in ASCII, indented, with a line feed at the end.
pub(crate) fn write(document: &impl Serialize, out: &mut dyn io::Write) -> io::Result<()> {
    let mut out = io::BufWriter::with_capacity(BUFFER_BYTES, out);
    let formatter = ascii::AsciiFormatter::default();
    document.serialize(&mut serde_json::Serializer::with_formatter(&mut out, formatter))?;
    out.write_all(b"\n")?;
    out.flush()
}

/// The document as other formats hold it: in an attestation, or before a user's template.
pub(crate) fn document<'a>(report: &'a Report, style: &'a Style) -> impl Serialize + 'a {
    convert::document(report, style)
}

/// How other JSON of this crate is written that people may print: indented, pure ASCII.
pub(crate) fn ascii_formatter() -> impl serde_json::ser::Formatter {
    ascii::AsciiFormatter::default()
}

#[cfg(test)]
mod tests;
