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

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::Hash;

use plimsoll_core::{Epss, Kev, Timestamp, Vulnerability, VulnerabilityText, VulnerableCode};

use super::aliases::{Aliases, is_cve};
use super::{BuildInput, live_records};
use crate::Record;
use crate::parallel;

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

/// The facts and texts of these vulnerabilities, in the order of ids.
pub(super) fn merge(
    input: &BuildInput,
    aliases: &Aliases<'_>,
    ids: &BTreeSet<&str>,
) -> Vec<(Vulnerability, VulnerabilityText)> {
    let mut records: HashMap<&str, Vec<&Record>> = HashMap::new();
    for (_, record) in live_records(input) {
        let id = aliases.canonical(&record.id);
        if ids.contains(id) {
            records.entry(id).or_default().push(record);
        }
    }
    let epss = latest_epss(input, aliases);
    let kev = first_kev(input, aliases);
    let ids: Vec<&str> = ids.iter().copied().collect();
    parallel::map(&ids, |&id| {
        let mut records = records.get(id).cloned().unwrap_or_default();
        records.sort_by(|left, right| (rank(&left.id), &left.id).cmp(&(rank(&right.id), &right.id)));
        let mut facts = facts(id, &records, aliases);
        facts.epss = epss.get(id).map(|&it| it.clone());
        facts.kev = kev.get(id).map(|&it| it.clone());
        (facts, texts(&records))
    })
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

fn facts(id: &str, records: &[&Record], aliases: &Aliases<'_>) -> Vulnerability {
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
    let cwes: BTreeSet<&String> = records.iter().flat_map(|record| &record.cwes).collect();
    let possible = |date: &Timestamp| DATES.contains(&date.0);
    Vulnerability {
        id: id.to_owned(),
        aliases: aliases.others(id).map(str::to_owned).collect(),
        ratings,
        cvss,
        cwes: cwes.into_iter().cloned().collect(),
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
fn code(records: &[&Record]) -> Vec<VulnerableCode> {
    let mut code: Vec<_> = records.iter().flat_map(|record| record.code.iter().cloned()).collect();
    code.sort();
    code.dedup();
    let located: BTreeSet<String> =
        code.iter().filter(|it| !it.path.is_empty()).map(|it| it.package.clone()).collect();
    code.retain(|it| located.contains(&it.package));
    code
}

/// What it is if nobody calls it a vulnerability: as soon as one record does, it is one.
fn informational(records: &[&Record]) -> Option<String> {
    let all = records.iter().all(|record| record.informational.is_some());
    records.first().filter(|_| all)?.informational.clone()
}

fn texts(records: &[&Record]) -> VulnerabilityText {
    let summary = records.iter().filter_map(|record| record.summary.as_deref()).find(|it| !it.is_empty());
    // `max_by_key` gives the last of equals, hence the other way round.
    let details = records
        .iter()
        .rev()
        .filter_map(|record| record.details.as_deref())
        .filter(|it| !it.is_empty())
        .max_by_key(|it| it.len());
    let references = unique(records.iter().flat_map(|record| &record.references))
        .filter(|it| it.len() <= REFERENCE_BYTES_MAX)
        .take(REFERENCES_MAX);
    VulnerabilityText {
        summary: summary.map(|it| cut(it, SUMMARY_BYTES_MAX)),
        details: details.map(|it| cut(it, DETAILS_BYTES_MAX)),
        references: references.cloned().collect(),
    }
}

/// The first of each.
fn unique<T: Eq + Hash + Copy>(items: impl Iterator<Item = T>) -> impl Iterator<Item = T> {
    let mut seen = std::collections::HashSet::new();
    items.filter(move |item| seen.insert(*item))
}

/// At most this many bytes and the note that there were more.
fn cut(text: &str, bytes_max: usize) -> String {
    if text.len() <= bytes_max {
        return text.to_owned();
    }
    let kept = &text[..text.floor_char_boundary(bytes_max)];
    format!("{kept}… [{} more bytes cut]", text.len() - kept.len())
}

fn latest_epss<'a>(input: &'a BuildInput, aliases: &Aliases<'a>) -> BTreeMap<&'a str, &'a Epss> {
    let mut latest: BTreeMap<&str, &Epss> = BTreeMap::new();
    for (id, epss) in input.feeds.iter().flat_map(|(_, output)| &output.epss) {
        let kept = latest.entry(aliases.canonical(id)).or_insert(epss);
        if kept.date < epss.date {
            *kept = epss;
        }
    }
    latest
}

fn first_kev<'a>(input: &'a BuildInput, aliases: &Aliases<'a>) -> BTreeMap<&'a str, &'a Kev> {
    let mut first: BTreeMap<&str, &Kev> = BTreeMap::new();
    for (id, kev) in input.feeds.iter().flat_map(|(_, output)| &output.kev) {
        first.entry(aliases.canonical(id)).or_insert(kev);
    }
    first
}
