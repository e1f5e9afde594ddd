//! SUSE Linux Enterprise and openSUSE: OVAL by CVE, in the files that hold what has no fix as well
//! (`-affected`). Names are those of binary packages.
//!
//! Channels: `ltss`, `espos`, `bcl`, `ltss-extended-security` …, the support that is paid for
//! after a service pack's own end. A fix in one of them means that the ordinary packages are
//! affected without any, and a row says so. The files by announcement (`-patch`) and CVRF say less.
//! Products that no image is of are passed over; [`products`] has the list.

mod places;
mod products;
mod statements;

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_core::{Advisory, Rating, Severity, Status};

use super::oval::{self, Definition};
use super::shared::{capped, cve, details, is_cve, reference, valid_id};
use crate::{Feed, FeedOutput, Licence, Part, Record, Remote, Source};
use places::Places;
use statements::{Key, Reading, Statement, Statements};

pub(super) use products::places;

/// The largest has some 25 MB.
const SIZE_BYTES_MAX: u64 = 512 << 20;
/// Rows of one part, so that a small file cannot fill the memory.
const PART_ROWS_MAX: usize = 12_000_000;
/// Announcements of one row; some CVEs have hundreds, for all products together.
const ADVISORIES_MAX: usize = 24;

/// The feed.
pub(super) struct Suse;

/// Files without their endings, and whether an update may go on without it.
const FILES: &[(&str, bool)] = &[
    ("suse.linux.enterprise.server.15-affected", false),
    ("suse.linux.enterprise.server.12-affected", true),
    ("suse.linux.enterprise.16-affected", true),
    ("suse.linux.enterprise.micro.5-affected", true),
    ("suse.linux.micro.6-affected", true),
    ("opensuse.tumbleweed-affected", true),
    ("opensuse.leap.16.0-affected", true),
    ("opensuse.leap.15.6-affected", true),
    ("opensuse.leap.15.5-affected", true),
    ("opensuse.leap.15.4-affected", true),
    ("opensuse.leap.15.3-affected", true),
    ("opensuse.leap.15.2-affected", true),
    ("opensuse.leap.15.1-affected", true),
    ("opensuse.leap.15.0-affected", true),
    ("opensuse.leap.micro.5.5-affected", true),
];

/// Files of releases to come, and of those that are called otherwise than we know, so that the
/// folder is listed.
const LISTED: &[&str] = &[
    "suse.linux.enterprise.server.16*-affected",
    "suse.linux.micro.*-affected",
    "opensuse.leap.1*-affected",
];
/// Where all of them lie.
const FOLDER: &str = "https://ftp.suse.com/pub/projects/security/oval";

impl Feed for Suse {
    fn id(&self) -> &'static str {
        "suse"
    }

    fn title(&self) -> &'static str {
        "SUSE and openSUSE OVAL"
    }

    fn says(&self) -> &'static str {
        "For SUSE's server releases and openSUSE Leap: fixed versions by binary package and \
         product, and what is affected without a fix."
    }

    fn is_silent_on(&self) -> &'static str {
        "Severities of single CVEs, which are those of the whole update; products that have no OVAL \
         file."
    }

    fn cadence_hours(&self) -> u32 {
        3
    }

    fn sources(&self) -> Vec<Source> {
        let excerpts = |name: &str| {
            let name = name.replace(".server.", ".");
            let plain = name.trim_end_matches("-affected").to_owned();
            [format!("suse/oval/{name}.excerpt.xml.gz"), format!("suse/oval/{plain}.excerpt.xml.gz")]
        };
        let file = |(name, optional): &(&str, bool)| {
            let source = Source::file(name, format!("{FOLDER}/{name}.xml.bz2"), &[], SIZE_BYTES_MAX);
            let mirror = std::iter::once(format!("suse/oval/{name}.xml.bz2")).chain(excerpts(name));
            Source { mirror: mirror.collect(), optional: *optional, ..source }
        };
        FILES.iter().map(file).chain(LISTED.iter().map(|name| listed(name))).collect()
    }

    fn licence(&self) -> Licence {
        Licence {
            name: "CC-BY-4.0",
            attribution: "SUSE, https://www.suse.com/support/security/oval/",
            redistributable: true,
        }
    }

    fn parse(&self, part: &Part<'_>, out: &mut FeedOutput) -> Result<(), String> {
        let (definitions, oval) = oval::read_whole(part.bytes, out)?;
        let mut reading = Reading::of(&oval);
        for definition in definitions {
            out.records_read += 1;
            self.definition(definition, &mut reading, out);
            if out.advisories.len() > PART_ROWS_MAX {
                return Err(format!("more than {PART_ROWS_MAX} rows"));
            }
        }
        Ok(())
    }
}

/// The files of this pattern that have no row in [`FILES`].
fn listed(pattern: &str) -> Source {
    let file = format!("{pattern}.xml.bz2");
    let remote = Remote::Listing { index: format!("{FOLDER}/"), link: file.clone(), files: Vec::new() };
    let source = Source::file(pattern, "", &[&format!("suse/oval/{file}")], SIZE_BYTES_MAX);
    let except = FILES.iter().map(|(name, _)| format!("{name}.xml.bz2")).collect();
    Source { remote, except, optional: true, ..source }
}

impl Suse {
    fn definition(&self, definition: Definition, reading: &mut Reading<'_>, out: &mut FeedOutput) {
        let vulnerabilities = vulnerabilities(&definition);
        let Some(first) = vulnerabilities.first() else {
            return out.quarantine(definition.id, "it names no CVE");
        };
        let place = format!("{} {first}", definition.id);
        if let Some(why) = definition.damage {
            return out.quarantine(place, why);
        }
        let (found, unreadable) = reading.statements(&definition);
        for (comment, why) in &unreadable {
            out.quarantine_part(place.as_str(), format!("`{}`: {why}", capped(comment, 100)));
        }
        if found.is_empty() {
            if !unreadable.is_empty() || definition.criteria.is_none() {
                return out.quarantine(place, "none of its criteria could be read");
            }
            out.out_of_scope += 1;
            return;
        }
        out.records_stored += 1;
        let advisory_ids = advisory_ids(&definition);
        let severity = definition.severity.parse::<Severity>().ok();
        for (key, statement) in reconciled(found, &reading.places) {
            let Some(row) = self.row(&key, &statement, &reading.places) else { continue };
            for vulnerability in &vulnerabilities {
                let is_fixed = row.status == Status::Fixed;
                out.advisories.push(Advisory {
                    vulnerability: vulnerability.clone(),
                    advisory_ids: if is_fixed { advisory_ids.clone() } else { Vec::new() },
                    severity,
                    ..row.clone()
                });
            }
        }
        self.record(&definition, &vulnerabilities, severity, out);
    }

    fn row(&self, key: &Key<'_>, statement: &Statement<'_>, places: &Places) -> Option<Advisory> {
        let place = places.get(key.place)?;
        let row = Advisory {
            channel: place.channel.clone(),
            architectures: statements::architectures(key.architectures),
            ..oval::advisory(self.id(), &place.realm, key.package)
        };
        Some(match statement {
            Statement::Fixed(fixed) => {
                Advisory { status: Status::Fixed, ranges: vec![oval::before(fixed)], ..row }
            }
            // No fix without paying: affected before the version that those who pay get.
            Statement::FixedElsewhere(fixed) => Advisory { ranges: vec![oval::before(fixed)], ..row },
            Statement::Exactly(version) => Advisory { versions: vec![(*version).to_owned()], ..row },
            Statement::Affected => row,
            Statement::NotAffected => Advisory { status: Status::NotAffected, ..row },
        })
    }

    fn record(
        &self,
        definition: &Definition,
        vulnerabilities: &BTreeSet<String>,
        severity: Option<Severity>,
        out: &mut FeedOutput,
    ) {
        if let Some(updated) = definition.updated.or(definition.issued) {
            out.saw_date(updated);
        }
        let mut records: BTreeMap<String, Record> = BTreeMap::new();
        let is_single = vulnerabilities.len() == 1;
        for vulnerability in vulnerabilities {
            let links = definition.references.iter().filter(|it| is_single && it.url.contains("suse"));
            let rating = severity.filter(|_| is_single);
            let record = Record {
                id: vulnerability.clone(),
                details: details(&definition.description).filter(|_| is_single),
                references: links.filter_map(|it| reference(&it.url)).map(str::to_owned).take(8).collect(),
                ratings: rating
                    .map(|severity| Rating { source: self.id().to_owned(), severity })
                    .into_iter()
                    .collect(),
                ..Record::default()
            };
            records.insert(vulnerability.clone(), record);
        }
        for scored in &definition.cves {
            let source = if scored.url.contains("nvd.nist.gov") { "nvd" } else { self.id() };
            // `CVE-2010-2322 at SUSE`
            let Some(record) = cve(&scored.text).and_then(|id| records.get_mut(&id)) else { continue };
            let vectors = oval::vectors(scored, source, &record.id, out);
            record.cvss.extend(vectors);
        }
        out.records.extend(records.into_values());
    }
}

/// The CVE of the title; of a file by announcements, those it refers to (`Mitre CVE-2010-2322`).
fn vulnerabilities(definition: &Definition) -> BTreeSet<String> {
    if is_cve(&definition.title) {
        return BTreeSet::from([definition.title.clone()]);
    }
    let cves = definition.references.iter().filter(|it| it.source == "CVE");
    cves.filter_map(|it| it.id.split_whitespace().last().and_then(cve)).collect()
}

/// `SUSE-SU-2022:4619-1`; updates of images and containers (`SUSE-IU`, `SUSE-CU`) are no fixes.
fn advisory_ids(definition: &Definition) -> Vec<String> {
    let announced =
        |id: &&str| ["SUSE-SU-", "openSUSE-SU-"].iter().any(|it| id.starts_with(it)) && valid_id(id);
    let ids = definition.references.iter().map(|it| it.id.as_str()).filter(announced);
    let ids: BTreeSet<&str> = ids.collect();
    // The newest come last in the order of their names.
    ids.into_iter().rev().take(ADVISORIES_MAX).map(str::to_owned).collect()
}

/// Statements of different products about one package of one release, made one:
///
/// 1. a denial counts only where no product of the release has the package affected;
/// 2. a fix in a channel means that the ordinary package is affected, unless it has its own fix.
fn reconciled<'o>(found: Statements<'o>, places: &Places) -> impl Iterator<Item = (Key<'o>, Statement<'o>)> {
    let subject = |key: &Key<'o>| (places.ordinary(key.place), key.package);
    let mut affected = BTreeSet::new();
    let mut ordinary_fixes = BTreeSet::new();
    for (key, statement) in &found {
        if !matches!(statement, Statement::NotAffected) {
            affected.insert(subject(key));
        }
        if matches!(statement, Statement::Fixed(_)) && key.place == places.ordinary(key.place) {
            ordinary_fixes.insert(*key);
        }
    }
    found.into_iter().flat_map(move |(key, statement)| {
        let is_overruled = matches!(statement, Statement::NotAffected) && affected.contains(&subject(&key));
        let ordinary = Key { place: places.ordinary(key.place), ..key };
        let elsewhere = match statement {
            Statement::Fixed(fixed) if !ordinary_fixes.contains(&ordinary) => {
                Some((ordinary, Statement::FixedElsewhere(fixed)))
            }
            _ => None,
        };
        (!is_overruled).then_some((key, statement)).into_iter().chain(elsewhere)
    })
}

#[cfg(test)]
mod tests;
