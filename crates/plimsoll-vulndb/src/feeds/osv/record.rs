//! One OSV record, read so that a fault costs only the part in which it is.
//!
//! Decides nothing about realms or feeds.

use std::borrow::Cow;
use std::collections::HashSet;

use plimsoll_core::{CvssVector, Range, Rating, Severity, VulnerableCode};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::shared::{
    capped, cve, cvss, cwe, date, details, field, is_cve, lenient, note, package_name, reference, source_of,
    summary, valid_id, version,
};
use super::super::{debian, ubuntu_tracker};
use super::ranges::{Event, ranges};
use crate::{FeedOutput, Record};

/// No real record has more web addresses worth keeping.
const REFERENCES_MAX: usize = 256;
/// Different vectors of one record; more say nothing.
const VECTORS_MAX: usize = 64;
/// Import paths of one package; the largest real record has 60.
const IMPORTS_MAX: usize = 1024;
/// Symbols of one import path; the largest real list has 2,000.
const SYMBOLS_MAX: usize = 20_000;

#[derive(Deserialize)]
struct Raw<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow, default)]
    aliases: Option<&'a RawValue>,
    #[serde(borrow, default)]
    upstream: Option<&'a RawValue>,
    #[serde(borrow, default)]
    related: Option<&'a RawValue>,
    #[serde(borrow, default)]
    summary: Option<&'a RawValue>,
    #[serde(borrow, default)]
    details: Option<&'a RawValue>,
    #[serde(borrow, default)]
    severity: Option<&'a RawValue>,
    #[serde(borrow, default)]
    published: Option<&'a RawValue>,
    #[serde(borrow, default)]
    modified: Option<&'a RawValue>,
    #[serde(borrow, default)]
    withdrawn: Option<&'a RawValue>,
    #[serde(borrow, default)]
    references: Option<&'a RawValue>,
    #[serde(borrow, default)]
    affected: Option<&'a RawValue>,
    #[serde(borrow, default)]
    database_specific: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct RawAffected<'a> {
    #[serde(borrow)]
    package: RawPackage<'a>,
    #[serde(borrow, default)]
    ranges: Option<Vec<RawRange<'a>>>,
    #[serde(borrow, default)]
    versions: Option<Vec<Cow<'a, str>>>,
    #[serde(borrow, default)]
    severity: Option<&'a RawValue>,
    #[serde(borrow, default)]
    ecosystem_specific: Option<&'a RawValue>,
    #[serde(borrow, default)]
    database_specific: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct RawPackage<'a> {
    #[serde(borrow)]
    ecosystem: Cow<'a, str>,
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow, default)]
    purl: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct RawRange<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    #[serde(borrow, default)]
    events: Option<Vec<Event<'a>>>,
}

#[derive(Deserialize)]
struct RawSeverity<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    score: Cow<'a, str>,
}

#[derive(Deserialize)]
struct RawReference<'a> {
    #[serde(borrow)]
    url: Cow<'a, str>,
}

/// What databases add to a record.
#[derive(Default, Deserialize)]
struct RecordExtras<'a> {
    #[serde(borrow, default)]
    severity: Option<&'a RawValue>,
    #[serde(borrow, default)]
    cwe_ids: Option<&'a RawValue>,
}

/// What databases and ecosystems add to an affected package.
#[derive(Default, Deserialize)]
struct PackageExtras<'a> {
    #[serde(borrow, default)]
    informational: Option<&'a RawValue>,
    #[serde(borrow, default)]
    last_known_affected_version_range: Option<&'a RawValue>,
    #[serde(borrow, default)]
    urgency: Option<&'a RawValue>,
    #[serde(borrow, default)]
    availability: Option<&'a RawValue>,
    #[serde(borrow, default)]
    imports: Option<&'a RawValue>,
    #[serde(borrow, default)]
    affects: Option<&'a RawValue>,
}

/// A package of Go's that the vulnerability is in.
#[derive(Deserialize)]
struct RawImport<'a> {
    #[serde(borrow)]
    path: Cow<'a, str>,
    #[serde(borrow, default)]
    symbols: Option<Vec<Cow<'a, str>>>,
}

/// Where alone a crate is affected, in RustSec's words.
#[derive(Default, Deserialize)]
struct RawAffects<'a> {
    #[serde(borrow, default)]
    os: Option<&'a RawValue>,
    #[serde(borrow, default)]
    arch: Option<&'a RawValue>,
}

/// A record whose id can be trusted.
pub(in crate::feeds) struct OsvRecord {
    /// What goes into the database, if anything of the record does.
    pub(in crate::feeds) record: Record,
    /// Ids of the same kind, one level up: a distribution's record of a CVE names it here.
    pub(in crate::feeds) upstream: Vec<String>,
    /// Ids that are not of the same thing, or so the schema says.
    pub(in crate::feeds) related: Vec<String>,
    /// The affected packages that could be read.
    pub(in crate::feeds) affected: Vec<Affected>,
    /// How many could not.
    pub(in crate::feeds) unreadable: usize,
}

/// An affected package.
pub(in crate::feeds) struct Affected {
    pub(in crate::feeds) ecosystem: String,
    pub(in crate::feeds) name: String,
    pub(in crate::feeds) purl: Option<String>,
    /// Empty together with `versions`: every version.
    pub(in crate::feeds) ranges: Vec<Range>,
    pub(in crate::feeds) versions: Vec<String>,
    /// RustSec's `unmaintained`, `unsound`, `notice`: no vulnerability.
    pub(in crate::feeds) informational: Option<String>,
    /// The code that it is in.
    pub(in crate::feeds) code: Vec<VulnerableCode>,
    /// Debian's urgency.
    pub(in crate::feeds) severity: Option<Severity>,
    pub(in crate::feeds) note: Option<String>,
    /// Ubuntu's words on who gets the fix.
    pub(in crate::feeds) availability: String,
    /// Affected revisions of a repository are all that is given.
    pub(in crate::feeds) is_git_only: bool,
}

/// Reads a record's JSON. `place` is what it is called until its id is known. `None` means that
/// it was quarantined.
pub(in crate::feeds) fn read(json: &str, place: &str, feed: &str, out: &mut FeedOutput) -> Option<OsvRecord> {
    let raw: Raw<'_> = match serde_json::from_str(json) {
        Ok(raw) => raw,
        Err(error) => {
            out.quarantine(place, error.to_string());
            return None;
        }
    };
    if !valid_id(&raw.id) {
        out.quarantine(place, format!("its id `{}` is none", capped(&raw.id, 100)));
        return None;
    }
    let id = raw.id.as_ref();
    let (affected, unreadable) = affected(raw.affected, id, out);
    let mut record = raw.record(feed, out);
    for (extra, _) in &affected {
        severities(*extra, source_of(id, feed), &mut record, out);
    }
    Some(OsvRecord {
        record,
        upstream: ids(raw.upstream, "upstream", id, out),
        related: related(raw.related),
        affected: affected.into_iter().map(|(_, affected)| affected).collect(),
        unreadable,
    })
}

impl Raw<'_> {
    fn record(&self, feed: &str, out: &mut FeedOutput) -> Record {
        let id = self.id.as_ref();
        let source = source_of(id, feed);
        let day = |raw| date(&lenient::<Cow<'_, str>>(raw));
        let extras: RecordExtras<'_> = lenient(self.database_specific);
        let references: Vec<RawReference<'_>> = lenient(self.references);
        let references = references.iter().filter_map(|it| reference(&it.url)).take(REFERENCES_MAX);
        let mut record = Record {
            id: id.to_owned(),
            aliases: ids(self.aliases, "aliases", id, out),
            summary: summary(&lenient::<Cow<'_, str>>(self.summary)),
            details: details(&lenient::<Cow<'_, str>>(self.details)),
            references: references.map(str::to_owned).collect(),
            cwes: cwes(extras.cwe_ids),
            published: day(self.published),
            modified: day(self.modified),
            // Whatever stands there, if anything does.
            withdrawn: self.withdrawn.is_some_and(|it| !["null", "\"\"", "false"].contains(&it.get())),
            ..Record::default()
        };
        severities(self.severity, source, &mut record, out);
        let word: Cow<'_, str> = lenient(extras.severity);
        rate(&mut record, source, word.parse().ok());
        if id.starts_with("MAL-") {
            rate(&mut record, source, Some(Severity::Critical));
        }
        record
    }
}

/// Adds vectors and ratings; a vector that cannot be read is set aside.
fn severities(raw: Option<&RawValue>, source: &str, record: &mut Record, out: &mut FeedOutput) {
    let id = record.id.clone();
    let list: Vec<RawSeverity<'_>> = field(raw, "severity", &id, out);
    for severity in list {
        if !severity.kind.starts_with("CVSS") {
            // `{"type":"Ubuntu","score":"medium"}`
            rate(record, source, ubuntu_tracker::severity(&severity.score));
            continue;
        }
        match cvss(&severity.score, source) {
            Ok(vector) => push_new(&mut record.cvss, vector),
            Err(why) => out.quarantine_part(id.clone(), why),
        }
    }
}

fn push_new(vectors: &mut Vec<CvssVector>, vector: CvssVector) {
    if vectors.len() < VECTORS_MAX && !vectors.contains(&vector) {
        vectors.push(vector);
    }
}

fn rate(record: &mut Record, source: &str, severity: Option<Severity>) {
    let Some(severity) = severity.filter(|it| *it != Severity::Unknown) else {
        return;
    };
    let rating = Rating { source: source.to_owned(), severity };
    if !record.ratings.contains(&rating) {
        record.ratings.push(rating);
    }
}

/// Ids that can be trusted; the others are set aside one by one.
fn ids(raw: Option<&RawValue>, name: &str, record: &str, out: &mut FeedOutput) -> Vec<String> {
    let texts: Vec<Cow<'_, str>> = field(raw, name, record, out);
    let mut ids: Vec<String> = Vec::new();
    let mut seen = HashSet::new();
    for text in texts {
        // `GHSA-jf66-3q76-h5p5,` stands in two records of PyPI.
        let id = cve(&text).unwrap_or_else(|| text.trim().trim_end_matches([',', ';']).to_owned());
        if !valid_id(&id) {
            out.quarantine_part(record, format!("`{name}`: `{}` is no id", capped(&text, 100)));
        } else if id != record && seen.insert(id.clone()) {
            ids.push(id);
        }
    }
    ids
}

/// Of consequence only where it names CVEs and announcements; databases write anything there.
fn related(raw: Option<&RawValue>) -> Vec<String> {
    let texts: Vec<Cow<'_, str>> = lenient(raw);
    texts.iter().map(|it| it.trim()).filter(|it| valid_id(it)).map(str::to_owned).collect()
}

fn cwes(raw: Option<&RawValue>) -> Vec<String> {
    let texts: Vec<Cow<'_, str>> = lenient(raw);
    texts.iter().filter_map(|it| cwe(it)).map(str::to_owned).collect()
}

type WithSeverity<'a> = (Option<&'a RawValue>, Affected);

fn affected<'a>(raw: Option<&'a RawValue>, id: &str, out: &mut FeedOutput) -> (Vec<WithSeverity<'a>>, usize) {
    let entries: Vec<&RawValue> = field(raw, "affected", id, out);
    let (mut readable, mut unreadable) = (Vec::new(), 0);
    for (index, entry) in entries.into_iter().enumerate() {
        let read = serde_json::from_str::<RawAffected<'_>>(entry.get()).map_err(|error| error.to_string());
        match read.and_then(|raw| Ok((raw.severity, raw.read()?))) {
            Ok(entry) => readable.push(entry),
            // Commits of a repository without a package are nothing that an image could have.
            Err(_) if is_without_package(entry) => {}
            Err(why) => {
                unreadable += 1;
                out.quarantine_part(id, format!("affected[{index}]: {why}"));
            }
        }
    }
    (readable, unreadable)
}

/// Whether an entry speaks of Git revisions only, `{"ranges":[{"type":"GIT",…}]}`.
fn is_without_package(entry: &RawValue) -> bool {
    #[derive(Deserialize)]
    struct Package<'a> {
        #[serde(borrow, default)]
        package: Option<Inner<'a>>,
    }
    #[derive(Deserialize)]
    struct Inner<'a> {
        #[serde(borrow, default)]
        ecosystem: Option<&'a RawValue>,
        #[serde(borrow, default)]
        name: Option<&'a RawValue>,
    }
    serde_json::from_str::<Package<'_>>(entry.get())
        .is_ok_and(|it| it.package.is_none_or(|it| it.ecosystem.is_none() && it.name.is_none()))
}

impl RawAffected<'_> {
    fn read(&self) -> Result<Affected, String> {
        let mut all = Vec::new();
        let mut has_git = false;
        for range in self.ranges.iter().flatten() {
            match range.kind.as_ref() {
                "GIT" => has_git = true,
                "SEMVER" | "ECOSYSTEM" => all.extend(ranges(range.events.as_deref().unwrap_or_default())?),
                other => return Err(format!("a range of the unknown type `{}`", capped(other, 32))),
            }
        }
        let versions: Vec<String> = self
            .versions
            .iter()
            .flatten()
            .map(|it| version(it).map(str::to_owned).ok_or("a version that cannot be one"))
            .collect::<Result<_, _>>()?;
        let database: PackageExtras<'_> = lenient(self.database_specific);
        let ecosystem: PackageExtras<'_> = lenient(self.ecosystem_specific);
        let word = |raw| lenient::<Cow<'_, str>>(raw).into_owned();
        let last_known = word(database.last_known_affected_version_range);
        Ok(Affected {
            ecosystem: self.package.ecosystem.trim().to_owned(),
            name: self.package.name.trim().to_owned(),
            purl: self.package.purl.as_deref().map(str::to_owned),
            is_git_only: has_git && all.is_empty() && versions.is_empty(),
            ranges: all,
            versions,
            informational: note(&word(database.informational)),
            code: code(&self.package.name, ecosystem.imports),
            severity: debian::severity(&word(ecosystem.urgency)),
            note: (!last_known.is_empty())
                .then(|| note(&format!("last known affected: {last_known}")))
                .flatten()
                .or_else(|| platforms(ecosystem.affects)),
            availability: word(ecosystem.availability),
        })
    }
}

/// Paths and symbols of one package; one that cannot be a path costs all of them, since what is
/// not in the list is taken as harmless.
fn code(package: &str, raw: Option<&RawValue>) -> Vec<VulnerableCode> {
    let imports: Vec<RawImport<'_>> = lenient(raw);
    let is_symbol = |it: &str| package_name(it).is_some();
    let read = |import: RawImport<'_>| {
        let symbols = import.symbols.unwrap_or_default();
        let legal =
            is_symbol(&import.path) && symbols.len() <= SYMBOLS_MAX && symbols.iter().all(|it| is_symbol(it));
        legal.then(|| VulnerableCode {
            package: package.trim().to_owned(),
            path: import.path.into_owned(),
            symbols: symbols.into_iter().map(Cow::into_owned).collect(),
        })
    };
    if imports.len() > IMPORTS_MAX {
        return Vec::new();
    }
    imports.into_iter().map(read).collect::<Option<_>>().unwrap_or_default()
}

/// A note on where alone a crate is affected. The matcher knows no such thing, so that the row
/// stays and people are told.
fn platforms(raw: Option<&RawValue>) -> Option<String> {
    let affects: RawAffects<'_> = lenient(raw);
    let words = |raw| lenient::<Vec<Cow<'_, str>>>(raw).join(", ");
    let (systems, architectures) = (words(affects.os), words(affects.arch));
    only_on(&systems, &architectures)
}

/// The same, for lists of systems and architectures in words.
pub(in crate::feeds) fn only_on(systems: &str, architectures: &str) -> Option<String> {
    match (systems, architectures) {
        ("", "") => None,
        (only, "") | ("", only) => note(&format!("affects only {only}")),
        (systems, architectures) => note(&format!("affects only {systems} on {architectures}")),
    }
}

/// The CVEs among ids, without doubles.
pub(in crate::feeds) fn cves<'a>(ids: impl IntoIterator<Item = &'a String>) -> Vec<String> {
    let mut seen = HashSet::new();
    ids.into_iter().filter(|id| is_cve(id) && seen.insert(*id)).cloned().collect()
}
