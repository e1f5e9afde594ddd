//! The Debian security tracker's JSON (`/tracker/data/json`): source package, CVE, release.
//!
//! Reads no list of DSAs ([`super::debian_announcements`]) and orders no versions: where a release stands, the tracker has decided.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

use plimsoll_core::{Advisory, End, NameKind, Range, Realm, Severity, Status};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::shared::{Pairs, details, field, lenient, note, package_name, text, valid_id, version};
use crate::{Feed, FeedOutput, Licence, Part, Record, Source};

/// The file has some 70 MB.
const SIZE_BYTES_MAX: u64 = 1 << 30;

/// A tracker: Debian's, and the one that continues it for releases that Debian has left.
pub(super) struct Tracker {
    id: &'static str,
    title: &'static str,
    says: &'static str,
    is_silent_on: &'static str,
    cadence_hours: u32,
    url: &'static str,
    mirror: &'static [&'static str],
    /// The channel that its fixes need, and the only releases that it decides about.
    extended: Option<Extended>,
    licence: Licence,
}

/// What a tracker of releases has besides that Debian has left.
struct Extended {
    channel: &'static str,
    releases: &'static [&'static str],
}

/// Debian's own.
pub(super) static DEBIAN: Tracker = Tracker {
    id: "debian",
    title: "Debian security tracker",
    says: "For every source package of every release that Debian or its LTS team supports: fixed in which \
     version, open, ignored, postponed, or never affected.",
    is_silent_on: "Releases that are out of support leave it; what is undetermined is nobody's verdict, and \
     urgencies are hardly given any more.",
    cadence_hours: 1,
    url: "https://security-tracker.debian.org/tracker/data/json",
    mirror: &[
        "debian/tracker/data.json",
        "debian/tracker/json",
        "debian/tracker/data-json-reassembled.full-no-descriptions.json.gz",
    ],
    extended: None,
    licence: Licence {
        name: "none stated; the security team endorses reuse",
        attribution: "Debian security team, https://security-tracker.debian.org/",
        redistributable: true,
    },
};

/// Freexian's, for Extended LTS: the channel `elts`, which has to be paid for. What it calls fixed
/// is open in the ordinary archive up to that version. Where Debian's own tracker still speaks of
/// a release, that counts and this does not.
pub(super) static EXTENDED: Tracker = Tracker {
    id: "debian-elts",
    title: "Debian Extended LTS security tracker",
    says: "Fixes and open issues of releases that Debian no longer supports, as Freexian keeps them for \
     its customers.",
    is_silent_on: "Packages that Freexian does not support; and its fixes are in its own archive, not in \
     Debian's.",
    cadence_hours: 6,
    url: "https://deb.freexian.com/extended-lts/tracker/data/json",
    mirror: &["debian/extended-lts/data.json", "debian/extended-lts/json"],
    extended: Some(Extended { channel: "elts", releases: &["8", "9", "10", "11"] }),
    licence: Licence {
        name: "none stated",
        attribution: "Freexian SARL, https://deb.freexian.com/extended-lts/tracker/",
        redistributable: true,
    },
};

impl Feed for Tracker {
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
        let source = Source::file("tracker", self.url, self.mirror, SIZE_BYTES_MAX);
        vec![Source { optional: self.extended.is_some(), ..source }]
    }

    fn licence(&self) -> Licence {
        self.licence
    }

    fn parse(&self, part: &Part<'_>, out: &mut FeedOutput) -> Result<(), String> {
        let text = text(part.bytes, SIZE_BYTES_MAX)?;
        let Pairs(packages) = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        let mut parser =
            Parser { feed: self, out, described: HashSet::new(), unknown_releases: BTreeMap::new() };
        for (package, issues) in packages {
            parser.package(&package, issues);
        }
        parser.finish();
        Ok(())
    }
}

/// The number of a release, by which advisories are filed; `sid` has none.
///
/// Source: <https://wiki.debian.org/DebianReleases>.
pub(super) fn release(name: &str) -> Option<&str> {
    const CODENAMES: &[(&str, &str)] = &[
        ("squeeze", "6"),
        ("wheezy", "7"),
        ("jessie", "8"),
        ("stretch", "9"),
        ("buster", "10"),
        ("bullseye", "11"),
        ("bookworm", "12"),
        ("trixie", "13"),
        ("forky", "14"),
        ("duke", "15"),
        ("sid", "sid"),
    ];
    // Until 6.0, releases had a second number; only 3.0 and 3.1 are two.
    let number = name.strip_suffix(".0").filter(|it| *it != "3").unwrap_or(name);
    let is_number = !number.is_empty() && number.len() <= 3 && number.bytes().all(|it| it.is_ascii_digit());
    if is_number || number == "3.0" || number == "3.1" {
        return Some(number);
    }
    CODENAMES.iter().find(|(codename, _)| *codename == name).map(|(_, number)| *number)
}

/// The severity that an urgency stands for. Debian gives almost none any more; asterisks mark
/// urgencies set by a script.
pub(super) fn severity(urgency: &str) -> Option<Severity> {
    match urgency.trim_end_matches('*') {
        "unimportant" => Some(Severity::Negligible),
        "low" => Some(Severity::Low),
        "medium" => Some(Severity::Medium),
        "high" => Some(Severity::High),
        _ => None,
    }
}

#[derive(Deserialize)]
struct Issue<'a> {
    #[serde(borrow, default)]
    description: Option<&'a RawValue>,
    #[serde(borrow, default)]
    releases: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct ReleaseRow<'a> {
    #[serde(borrow)]
    status: Cow<'a, str>,
    #[serde(borrow, default)]
    urgency: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    fixed_version: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    nodsa: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    nodsa_reason: Option<Cow<'a, str>>,
}

struct Parser<'o> {
    feed: &'o Tracker,
    out: &'o mut FeedOutput,
    /// Ids whose description was kept; the tracker repeats it under every source package.
    described: HashSet<String>,
    /// Codenames that the table lacks, and how many rows each.
    unknown_releases: BTreeMap<String, u64>,
}

impl Parser<'_> {
    fn package(&mut self, package: &str, issues: &RawValue) {
        let issues: Result<Pairs<'_>, _> = serde_json::from_str(issues.get());
        let (Some(name), Ok(Pairs(issues))) = (package_name(package), issues) else {
            self.out.records_read += 1;
            self.out.quarantine(format!("package {package}"), "no package name with an object of issues");
            return;
        };
        for (id, issue) in issues {
            self.out.records_read += 1;
            self.issue(name, &id, issue);
        }
    }

    fn issue(&mut self, package: &str, id: &str, issue: &RawValue) {
        let place = format!("{package} {id}");
        if !valid_id(id) {
            return self.out.quarantine(place, "its id is none");
        }
        let issue: Issue<'_> = match serde_json::from_str(issue.get()) {
            Ok(issue) => issue,
            Err(error) => return self.out.quarantine(place, error.to_string()),
        };
        let releases: Option<Pairs<'_>> = match issue.releases.map(|it| serde_json::from_str(it.get())) {
            Some(Ok(releases)) => Some(releases),
            Some(Err(error)) => return self.out.quarantine(place, format!("`releases`: {error}")),
            None => None,
        };
        let faults = self.out.quarantined.len();
        let rows = self.rows(&place, releases.map(|it| it.0).unwrap_or_default());
        if rows.is_empty() && self.out.quarantined.len() > faults {
            return self.out.quarantine(place, "none of its releases could be read");
        }
        if rows.is_empty() {
            // A release that is not listed does not have the package: nothing is said.
            self.out.out_of_scope += 1;
            return;
        }
        let fixed_in_sid = fixed_in_sid(&rows);
        let is_decided_here = |release: &str| self.feed.extended.is_none() || release != "sid";
        if !rows.iter().any(|(release, _)| is_decided_here(release)) {
            self.out.out_of_scope += 1;
            return;
        }
        self.out.records_stored += 1;
        for (release, row) in rows.iter().filter(|(release, _)| is_decided_here(release)) {
            let advisory = self.advisory(package, id, release, row, fixed_in_sid.as_deref());
            self.push(advisory);
        }
        let description: Cow<'_, str> = lenient_text(issue.description);
        if let Some(details) = details(&description).filter(|_| self.described.insert(id.to_owned())) {
            self.out.records.push(Record { id: id.to_owned(), details: Some(details), ..Record::default() });
        }
    }

    fn rows<'a>(
        &mut self,
        place: &str,
        releases: Vec<(Cow<'a, str>, &'a RawValue)>,
    ) -> Vec<(String, ReleaseRow<'a>)> {
        let mut rows = Vec::new();
        for (codename, row) in releases {
            let Some(number) = release(&codename) else {
                *self.unknown_releases.entry(codename.into_owned()).or_default() += 1;
                continue;
            };
            let is_elsewhere = |it: &Extended| !it.releases.contains(&number) && number != "sid";
            if self.feed.extended.as_ref().is_some_and(is_elsewhere) {
                continue;
            }
            let row: Option<ReleaseRow<'_>> =
                field(Some(row), &format!("releases.{codename}"), place, self.out);
            // Nobody has looked whether it is affected, and for most nobody ever will (rule 7).
            let row = row.filter(|row| row.status.as_ref() != "undetermined");
            rows.extend(row.map(|row| (number.to_owned(), row)));
        }
        rows
    }

    fn advisory(
        &mut self,
        package: &str,
        id: &str,
        release: &str,
        row: &ReleaseRow<'_>,
        fixed_in_sid: Option<&str>,
    ) -> Advisory {
        let fixed = row.fixed_version.as_deref().and_then(version);
        let place = || format!("{package} {id} {release}");
        let urgency = row.urgency.as_deref().unwrap_or_default();
        let (status, ranges, note) = match (row.status.as_ref(), fixed) {
            // Never affected there (xz-utils CVE-2024-3094 in bookworm).
            ("resolved", Some("0")) => (Status::NotAffected, Vec::new(), None),
            ("resolved", Some(fixed)) => (Status::Fixed, before(fixed), None),
            ("open", fixed) => open(row, urgency, fixed, fixed_in_sid),
            (status, _) => {
                let why = format!("status `{status}` without a fixed version or unknown");
                self.out.quarantine_part(place(), why);
                (Status::UnderInvestigation, Vec::new(), None)
            }
        };
        Advisory {
            feed: self.feed.id.to_owned(),
            realm: Realm::distro("deb", "debian", release),
            package: package.to_owned(),
            name_kind: NameKind::Source,
            channel: None,
            architectures: Vec::new(),
            module: None,
            vulnerability: id.to_owned(),
            advisory_ids: Vec::new(),
            ranges,
            versions: Vec::new(),
            status,
            severity: severity(urgency),
            note,
        }
    }

    /// A fix in a channel leaves the ordinary archive open, up to the version that has it.
    fn push(&mut self, advisory: Advisory) {
        let Some(extended) = self.feed.extended.as_ref().filter(|_| advisory.status == Status::Fixed) else {
            return self.out.advisories.push(advisory);
        };
        self.out.advisories.push(Advisory {
            status: Status::EndOfLife,
            note: Some("the fix needs Debian Extended LTS".to_owned()),
            ..advisory.clone()
        });
        self.out.advisories.push(Advisory { channel: Some(extended.channel.to_owned()), ..advisory });
    }

    fn finish(self) {
        for (codename, rows) in self.unknown_releases {
            let why = format!("no known Debian release; {rows} rows left out");
            self.out.quarantine_part(format!("release {codename}"), why);
        }
    }
}

/// What an open issue comes to. Versions from a fix on are not affected, also where that fix
/// is not in this release's archive; the status then still says that there is none to install.
fn open(
    row: &ReleaseRow<'_>,
    urgency: &str,
    announced: Option<&str>,
    fixed_in_sid: Option<&str>,
) -> (Status, Vec<Range>, Option<String>) {
    let reason = row.nodsa_reason.as_deref().or(row.nodsa.as_ref().map(|_| ""));
    let (status, word) = match reason {
        _ if urgency == "end-of-life" => (Status::EndOfLife, "no longer supported"),
        None => (Status::Affected, ""),
        // Only `ignored` says that no fix will come.
        Some("ignored") => (Status::WillNotFix, "ignored"),
        Some("postponed") => (Status::FixDeferred, "postponed"),
        Some(_) => (Status::Affected, "minor issue (no DSA)"),
    };
    let mut remarks: Vec<Cow<'_, str>> = Vec::new();
    if !word.is_empty() {
        remarks.push(word.into());
    }
    if let Some(nodsa) = row.nodsa.as_deref().filter(|it| !it.trim().is_empty()) {
        remarks.push(nodsa.into());
    }
    // Rule 10: the tracker calls an issue open although it knows the fix where that fix is newer
    // than anything in the archive.
    let announced = announced.filter(|fixed| *fixed != "0");
    if let Some(fixed) = announced {
        remarks.push(format!("fix {fixed} announced, not yet in the archive").into());
    }
    // Rule 12: what is at least as new as sid's fix has it, whatever was decided for the release.
    let end = announced.or(fixed_in_sid);
    (status, end.map(before).unwrap_or_default(), note(&remarks.join(": ")))
}

fn fixed_in_sid(rows: &[(String, ReleaseRow<'_>)]) -> Option<String> {
    let (_, sid) = rows.iter().find(|(release, _)| release == "sid")?;
    let fixed = sid.fixed_version.as_deref().and_then(version)?;
    (sid.status == "resolved" && fixed != "0").then(|| fixed.to_owned())
}

fn before(fixed: &str) -> Vec<Range> {
    vec![Range { introduced: None, end: End::Fixed(fixed.to_owned()) }]
}

fn lenient_text(raw: Option<&RawValue>) -> Cow<'_, str> {
    #[derive(Default, Deserialize)]
    struct Text<'a>(#[serde(borrow)] Cow<'a, str>);
    lenient::<Text<'_>>(raw).0
}

#[cfg(test)]
mod tests;
