//! Merging what all feeds say about a vulnerability, field by field.
//!
//! | field | rule |
//! |---|---|
//! | ratings, CVSS | all of them, each with its source; sorted, repetitions left out |
//! | CWE ids | all of them |
//! | summary | of the record that ranks first ([`rank`]) among those with one |
//! | details | the longest; of equals the one that ranks first |
//! | references | all, in the order of rank, up to [`REFERENCES_MAX`] |
//! | published, modified | the earliest, the latest; dates outside of 1990 to 2100 are none |
//! | code | all places; a package without any place is left out |
//! | informational | only where every record says so |
//! | EPSS | the score of the latest day |
//! | KEV | the entry of the first feed that has one |

use std::borrow::Cow;
use std::collections::BTreeSet;

use plimsoll_core::{Epss, Kev, Timestamp, Vulnerability, VulnerableCode};

use super::aliases::{Aliases, is_cve};
use super::{Piece, live_records};
use crate::parallel;
use crate::shard::view::{RecordHead, RecordText, RecordView};
use crate::snapshot::texts::lay_out;
use crate::snapshot::writer::BuildError;
use crate::texts::{TextMap, TextSet};

/// More references than this help nobody.
const REFERENCES_MAX: usize = 50;
/// Longer descriptions are cut, and say so.
const DETAILS_BYTES_MAX: usize = 64 * 1024;
/// Longer summaries are cut, and say so.
const SUMMARY_BYTES_MAX: usize = 1024;
/// Longer addresses are no use to people and are left out.
const REFERENCE_BYTES_MAX: usize = 2048;
/// 1990-01-01 and 2100-01-01: feeds write year 1 for "unknown" (feeds.md 5.12).
const DATES: std::ops::Range<i64> = 631_152_000..4_102_444_800;

/// The records of each of these vulnerabilities, in the order of their ids; what ranks first comes
/// first.
pub(super) fn records<'a, 'p>(
    pieces: &'p [Piece<'a>],
    aliases: &Aliases<'a>,
    ids: &[&'a str],
) -> Vec<Vec<&'p RecordHead<'a>>> {
    let numbers: TextMap<&str, usize> = ids.iter().zip(0..).map(|(&id, number)| (id, number)).collect();
    let mut all = vec![Vec::new(); ids.len()];
    for record in live_records(pieces) {
        if let Some(&number) = numbers.get(aliases.canonical(record.id)) {
            all[number].push(record);
        }
    }
    for records in &mut all {
        records.sort_by(|left, right| (rank(left.id), left.id).cmp(&(rank(right.id), right.id)));
    }
    all
}

/// The facts of these vulnerabilities, of which `records` speak.
pub(super) fn facts<'a>(
    pieces: &[Piece<'a>],
    aliases: &Aliases<'a>,
    ids: &[&'a str],
    records: &[Vec<&RecordHead<'a>>],
) -> Result<Vec<Vulnerability>, BuildError> {
    let epss = latest_epss(pieces, aliases);
    let kev = first_kev(pieces, aliases);
    let all: Vec<(&str, &[&RecordHead<'_>])> =
        ids.iter().copied().zip(records.iter().map(Vec::as_slice)).collect();
    let merged = parallel::map(&all, |&(id, records)| {
        let views: Option<Vec<RecordView<'_>>> = records.iter().map(|record| record.view()).collect();
        let mut facts = merge(id, &views.ok_or(BuildError::Damaged)?, aliases);
        facts.epss = epss.get(id).map(|&it| it.clone());
        facts.kev = kev.get(id).map(|&it| it.clone());
        Ok(facts)
    });
    merged.into_iter().collect()
}

/// The words of a vulnerability, laid out for the snapshot.
pub(super) fn text(records: &[&RecordHead<'_>]) -> Result<Vec<u8>, BuildError> {
    let texts: Option<Vec<RecordText<'_>>> = records.iter().map(|record| record.text()).collect();
    Ok(merge_text(&texts.ok_or(BuildError::Damaged)?))
}

/// Whose words come first: the reviewed advisories, then those of the languages' own
/// databases, then CVE's and what distributions made of it.
fn rank(id: &str) -> u8 {
    if id.starts_with("GHSA-") {
        0
    } else if ["GO-", "PYSEC-", "RUSTSEC-", "OSV-", "MAL-"].iter().any(|prefix| id.starts_with(prefix)) {
        1
    } else if is_cve(id) {
        2
    } else {
        3
    }
}

fn merge(id: &str, records: &[RecordView<'_>], aliases: &Aliases<'_>) -> Vulnerability {
    let mut ratings: Vec<_> = records.iter().flat_map(|record| record.ratings.iter().cloned()).collect();
    ratings.sort_by(|left, right| (&left.source, left.severity).cmp(&(&right.source, right.severity)));
    ratings.dedup();
    let mut cvss: Vec<_> = records.iter().flat_map(|record| record.cvss.iter().cloned()).collect();
    cvss.sort_by(|left, right| {
        (&left.source, &left.version, &left.vector, left.score_tenths).cmp(&(
            &right.source,
            &right.version,
            &right.vector,
            right.score_tenths,
        ))
    });
    cvss.dedup();
    let cwes: BTreeSet<&str> = records.iter().flat_map(|record| record.cwes.iter().copied()).collect();
    let possible = |date: &Timestamp| DATES.contains(&date.0);
    Vulnerability {
        id: id.to_owned(),
        aliases: aliases.others(id).map(str::to_owned).collect(),
        ratings,
        cvss,
        cwes: cwes.into_iter().map(str::to_owned).collect(),
        published: records.iter().filter_map(|record| record.published).filter(possible).min(),
        modified: records.iter().filter_map(|record| record.modified).filter(possible).max(),
        epss: None,
        kev: None,
        code: code(records),
        informational: informational(records),
    }
}

/// Where the code is, of all records. A package of which nobody says more than that it is somewhere
/// in it needs no mention.
fn code(records: &[RecordView<'_>]) -> Vec<VulnerableCode> {
    let mut code: Vec<_> = records.iter().flat_map(|record| record.code.iter().cloned()).collect();
    code.sort();
    code.dedup();
    let located: BTreeSet<String> =
        code.iter().filter(|it| !it.path.is_empty()).map(|it| it.package.clone()).collect();
    code.retain(|it| located.contains(&it.package));
    code
}

/// What it is if nobody calls it a vulnerability: as soon as one record does, it is one.
fn informational(records: &[RecordView<'_>]) -> Option<String> {
    let all = records.iter().all(|record| record.informational.is_some());
    records.first().filter(|_| all)?.informational.map(str::to_owned)
}

fn merge_text(records: &[RecordText<'_>]) -> Vec<u8> {
    let summary = records.iter().filter_map(|record| record.summary).find(|it| !it.is_empty());
    // `max_by_key` gives the last of equals, hence the other way round.
    let details = records.iter().rev().filter_map(|record| record.details).filter(|it| !it.is_empty());
    let mut seen = TextSet::default();
    let references: Vec<&str> = records
        .iter()
        .flat_map(|record| record.references.iter().copied())
        .filter(|it| seen.insert(*it) && it.len() <= REFERENCE_BYTES_MAX)
        .take(REFERENCES_MAX)
        .collect();
    let summary = summary.map(|it| cut(it, SUMMARY_BYTES_MAX));
    let details = details.max_by_key(|it| it.len()).map(|it| cut(it, DETAILS_BYTES_MAX));
    lay_out(summary.as_deref(), details.as_deref(), &references)
}

/// At most this many bytes and the note that there were more.
fn cut(text: &str, bytes_max: usize) -> Cow<'_, str> {
    if text.len() <= bytes_max {
        return Cow::Borrowed(text);
    }
    let kept = &text[..text.floor_char_boundary(bytes_max)];
    Cow::Owned(format!("{kept}… [{} more bytes cut]", text.len() - kept.len()))
}

fn latest_epss<'a, 'p>(pieces: &'p [Piece<'a>], aliases: &Aliases<'a>) -> TextMap<&'a str, &'p Epss> {
    let mut latest: TextMap<&str, &Epss> = TextMap::default();
    for (id, epss) in pieces.iter().flat_map(|piece| &piece.contents.epss) {
        let kept = latest.entry(aliases.canonical(id)).or_insert(epss);
        if kept.date < epss.date {
            *kept = epss;
        }
    }
    latest
}

fn first_kev<'a, 'p>(pieces: &'p [Piece<'a>], aliases: &Aliases<'a>) -> TextMap<&'a str, &'p Kev> {
    let mut first: TextMap<&str, &Kev> = TextMap::default();
    for (id, kev) in pieces.iter().flat_map(|piece| &piece.contents.kev) {
        first.entry(aliases.canonical(id)).or_insert(kev);
    }
    first
}
