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
use super::ledger::Sum;
use super::table::Table;
use crate::parallel;
use crate::shard::view::{RecordHead, RecordText, RecordView};
use crate::snapshot::texts::lay_out;
use crate::snapshot::writer::{BuildError, Fact};
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

/// Where a record lies.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    table: u32,
    record: u32,
}

/// The records of vulnerabilities, by their numbers; what ranks first comes first.
pub(super) struct Records<'p, 'a> {
    tables: &'p [Table<'a>],
    places: Vec<Place>,
    /// Where those of each vulnerability end.
    ends: Vec<usize>,
}

impl<'p, 'a> Records<'p, 'a> {
    /// The records of these, in the order of their ids.
    pub(super) fn of(tables: &'p [Table<'a>], aliases: &Aliases<'a>, ids: &[&'a str]) -> Records<'p, 'a> {
        let numbers: TextMap<&str, u32> = ids.iter().zip(0..).map(|(&id, number)| (id, number)).collect();
        let mut all: Vec<(u32, u8, &str, Place)> = Vec::new();
        for (table, at) in tables.iter().zip(0u32..) {
            for (record, id) in (0u32..).zip((0..table.index.records()).map(|it| table.index.record_id(it))) {
                if let Some(&number) = numbers.get(aliases.canonical(id)) {
                    all.push((number, rank(id), id, Place { table: at, record }));
                }
            }
        }
        // Equal ones stay in the order of the feeds.
        all.sort_by_key(|it| it.0);
        for same in all.chunk_by_mut(|left, right| left.0 == right.0) {
            same.sort_by_key(|it| (it.1, it.2));
        }
        let mut ends = vec![0; ids.len()];
        for (number, ..) in &all {
            ends[*number as usize] += 1;
        }
        let mut end = 0;
        for count in &mut ends {
            end += *count;
            *count = end;
        }
        Records { tables, places: all.into_iter().map(|it| it.3).collect(), ends }
    }

    fn places(&self, number: usize) -> &[Place] {
        let start = number.checked_sub(1).and_then(|it| self.ends.get(it)).copied().unwrap_or(0);
        let end = self.ends.get(number).copied().unwrap_or(start);
        self.places.get(start..end).unwrap_or_default()
    }

    fn read(&self, number: usize) -> Result<Vec<RecordHead<'a>>, BuildError> {
        let places = self.places(number).iter();
        places.map(|it| self.tables[it.table as usize].record(it.record as usize)).collect()
    }

    /// The words of a vulnerability, laid out for the snapshot.
    pub(super) fn text(&self, number: usize) -> Result<Vec<u8>, BuildError> {
        let records = self.read(number)?;
        let texts: Option<Vec<RecordText<'_>>> = records.iter().map(RecordHead::text).collect();
        Ok(merge_text(&texts.ok_or(BuildError::Damaged)?))
    }
}

/// What is said of each vulnerability besides its records.
pub(super) struct Facts<'p, 'a> {
    pub(super) aliases: &'p Aliases<'a>,
    epss: TextMap<&'a str, &'p Epss>,
    kev: TextMap<&'a str, &'p Kev>,
}

impl<'p, 'a> Facts<'p, 'a> {
    pub(super) fn of(tables: &'p [Table<'a>], aliases: &'p Aliases<'a>) -> Facts<'p, 'a> {
        Facts { aliases, epss: latest_epss(tables, aliases), kev: first_kev(tables, aliases) }
    }

    /// The facts about vulnerabilities, but those that are the same in the snapshot before.
    pub(super) fn merged(
        &self,
        ids: &[&'a str],
        records: &Records<'_, 'a>,
        kept: &[Option<u32>],
    ) -> Result<Vec<Fact>, BuildError> {
        let numbers: Vec<usize> = (0..ids.len()).collect();
        let merged = parallel::map(&numbers, |&number| {
            if let Some(there) = kept.get(number).copied().flatten() {
                return Ok(Fact::Kept(there));
            }
            let id = ids.get(number).copied().unwrap_or_default();
            let heads = records.read(number)?;
            let views: Option<Vec<RecordView<'_>>> = heads.iter().map(RecordHead::view).collect();
            let mut facts = merge(id, &views.ok_or(BuildError::Damaged)?, self.aliases);
            facts.epss = self.epss.get(id).map(|&it| it.clone());
            facts.kev = self.kev.get(id).map(|&it| it.clone());
            Ok(Fact::New(Box::new(facts)))
        });
        merged.into_iter().collect()
    }

    /// Of each vulnerability the sum of what its facts are made from, and that of its records alone.
    pub(super) fn sums(&self, ids: &[&'a str], records: &Records<'_, 'a>, seed: u64) -> (Vec<u64>, Vec<u64>) {
        let numbers: Vec<usize> = (0..ids.len()).collect();
        let shares = parallel::shares(&numbers, |share| {
            let mut sum = Sum::default();
            let of = |&number: &usize| {
                for place in records.places(number) {
                    let table = &records.tables[place.table as usize];
                    sum.number(table.index.record_sum(place.record as usize));
                }
                let of_records = sum.take(seed);
                let id = ids.get(number).copied().unwrap_or_default();
                sum.number(of_records);
                self.aliases.others(id).for_each(|alias| sum.text(alias));
                self.add_enrichment(id, &mut sum);
                (sum.take(seed), of_records)
            };
            share.iter().map(of).collect::<Vec<_>>()
        });
        shares.into_iter().flatten().unzip()
    }

    fn add_enrichment(&self, id: &str, sum: &mut Sum) {
        let time = |sum: &mut Sum, time: Option<Timestamp>| {
            sum.number(u64::from(time.is_some()));
            sum.number(time.map_or(0, |it| it.0.cast_unsigned()));
        };
        if let Some(epss) = self.epss.get(id) {
            sum.text("epss");
            sum.number(u64::from(epss.score_millionths));
            sum.number(epss.percentile_millionths.map_or(u64::MAX, u64::from));
            sum.number(u64::from(epss.model.is_some()));
            sum.text(epss.model.as_deref().unwrap_or_default());
            time(sum, epss.date);
        }
        if let Some(kev) = self.kev.get(id) {
            sum.text("kev");
            time(sum, kev.added);
            time(sum, kev.due);
            sum.number(u64::from(kev.ransomware));
        }
    }
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

fn latest_epss<'a, 'p>(tables: &'p [Table<'a>], aliases: &Aliases<'a>) -> TextMap<&'a str, &'p Epss> {
    let mut latest: TextMap<&str, &Epss> = TextMap::default();
    for (id, epss) in tables.iter().flat_map(|table| &table.lists.epss) {
        let kept = latest.entry(aliases.canonical(id)).or_insert(epss);
        if kept.date < epss.date {
            *kept = epss;
        }
    }
    latest
}

fn first_kev<'a, 'p>(tables: &'p [Table<'a>], aliases: &Aliases<'a>) -> TextMap<&'a str, &'p Kev> {
    let mut first: TextMap<&str, &Kev> = TextMap::default();
    for (id, kev) in tables.iter().flat_map(|table| &table.lists.kev) {
        first.entry(aliases.canonical(id)).or_insert(kev);
    }
    first
}
