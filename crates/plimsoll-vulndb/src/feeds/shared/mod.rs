//! What several feeds need to read bytes that nobody vouches for: decompression, archives,
//! JSON, texts, ids, dates and CVSS vectors.
//!
//! Nothing here knows a feed, and nothing reads on after a limit.

mod bytes;
mod interval;
mod json;
mod requirement;
mod score;
mod text;
mod yaml;

pub(super) use bytes::{Document, each_document, text};
pub(super) use interval::{Cut, EVERYTHING, Marked, joined, ranges, without};
pub(super) use json::{Pairs, field, lenient};
pub(super) use requirement::{Dialect, requirement};
pub(super) use score::{cvss, source_of};
pub(super) use text::{
    capped, cve, date, details, is_cve, note, package_name, reference, summary, valid_id, version,
};
pub(super) use yaml::yaml;
