//! Writing reports down: one file and one row of [`FORMATS`] for each way of doing it. Reading
//! what others wrote down is in [`read`].
//!
//! Pure: it opens no file, asks no terminal and no clock, and knows no ecosystem,
//! distribution, feed or registry by name, except where a format of another program has words
//! of its own for them: those stand in files called `vocabulary.rs`. What a terminal can do
//! arrives in a [`Style`].
#![forbid(unsafe_code)]

mod artifact;
mod cosign_vuln;
mod csv;
mod cyclonedx;
pub mod diff;
mod documents;
mod format;
mod github;
mod gitlab;
mod grype;
mod html;
mod identity;
mod json;
mod junit;
mod license;
mod markup;
mod openvex;
pub mod read;
mod sarif;
mod spdx;
mod style;
mod table;
mod template;
mod trivy;
mod union;
mod vocabulary;
mod words;

#[cfg(test)]
mod golden;
#[cfg(test)]
mod schema_check;

pub use format::{FORMATS, Format, format_named};
pub use style::{Commit, Style};
pub use table::render_packages;
pub use template::{TemplateError, render_template};

use plimsoll_core::Report;

/// Whether nothing is known to be missing, and anything was looked at in the first place.
///
/// The only answer to "complete?" that this crate gives, in every format: a report without an
/// image says nothing about one.
pub fn is_complete(report: &Report) -> bool {
    report.is_complete() && !report.images.is_empty()
}
