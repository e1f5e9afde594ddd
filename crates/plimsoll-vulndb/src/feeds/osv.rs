//! OSV: a zip of JSON records for each ecosystem, and records of one's own in the same format.
//!
//! A row for an ecosystem takes from its zip what speaks of that ecosystem; the same record
//! stands in the zips of the others. Distributions whose own feeds say more (Debian, Ubuntu,
//! Alpine, Red Hat, SUSE) have no row, but [`LOCAL`] takes any ecosystem.

mod place;
mod ranges;
mod record;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use plimsoll_core::{Advisory, End, Range, Severity, Status, VulnerableCode};
use serde_json::value::RawValue;

use super::shared::{ANY_STREAM, Document, each_document, is_cve, is_modular, package_name};
use crate::{Changing, Feed, FeedOutput, Licence, ListForm, Part, Remote, Source};

pub(super) use place::{Place, normalize, place};
pub(super) use record::{Affected, OsvRecord, cves, only_on, read};

/// The largest zip, npm's, has some 200 MB.
const SIZE_BYTES_MAX: u64 = 2 << 30;

/// Ecosystems with a handful of records, without which an update is still whole.
const SMALL: &[&str] = &["Hackage", "CRAN", "Bioconductor", "Julia", "openEuler"];

/// One ecosystem of OSV, or all of them.
pub(super) struct Osv {
    id: &'static str,
    title: &'static str,
    says: &'static str,
    is_silent_on: &'static str,
    cadence_hours: u32,
    /// The folder in OSV's bucket, which is the ecosystem's name; `None` takes every ecosystem.
    ecosystem: Option<&'static str>,
    licence: Licence,
}

/// Declares the feed of an ecosystem.
macro_rules! ecosystem {
    (
        $name:ident,
        $id:literal,
        $title:literal,
        $says:literal,
        $is_silent_on:literal,
        $cadence_hours:literal,
        $ecosystem:literal,
        $licence:literal,
        $attribution:literal
    ) => {
        #[doc = $title]
        pub(super) static $name: Osv = Osv {
            id: $id,
            title: $title,
            says: $says,
            is_silent_on: $is_silent_on,
            cadence_hours: $cadence_hours,
            ecosystem: Some($ecosystem),
            licence: Licence { name: $licence, attribution: $attribution, redistributable: true },
        };
    };
}

ecosystem!(
    ALMALINUX,
    "osv-almalinux",
    "AlmaLinux errata (OSV)",
    "AlmaLinux's errata (ALSA) with the binary packages and versions that fix them.",
    "Whatever is not fixed; modules are told by the version alone.",
    3,
    "AlmaLinux",
    "MIT",
    "AlmaLinux OS Foundation"
);
ecosystem!(
    ROCKY_LINUX,
    "osv-rocky",
    "Rocky Linux errata (OSV)",
    "Rocky Linux's errata (RLSA, RXSA) with the source packages and versions that fix them.",
    "Whatever is not fixed; modules are told by the version alone.",
    3,
    "Rocky Linux",
    "BSD-3-Clause",
    "Rocky Enterprise Software Foundation"
);
ecosystem!(
    GO,
    "osv-go",
    "Go vulnerability database and GitHub advisories for Go",
    "The Go vulnerability database and GitHub's advisories for Go modules and the standard library: \
     affected versions, and for many the functions.",
    "Modules' private forks; many entries are imported and not reviewed, or have no fix.",
    1,
    "Go",
    "CC-BY-4.0",
    "The Go authors and GitHub, by way of https://osv.dev/"
);
ecosystem!(
    CRATES_IO,
    "osv-crates.io",
    "RustSec",
    "RustSec's and GitHub's advisories for crates: affected versions, functions, platforms.",
    "Crates that come from nowhere but a repository.",
    1,
    "crates.io",
    "CC0-1.0 AND CC-BY-4.0",
    "RustSec and GitHub, by way of https://osv.dev/"
);
ecosystem!(
    PYPI,
    "osv-pypi",
    "PyPA, GitHub and malicious-package advisories for PyPI",
    "PyPA's and GitHub's advisories, and malicious packages, of PyPI: affected versions and lists \
     of them.",
    "Packages that a distribution patched, for which its own feed speaks.",
    1,
    "PyPI",
    "CC-BY-4.0 AND Apache-2.0",
    "PyPA, GitHub and OpenSSF, by way of https://osv.dev/"
);
ecosystem!(
    NPM,
    "osv-npm",
    "GitHub and malicious-package advisories for npm",
    "GitHub's advisories and malicious packages of npm.",
    "Node.js itself, which has a feed of its own; packages of private registries.",
    1,
    "npm",
    "CC-BY-4.0 AND Apache-2.0",
    "GitHub and OpenSSF, by way of https://osv.dev/"
);
ecosystem!(
    MAVEN,
    "osv-maven",
    "GitHub advisories for Maven",
    "GitHub's advisories for Maven packages, by group and artifact.",
    "Classes that were shaded into other jars, and what is only in other repositories.",
    1,
    "Maven",
    "CC-BY-4.0",
    "GitHub, by way of https://osv.dev/"
);
ecosystem!(
    NUGET,
    "osv-nuget",
    "GitHub and malicious-package advisories for NuGet",
    "GitHub's advisories and malicious packages of NuGet.",
    "The .NET runtime where it was not installed as a package.",
    1,
    "NuGet",
    "CC-BY-4.0 AND Apache-2.0",
    "GitHub and OpenSSF, by way of https://osv.dev/"
);
ecosystem!(
    RUBYGEMS,
    "osv-rubygems",
    "GitHub and malicious-package advisories for RubyGems",
    "GitHub's advisories and malicious packages of RubyGems.",
    "Ruby itself, of which RubySec speaks.",
    1,
    "RubyGems",
    "CC-BY-4.0 AND Apache-2.0",
    "GitHub and OpenSSF, by way of https://osv.dev/"
);
ecosystem!(
    PACKAGIST,
    "osv-packagist",
    "GitHub advisories for Packagist",
    "GitHub's advisories for Composer packages.",
    "PHP itself, of which distributions and the NVD speak.",
    1,
    "Packagist",
    "CC-BY-4.0",
    "GitHub, by way of https://osv.dev/"
);
ecosystem!(
    HEX,
    "osv-hex",
    "GitHub advisories for Hex",
    "GitHub's advisories for Erlang and Elixir packages.",
    "Erlang/OTP itself; there are only some dozens of records.",
    6,
    "Hex",
    "CC-BY-4.0",
    "GitHub, by way of https://osv.dev/"
);
ecosystem!(
    PUB,
    "osv-pub",
    "GitHub advisories for Pub",
    "GitHub's advisories for Dart packages.",
    "Dart itself; there are only some dozens of records.",
    6,
    "Pub",
    "CC-BY-4.0",
    "GitHub, by way of https://osv.dev/"
);
ecosystem!(
    SWIFT,
    "osv-swift",
    "GitHub advisories for Swift",
    "GitHub's advisories for Swift packages, by address.",
    "Swift itself; there are only some dozens of records.",
    6,
    "SwiftURL",
    "CC-BY-4.0",
    "GitHub, by way of https://osv.dev/"
);
ecosystem!(
    BITNAMI,
    "osv-bitnami",
    "Bitnami vulnerability database",
    "Affected versions of the programs in Bitnami's images.",
    "Components below Bitnami's own packages; much of it is made from the NVD.",
    6,
    "Bitnami",
    "Apache-2.0",
    "Bitnami, by way of https://osv.dev/"
);

/// openEuler. Its records name source packages, and the CVEs as `upstream`.
pub(super) static OPENEULER: Osv = Osv {
    id: "osv-openeuler",
    title: "openEuler security advisories (OSV)",
    says: "openEuler's announcements with source packages and the versions that fix them.",
    is_silent_on: "Whatever is not fixed.",
    cadence_hours: 6,
    ecosystem: Some("openEuler"),
    licence: Licence {
        name: "no licence is stated",
        attribution: "the openEuler community, https://www.openeuler.org/en/security/",
        redistributable: false,
    },
};
ecosystem!(
    HACKAGE,
    "osv-hackage",
    "Haskell security advisories for Hackage",
    "The Haskell security response team's advisories for packages of Hackage.",
    "GHC itself; there are only some dozens of records.",
    24,
    "Hackage",
    "CC0-1.0",
    "Haskell security response team, by way of https://osv.dev/"
);
ecosystem!(
    CRAN,
    "osv-cran",
    "R Consortium advisories for CRAN",
    "The R Consortium's advisories for packages of CRAN.",
    "R itself; there are only some dozens of records.",
    24,
    "CRAN",
    "Apache-2.0",
    "R Consortium, by way of https://osv.dev/"
);
ecosystem!(
    BIOCONDUCTOR,
    "osv-bioconductor",
    "R Consortium advisories for Bioconductor",
    "The R Consortium's advisories for packages of Bioconductor.",
    "Almost everything: there are a handful of records.",
    24,
    "Bioconductor",
    "Apache-2.0",
    "R Consortium, by way of https://osv.dev/"
);
ecosystem!(
    JULIA,
    "osv-julia",
    "Julia security advisories",
    "Julia's advisories for packages, and the libraries that they bring along.",
    "Julia itself where it is no package.",
    24,
    "Julia",
    "CC-BY-4.0",
    "JuliaLang, by way of https://osv.dev/"
);

/// Records of the user's own: `osv-local/*.json` (one record or an array of them) and
/// `osv-local/*.zip` in a mirror, of any ecosystem.
pub(super) static LOCAL: Osv = Osv {
    id: "osv-local",
    title: "OSV records of your own",
    says: "What you wrote down yourself, for any ecosystem or distribution.",
    is_silent_on: "Everything else. It comes from a mirror of your own alone.",
    cadence_hours: 6,
    ecosystem: None,
    licence: Licence { name: "your own", attribution: "you", redistributable: false },
};

impl Feed for Osv {
    fn id(&self) -> &'static str {
        self.id
    }

    fn title(&self) -> &'static str {
        self.title
    }

    fn says(&self) -> &'static str {
        self.says
    }

    fn is_silent_on(&self) -> &'static str {
        self.is_silent_on
    }

    fn cadence_hours(&self) -> u32 {
        self.cadence_hours
    }

    fn sources(&self) -> Vec<Source> {
        let Some(ecosystem) = self.ecosystem else {
            let local = |ending: &str| Source {
                name: format!("*.{ending}"),
                remote: Remote::MirrorOnly,
                mirror: vec![format!("osv-local/*.{ending}")],
                except: Vec::new(),
                newest_only: false,
                optional: true,
                size_bytes_max: SIZE_BYTES_MAX,
            };
            return vec![local("json"), local("zip")];
        };
        let folder = ecosystem.replace(' ', "%20");
        let folder = format!("https://osv-vulnerabilities.storage.googleapis.com/{folder}");
        let changing = Changing {
            archive: format!("{folder}/all.zip"),
            latest: None,
            folder: String::new(),
            changed: format!("{folder}/modified_id.csv"),
            deleted: None,
            documents: format!("{folder}/"),
            documents_max: 1_000,
            form: ListForm::Osv,
        };
        let zip = Source::file("all.zip", "", &[&format!("osv/{ecosystem}/all.zip")], SIZE_BYTES_MAX);
        // OSV makes a folder when the first record comes, and nobody promises that it stays.
        let optional = SMALL.contains(&ecosystem);
        vec![Source { remote: Remote::Changing(changing), optional, ..zip }]
    }

    fn licence(&self) -> Licence {
        self.licence
    }

    fn parse(&self, part: &Part<'_>, out: &mut FeedOutput) -> Result<(), String> {
        each_record(part, out, &mut |json, name, out| {
            if let Some(record) = read(json, name, self.id, out) {
                store(self.id, &|it| self.ecosystem.is_none_or(|own| own == it), record, out);
            }
        })
    }
}

/// Rows of one announcement, which has one for each CVE and package; a kernel's has 20,000.
const ROWS_MAX: usize = 1_000_000;
/// Rows of one part, so that a small zip cannot fill the memory; Red Hat's has 3 million.
const PART_ROWS_MAX: usize = 12_000_000;

/// What takes a record's JSON and the name of its file.
type Visit<'v> = &'v mut dyn FnMut(&str, &str, &mut FeedOutput);

/// Shows every record of a zip, a tar, a JSON array, or the single one. Counts it as read.
pub(super) fn each_record(part: &Part<'_>, out: &mut FeedOutput, visit: Visit<'_>) -> Result<(), String> {
    each_record_in(part, &|_| true, out, visit)
}

/// The same, of an archive's files only those that are `wanted` besides ending in `.json`.
pub(super) fn each_record_in(
    part: &Part<'_>,
    wanted: &dyn Fn(&str) -> bool,
    out: &mut FeedOutput,
    visit: Visit<'_>,
) -> Result<(), String> {
    let mut whole = Ok(());
    each_document(part.bytes, out, &|path| path.ends_with(".json") && wanted(path), &mut |document, out| {
        if out.advisories.len() > PART_ROWS_MAX {
            whole = Err(format!("more than {PART_ROWS_MAX} rows"));
            return;
        }
        if let Err(why) = records_of(&document, part.name, out, visit) {
            if document.is_part {
                whole = Err(why);
            } else {
                out.records_read += 1;
                out.quarantine(document.path, why);
            }
        }
    })?;
    whole
}

fn records_of(
    document: &Document<'_>,
    part: &str,
    out: &mut FeedOutput,
    visit: Visit<'_>,
) -> Result<(), String> {
    let text = String::from_utf8_lossy(document.content.clone()?);
    let json = text.trim_start_matches('\u{feff}').trim();
    let name = if document.is_part { part } else { document.path };
    if json.starts_with('[') {
        let records: Vec<&RawValue> = serde_json::from_str(json).map_err(|error| error.to_string())?;
        for (index, record) in records.into_iter().enumerate() {
            out.records_read += 1;
            visit(record.get(), &format!("{name}[{index}]"), out);
        }
        return Ok(());
    }
    if document.is_part {
        // Only a whole object can be a record that is merely bad.
        serde_json::from_str::<&RawValue>(json).map_err(|error| error.to_string()).and_then(|it| {
            if it.get().starts_with('{') { Ok(()) } else { Err("no OSV record".to_owned()) }
        })?;
    }
    out.records_read += 1;
    visit(json, name, out);
    Ok(())
}

/// Which vulnerabilities a record speaks of, and by which announcement.
pub(super) struct Subject {
    /// Each gets its own rows.
    pub(super) vulnerabilities: Vec<String>,
    pub(super) advisory_ids: Vec<String>,
    /// An announcement (ALSA, USN …) of what has other names, not a name of the thing itself.
    pub(super) is_announcement: bool,
}

/// Prefixes of announcements of distributions: about any number of CVEs, which some name as
/// `related` only.
const ANNOUNCEMENTS: &[&str] = &[
    "ALSA-",
    "ALBA-",
    "ALEA-",
    "RLSA-",
    "RLBA-",
    "RLEA-",
    "RXSA-",
    "RHSA-",
    "RHBA-",
    "RHEA-",
    "SUSE-",
    "openSUSE-",
    "DSA-",
    "DLA-",
    "DTSA-",
    "USN-",
    "LSN-",
    "MGASA-",
    "OESA-",
    "ELSA-",
];

/// Prefixes of announcements that fix bugs or add features: without a CVE they say nothing of
/// vulnerabilities.
const NO_SECURITY: &[&str] = &["ALBA-", "ALEA-", "RLBA-", "RLEA-", "RHBA-", "RHEA-"];

/// Prefixes in front of a distribution's view of one CVE.
const VIEWS: &[&str] = &["UBUNTU-", "DEBIAN-", "ALPINE-"];

impl Subject {
    /// Whether it is an announcement of something else.
    fn is_no_vulnerability(&self) -> bool {
        let is_other = |id: &String| NO_SECURITY.iter().any(|prefix| id.starts_with(prefix));
        !self.vulnerabilities.is_empty() && self.vulnerabilities.iter().all(is_other)
    }

    pub(super) fn of(record: &OsvRecord) -> Subject {
        let id = &record.record.id;
        let own = || vec![id.clone()];
        if ANNOUNCEMENTS.iter().any(|it| id.starts_with(it)) {
            let named = record.record.aliases.iter().chain(&record.upstream).chain(&record.related);
            let cves = cves(named);
            let vulnerabilities = if cves.is_empty() { own() } else { cves };
            return Subject { vulnerabilities, advisory_ids: own(), is_announcement: true };
        }
        let viewed = VIEWS.iter().find_map(|it| id.strip_prefix(it)).filter(|it| is_cve(it));
        let named = cves(record.record.aliases.iter().chain(&record.upstream));
        let canonical = match (viewed, named.as_slice()) {
            _ if is_cve(id) => id.clone(),
            (Some(cve), _) => cve.to_owned(),
            (None, [cve]) => cve.clone(),
            // An advisory of two CVEs is neither of them.
            _ => id.clone(),
        };
        let advisory_ids = if canonical == *id { Vec::new() } else { own() };
        Subject { vulnerabilities: vec![canonical], advisory_ids, is_announcement: false }
    }
}

/// Rows of one record under construction, one for each package of each place.
/// Packages of modules have rows of their own.
pub(super) type Rows = BTreeMap<(Place, String, Option<String>), Advisory>;

/// Which ecosystems' packages a feed takes from a record; the others are another feed's.
pub(super) type Takes<'t> = &'t dyn Fn(&str) -> bool;

/// Keeps what a record says of packages of the ecosystems that `takes` names.
pub(super) fn store(feed: &str, takes: Takes<'_>, mut record: OsvRecord, out: &mut FeedOutput) {
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
            let why = format!("ecosystem `{}` is unknown", super::shared::capped(&affected.ecosystem, 100));
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
fn note_code(record: &mut crate::Record, affected: Affected) {
    if affected.code.is_empty() && record.id.starts_with("GO-") {
        record.code.push(VulnerableCode { package: affected.name, path: String::new(), symbols: Vec::new() });
    } else {
        record.code.extend(affected.code);
    }
    record.informational = record.informational.take().or(affected.informational);
}

/// Notes that a record no longer holds, under its own id alone: what it was an alias of stands.
pub(super) fn withdraw(record: OsvRecord, out: &mut FeedOutput) {
    out.out_of_scope += 1;
    out.records.push(crate::Record { aliases: Vec::new(), ..record.record });
}

/// Adds what is said of one package to the rows; several statements about one are a union, of
/// which [`simplify`] then makes a row. Whether the package's name can be one.
pub(super) fn add(rows: &mut Rows, feed: &str, subject: &Subject, place: Place, affected: &Affected) -> bool {
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
pub(super) fn simplify(advisory: &mut Advisory) {
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
pub(super) fn finish(mut record: OsvRecord, subject: &Subject, rows: Rows, out: &mut FeedOutput) {
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

/// What the publisher of the packages says itself: malware is critical, and announcements of
/// rebuilds of RHEL begin with `Important: `.
fn own_severity(record: &OsvRecord) -> Option<Severity> {
    let id = &record.record.id;
    if id.starts_with("MAL-") {
        return Some(Severity::Critical);
    }
    if !ANNOUNCEMENTS.iter().any(|it| id.starts_with(it)) {
        return None;
    }
    let (word, _) = record.record.summary.as_deref()?.split_once(':')?;
    word.parse().ok()
}

#[cfg(test)]
mod tests;
