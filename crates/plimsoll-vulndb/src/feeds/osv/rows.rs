//! From a record to rows: which of its packages are taken, and what several statements about one
//! of them come to.
//!
//! Nothing that was said is narrowed: what contradicts itself is the union.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use plimsoll_core::{Advisory, End, Range, Status, VulnerableCode};

use super::place::{self, Place, normalize, place};
use super::record::{Affected, OsvRecord};
use super::subject::{Subject, own_severity};
use crate::feeds::shared::{ANY_STREAM, capped, is_modular, package_name};
use crate::{FeedOutput, Record};

/// Rows of one announcement, which has one for each CVE and package; a kernel's has 20,000.
const ROWS_MAX: usize = 1_000_000;

/// Rows of one record under construction, one for each package of each place.
/// Packages of modules have rows of their own.
pub(in crate::feeds) type Rows = BTreeMap<(Place, String, Option<String>), Advisory>;

/// Which ecosystems' packages a feed takes from a record; the others are another feed's.
pub(in crate::feeds) type Takes<'t> = &'t dyn Fn(&str) -> bool;

/// Keeps what a record says of packages of the ecosystems that `takes` names.
pub(in crate::feeds) fn store(feed: &str, takes: Takes<'_>, mut record: OsvRecord, out: &mut FeedOutput) {
    if let Some(modified) = record.record.modified {
        out.saw_date(modified);
    }
    if record.record.withdrawn {
        return withdraw(record, out);
    }
    let mut unreadable = record.unreadable;
    let subject = Subject::of(&record);
    if subject.is_no_vulnerability() {
        out.out_of_scope += 1;
        return;
    }
    let affected = std::mem::take(&mut record.affected);
    let ours: Vec<Affected> =
        affected.into_iter().filter(|it| !it.is_git_only && takes(place::split(&it.ecosystem).0)).collect();
    // What is no vulnerability is kept as that, unless the same record also names one.
    let only_informational = ours.iter().all(|it| it.informational.is_some());
    let mut rows = Rows::new();
    for affected in ours {
        if affected.informational.is_some() && !only_informational {
            continue;
        }
        let Some(place) = place(&affected.ecosystem) else {
            unreadable += 1;
            let why = format!("ecosystem `{}` is unknown", capped(&affected.ecosystem, 100));
            out.quarantine_part(record.record.id.as_str(), why);
            continue;
        };
        if add(&mut rows, feed, &subject, place, &affected) {
            note_code(&mut record.record, affected);
        } else {
            unreadable += 1;
            out.quarantine_part(record.record.id.as_str(), "a package name that cannot be one");
        }
    }
    rows.values_mut().for_each(simplify);
    if rows.is_empty() {
        if unreadable > 0 {
            out.quarantine(record.record.id, "none of its packages could be read");
        } else {
            out.out_of_scope += 1;
        }
        return;
    }
    finish(record, &subject, rows, out);
}

/// Go's own records name the code; where one does not, it may be anywhere in the package.
fn note_code(record: &mut Record, affected: Affected) {
    if affected.code.is_empty() && record.id.starts_with("GO-") {
        record.code.push(VulnerableCode { package: affected.name, path: String::new(), symbols: Vec::new() });
    } else {
        record.code.extend(affected.code);
    }
    record.informational = record.informational.take().or(affected.informational);
}

/// Notes that a record no longer holds, under its own id alone: what it was an alias of stands.
pub(in crate::feeds) fn withdraw(record: OsvRecord, out: &mut FeedOutput) {
    out.out_of_scope += 1;
    out.records.push(Record { aliases: Vec::new(), ..record.record });
}

/// Adds what is said of one package to the rows; several statements about one are a union, of
/// which [`simplify`] then makes a row. Whether the package's name can be one.
pub(in crate::feeds) fn add(
    rows: &mut Rows,
    feed: &str,
    subject: &Subject,
    place: Place,
    affected: &Affected,
) -> bool {
    let Some(name) = package_name(&affected.name) else {
        return false;
    };
    let name = normalize(&place.realm, name).into_owned();
    let module = module(&place, affected);
    let key = (place, name, module);
    match rows.entry(key) {
        Entry::Vacant(entry) => {
            let (place, name, module) = entry.key().clone();
            let advisory = Advisory {
                feed: feed.to_owned(),
                realm: place.realm,
                package: name,
                name_kind: place.name_kind,
                channel: place.channel,
                architectures: Vec::new(),
                module,
                vulnerability: String::new(),
                advisory_ids: subject.advisory_ids.clone(),
                ranges: affected.ranges.clone(),
                versions: affected.versions.clone(),
                status: Status::Affected,
                severity: affected.severity,
                note: affected.note.clone(),
            };
            entry.insert(advisory);
        }
        Entry::Occupied(mut entry) => {
            let advisory = entry.get_mut();
            if is_everything(advisory) || (affected.ranges.is_empty() && affected.versions.is_empty()) {
                advisory.ranges.clear();
                advisory.versions.clear();
            } else {
                advisory.ranges.extend(affected.ranges.iter().cloned());
                advisory.versions.extend(affected.versions.iter().cloned());
            }
            advisory.severity = advisory.severity.max(affected.severity);
            advisory.note = advisory.note.take().or_else(|| affected.note.clone());
        }
    }
    true
}

/// OSV has no place for the stream of a module; that a package is of one shows in its versions.
/// A row for packages of modules says nothing of the others, and the other way round.
fn module(place: &Place, affected: &Affected) -> Option<String> {
    let is_of_module = |range: &Range| match &range.end {
        End::Fixed(version) | End::LastAffected(version) | End::Limit(version) => is_modular(version),
        End::Open => false,
    };
    let is_modular = place.realm.0.starts_with("rpm/") && affected.ranges.iter().any(is_of_module);
    is_modular.then(|| ANY_STREAM.to_owned())
}

fn is_everything(advisory: &Advisory) -> bool {
    advisory.ranges.is_empty() && advisory.versions.is_empty()
}

/// Drops doubles, and everything where every version is affected anyhow; sets the status.
pub(in crate::feeds) fn simplify(advisory: &mut Advisory) {
    let all = Range { introduced: None, end: End::Open };
    if advisory.ranges.contains(&all) {
        advisory.ranges.clear();
        advisory.versions.clear();
    }
    let mut seen = std::collections::HashSet::new();
    advisory.ranges.retain(|range| seen.insert(range.clone()));
    let mut seen = std::collections::HashSet::new();
    advisory.versions.retain(|version| seen.insert(version.clone()));
    let has_fix = advisory.ranges.iter().any(|range| matches!(range.end, End::Fixed(_)));
    advisory.status = if has_fix { Status::Fixed } else { Status::Affected };
}

/// Puts a record's rows and the record itself into the output.
pub(in crate::feeds) fn finish(mut record: OsvRecord, subject: &Subject, rows: Rows, out: &mut FeedOutput) {
    let times = subject.vulnerabilities.len();
    let size = |row: &Advisory| row.ranges.len().saturating_add(row.versions.len()).saturating_add(1);
    let sizes = rows.values().map(size).fold(0, usize::saturating_add);
    if times > 1 && sizes.saturating_mul(times) > ROWS_MAX {
        return out.quarantine(record.record.id, format!("{times} CVEs times {} packages", rows.len()));
    }
    let severity = own_severity(&record);
    for (_, row) in rows {
        for vulnerability in &subject.vulnerabilities {
            let own = row.severity.max(severity);
            out.advisories.push(Advisory {
                vulnerability: vulnerability.clone(),
                severity: own,
                ..row.clone()
            });
        }
    }
    out.records_stored += 1;
    if subject.is_announcement {
        // Its text repeats what the packages' own records say; its summary is what people know it by.
        record.record.details = None;
        record.record.aliases.clear();
    } else {
        let cve = subject.vulnerabilities.first().filter(|it| **it != record.record.id);
        if let Some(cve) = cve.filter(|it| !record.record.aliases.contains(it)) {
            record.record.aliases.push(cve.clone());
        }
    }
    out.records.push(record.record);
}
