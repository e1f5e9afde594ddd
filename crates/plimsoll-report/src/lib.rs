//! Writing reports down: one file and one row of [`FORMATS`] for each way of doing it.
//!
//! Pure: it opens no file, asks no terminal and no clock, and knows no ecosystem,
//! distribution, feed or registry by name. What a terminal can do arrives in a [`Style`].
#![forbid(unsafe_code)]

mod format;
mod json;
mod style;
mod table;
mod union;

#[cfg(test)]
mod golden;
#[cfg(test)]
mod schema_check;

pub use format::{FORMATS, Format, format_named};
pub use style::Style;
pub use table::render_packages;

use plimsoll_core::Report;

/// Whether nothing is known to be missing, and anything was looked at in the first place.
///
/// The only answer to "complete?" that this crate gives, in every format: a report without an
/// image says nothing about one.
pub fn is_complete(report: &Report) -> bool {
    report.is_complete() && !report.images.is_empty()
}
