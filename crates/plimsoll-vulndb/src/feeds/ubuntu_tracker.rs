//! The Ubuntu CVE tracker's text files (`active/CVE-*`, `retired/CVE-*`) in a tar.
//!
//! Keeps what Ubuntu's OSV and OVAL lose: won't fix, deferred, needs triage, end of life.
//! Channels: none is the ordinary archive; `esm-infra`, `esm-apps`, `esm-infra-legacy`,
//! `fips`, `fips-updates`, `fips-preview`, `ros-esm`, `realtime`, `bluefield` need Ubuntu Pro.

mod file;
mod place;
mod verdict;

use plimsoll_core::{Advisory, End, NameKind, Range, Rating, Realm, Severity};

use self::file::File;
pub(super) use self::place::{Place, place};
use self::verdict::verdict;
use super::shared::{cvss, date, details, each_file, is_cve, package_name, reference};
use crate::{Feed, FeedOutput, Licence, Part, Record, Source};

/// The whole tracker has some 50 MB packed.
const SIZE_BYTES_MAX: u64 = 1 << 30;
/// Priorities of single packages; real files have up to a dozen. They are searched for each
/// statement, hence a limit.
const PRIORITIES_MAX: usize = 1000;
/// No real file names more web addresses.
const REFERENCES_MAX: usize = 256;

/// The feed.
pub(super) struct UbuntuTracker;

impl Feed for UbuntuTracker {
    fn id(&self) -> &'static str {
        "ubuntu-tracker"
    }

    fn title(&self) -> &'static str {
        "Ubuntu CVE tracker"
    }

    fn says(&self) -> &'static str {
        "The state of every CVE in every source package and release, with priorities: released, \
         needed, deferred, ignored and why, not affected."
    }

    fn is_silent_on(&self) -> &'static str {
        "The CVEs of packages that nobody has triaged are listed and not judged; which binaries a \
         fix is in stands in other feeds."
    }

    fn cadence_hours(&self) -> u32 {
        1
    }

    fn sources(&self) -> Vec<Source> {
        let url = "https://git.launchpad.net/ubuntu-cve-tracker/snapshot/ubuntu-cve-tracker-master.tar.gz";
        let mirror = ["ubuntu/ubuntu-cve-tracker-master.tar.gz", "ubuntu/ubuntu-cve-tracker-*.tar.zst"];
        vec![Source { newest_only: true, ..Source::file("tracker", url, &mirror, SIZE_BYTES_MAX) }]
    }

    fn licence(&self) -> Licence {
        Licence {
            name: "CC-BY-SA-4.0",
            attribution: "Canonical Ltd., https://ubuntu.com/security/cves",
            redistributable: true,
        }
    }

    fn parse(&self, part: &Part<'_>, out: &mut FeedOutput) -> Result<(), String> {
        let documents = out.units.len();
        each_file(part, &is_record, out, &mut |path, bytes, out| {
            file(path, &String::from_utf8_lossy(bytes), out)
        })?;
        if out.units.len() == documents { Err("no tar with CVE files in it".to_owned()) } else { Ok(()) }
    }
}

/// Whether a path in the tar is a CVE's file. Snaps and other sub-projects have their own.
fn is_record(path: &str) -> bool {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    is_cve(name) && !folder.split('/').any(|it| it == "subprojects" || it == "embargoed")
}

/// The severity that a priority stands for; `untriaged` says nothing yet.
pub(super) fn severity(priority: &str) -> Option<Severity> {
    match priority.trim().to_ascii_lowercase().as_str() {
        "negligible" => Some(Severity::Negligible),
        "low" => Some(Severity::Low),
        "medium" => Some(Severity::Medium),
        "high" => Some(Severity::High),
        "critical" => Some(Severity::Critical),
        _ => None,
    }
}

fn file(path: &str, text: &str, out: &mut FeedOutput) -> Result<(), String> {
    let file = File::read(text);
    let name = path.rsplit('/').next().unwrap_or(path);
    let id = file.candidate.filter(|it| is_cve(it)).unwrap_or(name);
    if !is_cve(id) {
        return Err("neither its name nor its `Candidate` is a CVE".to_owned());
    }
    if file.priorities.len() > PRIORITIES_MAX {
        return Err(format!("more than {PRIORITIES_MAX} priorities"));
    }
    let rejected = file.description.trim_start_matches('*').trim_start().starts_with("REJECT");
    let rows = if rejected { 0 } else { statements(id, &file, out) };
    match rows {
        0 if !file.statements.is_empty() || rejected => out.out_of_scope += 1,
        0 => return Err("no statement about any package".to_owned()),
        _ => out.records_stored += 1,
    }
    if rows > 0 || rejected {
        let record = record(id, &file, rejected, out);
        out.records.push(record);
    }
    Ok(())
}

/// The rows of a file; how many there are.
fn statements(id: &str, file: &File<'_>, out: &mut FeedOutput) -> usize {
    let before = out.advisories.len();
    for (series, package, rest) in &file.statements {
        let (number, channel) = match place(series) {
            Place::Release { number, channel } => (number, channel),
            Place::NotARelease => continue,
            Place::Unknown => {
                out.quarantine_part(format!("{id} {series}"), "no known Ubuntu release");
                continue;
            }
        };
        let Some(package) = package_name(package) else {
            out.quarantine_part(format!("{id} {series}"), "no package name");
            continue;
        };
        let Some(verdict) = verdict(rest) else {
            continue;
        };
        if verdict.is_strange {
            let word = super::shared::capped(rest, 60);
            out.quarantine_part(format!("{id} {series}_{package}"), format!("state `{word}` is unknown"));
        }
        out.advisories.push(Advisory {
            feed: UbuntuTracker.id().to_owned(),
            realm: Realm::distro("deb", "ubuntu", number),
            package: package.to_owned(),
            name_kind: NameKind::Source,
            channel,
            architectures: Vec::new(),
            module: None,
            vulnerability: id.to_owned(),
            advisory_ids: Vec::new(),
            ranges: verdict
                .fixed
                .into_iter()
                .map(|it| Range { introduced: None, end: End::Fixed(it) })
                .collect(),
            versions: Vec::new(),
            status: verdict.status,
            severity: file.severity(series, package),
            note: verdict.note,
        });
    }
    out.advisories.len().saturating_sub(before)
}

fn record(id: &str, file: &File<'_>, rejected: bool, out: &mut FeedOutput) -> Record {
    let published = file.public_date.and_then(date);
    if let Some(published) = published {
        out.saw_date(published);
    }
    let mut vectors = Vec::new();
    for line in &file.vectors {
        // ` nvd: CVSS:3.1/AV:L/… [7.8 HIGH]`
        let Some((source, vector)) = line.split_once(": ").or_else(|| line.split_once(':')) else {
            continue;
        };
        match cvss(vector.split_whitespace().next().unwrap_or_default(), source.trim()) {
            Ok(vector) => vectors.push(vector),
            Err(why) => out.quarantine_part(id, why),
        }
    }
    let references = file.references.iter().filter_map(|it| reference(it)).take(REFERENCES_MAX);
    let rating = file.priority.and_then(severity);
    Record {
        id: id.to_owned(),
        details: details(&file.description),
        references: references.map(str::to_owned).collect(),
        ratings: rating
            .map(|severity| Rating { source: "ubuntu".to_owned(), severity })
            .into_iter()
            .collect(),
        cvss: vectors,
        published,
        withdrawn: rejected,
        ..Record::default()
    }
}

#[cfg(test)]
mod tests;
