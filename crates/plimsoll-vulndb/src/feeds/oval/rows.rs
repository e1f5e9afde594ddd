//! What every feed of OVAL makes of versions, vectors and fixes.

use plimsoll_core::{Advisory, CvssVector, End, NameKind, Range, Realm, Status};

use super::definition::Cve;
use crate::FeedOutput;
use crate::feeds::shared::{cvss, version};

/// A version as it stands in a row: epoch zero is not said (rpm takes a missing one for zero).
pub(in crate::feeds) fn plain_version(text: &str) -> Option<&str> {
    let text = version(text)?;
    // `0: 1.20.10-1.azl3` occurs.
    let plain = text.strip_prefix("0:").unwrap_or(text).trim_start();
    let is_version =
        |it: &str| it.starts_with(|it: char| it.is_ascii_alphanumeric()) && !it.contains(char::is_whitespace);
    Some(plain).filter(|it| is_version(it))
}

/// Package and version of `bind is earlier than 30:9.3.3-8.el5`.
pub(in crate::feeds) fn fixed_in(comment: &str) -> Option<(&str, &str)> {
    comment.split_once(" is earlier than ")
}

/// An empty row: a binary's, affected in every version.
pub(in crate::feeds) fn advisory(feed: &str, realm: &Realm, package: &str) -> Advisory {
    Advisory {
        feed: feed.to_owned(),
        realm: realm.clone(),
        package: package.to_owned(),
        name_kind: NameKind::Binary,
        channel: None,
        architectures: Vec::new(),
        module: None,
        vulnerability: String::new(),
        advisory_ids: Vec::new(),
        ranges: Vec::new(),
        versions: Vec::new(),
        status: Status::Affected,
        severity: None,
        note: None,
    }
}

/// Everything before a version is affected, and that version fixes it.
pub(in crate::feeds) fn before(fixed: &str) -> Range {
    Range { introduced: None, end: End::Fixed(fixed.to_owned()) }
}

/// The vectors of a CVE, `7.8/AV:N/…` or `8.1/CVSS:3.0/AV:N/…`: the score before the first slash
/// is computed anew.
pub(in crate::feeds) fn vectors(
    cve: &Cve,
    source: &str,
    record: &str,
    out: &mut FeedOutput,
) -> Vec<CvssVector> {
    let mut read = Vec::new();
    for text in &cve.vectors {
        let vector = text.split_once('/').filter(|(score, _)| score.parse::<f64>().is_ok());
        match cvss(vector.map_or(text.as_str(), |(_, vector)| vector), source) {
            Ok(vector) => read.push(vector),
            Err(why) => out.quarantine_part(record, why),
        }
    }
    read
}
