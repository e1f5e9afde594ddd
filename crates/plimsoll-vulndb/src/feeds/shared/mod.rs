//! What several feeds need to read bytes that nobody vouches for: decompression, archives,
//! JSON, texts, ids, dates and CVSS vectors.
//!
//! Nothing here knows a feed, and nothing reads on after a limit.

mod announcement;
mod bytes;
mod change_json;
mod change_list;
mod documents;
mod elements;
mod interval;
mod json;
#[cfg(test)]
pub(super) mod packed;
mod page;
mod repomd;
mod requirement;
mod rpm;
mod score;
mod text;
mod yaml;

pub(super) use announcement::{Announcement, Build, vendor_severity};
pub(super) use bytes::{stream, text};
pub use change_list::{ChangeList, ChangedDocument, read_change_list};
pub(super) use documents::{Member, each_file, each_json, each_member};
pub(super) use elements::{Element, Elements, walk};
pub(super) use interval::{Cut, EVERYTHING, Marked, joined, ranges, without};
pub(super) use json::{Pairs, field, lenient};
pub use page::{PageHead, read_page};
pub use repomd::{RepositoryFile, mirror_list, repository_file};
pub(super) use requirement::{Dialect, requirement};
pub(super) use rpm::{ANY_STREAM, evr, is_modular, nevra};
pub(super) use score::{cvss, source_of};
pub(super) use text::{
    capped, cve, cwe, date, details, is_cve, note, package_name, reference, summary, valid_id, version,
};
pub(super) use yaml::yaml;
