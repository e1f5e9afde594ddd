//! SPDX 2.3, in JSON and as tag-value: what is in the image, without vulnerabilities.
//!
//! Source: spdx.github.io/spdx-spec/v2.3. Both notations are written from one document, so that
//! they cannot say different things. What could not be read stands in the document's comment.

mod document;
mod json;
mod tag_value;

use std::io;

use plimsoll_core::Report;

use crate::{Format, Style};

/// The row of the JSON notation.
pub(crate) struct SpdxJson;

impl Format for SpdxJson {
    fn name(&self) -> &'static str {
        "spdx-json"
    }

    fn render(&self, report: &Report, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
        json::write(&document::of(report, style), out)
    }
}

/// The row of the tag-value notation.
pub(crate) struct SpdxTagValue;

impl Format for SpdxTagValue {
    fn name(&self) -> &'static str {
        "spdx"
    }

    fn render(&self, report: &Report, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
        let mut out = io::BufWriter::new(out);
        tag_value::write(&document::of(report, style), &mut out)?;
        io::Write::flush(&mut out)
    }
}

#[cfg(test)]
mod tests;
