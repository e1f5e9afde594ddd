//! The Ubuntu CVE tracker's text files (`active/CVE-*`, `retired/CVE-*`) in a tar.
//!
//! Keeps what Ubuntu's OSV and OVAL lose: won't fix, deferred, needs triage, end of life.
//! Channels: none is the ordinary archive; `esm-infra`, `esm-apps`, `esm-infra-legacy`,
//! `fips`, `fips-updates`, `fips-preview`, `ros-esm`, `realtime`, `bluefield` need Ubuntu Pro.

use plimsoll_core::{Advisory, End, NameKind, Range, Rating, Realm, Severity, Status};

use super::shared::{cvss, date, details, each_document, is_cve, note, package_name, reference, version};
use crate::{Feed, FeedOutput, Licence, Part, Record, Remote, Source};

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
        vec![Source {
            name: "tracker".to_owned(),
            remote: Remote::File(url.to_owned()),
            mirror: vec![
                "ubuntu/ubuntu-cve-tracker-master.tar.gz".to_owned(),
                "ubuntu/ubuntu-cve-tracker-*.tar.zst".to_owned(),
            ],
            except: Vec::new(),
            newest_only: true,
            optional: false,
            size_bytes_max: SIZE_BYTES_MAX,
        }]
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
        each_document(part.bytes, out, &is_record, &mut |document, out| {
            if document.is_part {
                return;
            }
            out.records_read += 1;
            match document.content {
                Ok(bytes) => file(document.path, &String::from_utf8_lossy(bytes), out),
                Err(why) => out.quarantine(document.path, why),
            }
        })?;
        if out.units.len() == documents { Err("no tar with CVE files in it".to_owned()) } else { Ok(()) }
    }
}

/// Whether a path in the tar is a CVE's file. Snaps and other sub-projects have their own.
fn is_record(path: &str) -> bool {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    is_cve(name) && !folder.split('/').any(|it| it == "subprojects" || it == "embargoed")
}

/// The number of a release, by which it calls itself in os-release.
///
/// Source: <https://wiki.ubuntu.com/Releases>.
pub(super) fn release(codename: &str) -> Option<&'static str> {
    const CODENAMES: &[(&str, &str)] = &[
        ("warty", "4.10"),
        ("hoary", "5.04"),
        ("breezy", "5.10"),
        ("dapper", "6.06"),
        ("edgy", "6.10"),
        ("feisty", "7.04"),
        ("gutsy", "7.10"),
        ("hardy", "8.04"),
        ("intrepid", "8.10"),
        ("jaunty", "9.04"),
        ("karmic", "9.10"),
        ("lucid", "10.04"),
        ("maverick", "10.10"),
        ("natty", "11.04"),
        ("oneiric", "11.10"),
        ("precise", "12.04"),
        ("quantal", "12.10"),
        ("raring", "13.04"),
        ("saucy", "13.10"),
        ("trusty", "14.04"),
        ("utopic", "14.10"),
        ("vivid", "15.04"),
        ("wily", "15.10"),
        ("xenial", "16.04"),
        ("yakkety", "16.10"),
        ("zesty", "17.04"),
        ("artful", "17.10"),
        ("bionic", "18.04"),
        ("cosmic", "18.10"),
        ("disco", "19.04"),
        ("eoan", "19.10"),
        ("focal", "20.04"),
        ("groovy", "20.10"),
        ("hirsute", "21.04"),
        ("impish", "21.10"),
        ("jammy", "22.04"),
        ("kinetic", "22.10"),
        ("lunar", "23.04"),
        ("mantic", "23.10"),
        ("noble", "24.04"),
        ("oracular", "24.10"),
        ("plucky", "25.04"),
        ("questing", "25.10"),
        ("resolute", "26.04"),
    ];
    CODENAMES.iter().find(|(name, _)| *name == codename).map(|(_, number)| *number)
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

/// Where a statement holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Place {
    Release {
        number: &'static str,
        channel: Option<String>,
    },
    /// `upstream`, `devel`, snaps, phones and cores: no release of a distribution.
    NotARelease,
    Unknown,
}

/// `jammy`, `esm-infra/xenial`, `trusty/esm`, `upstream`.
pub(super) fn place(series: &str) -> Place {
    let (product, codename) = match series.split_once('/') {
        None => ("", series),
        // Before there was `esm-infra/…`.
        Some((codename, "esm")) => ("esm-infra", codename),
        Some((product, codename)) => (product, codename),
    };
    let known =
        ["esm-infra", "esm-apps", "esm-infra-legacy", "fips", "fips-updates", "fips-preview", "ros-esm"];
    match (release(codename), product) {
        (Some(number), "") => Place::Release { number, channel: None },
        (Some(number), product)
            if known.contains(&product) || ["realtime", "bluefield"].contains(&product) =>
        {
            Place::Release { number, channel: Some(product.to_owned()) }
        }
        // `vivid/ubuntu-core`, `vivid/stable-phone-overlay`.
        (None, product) if release(product).is_some() => Place::NotARelease,
        (None, "") if ["upstream", "devel", "product", "snap"].contains(&codename) => Place::NotARelease,
        _ => Place::Unknown,
    }
}

/// What a file says, before it is known to be whole.
#[derive(Default)]
struct File<'a> {
    candidate: Option<&'a str>,
    public_date: Option<&'a str>,
    description: String,
    references: Vec<&'a str>,
    vectors: Vec<&'a str>,
    priority: Option<&'a str>,
    /// `Priority_openssl: low`, `Priority_systemd_xenial: low`.
    priorities: Vec<(&'a str, &'a str)>,
    /// (series, package, the rest of the line).
    statements: Vec<(&'a str, &'a str, &'a str)>,
}

impl<'a> File<'a> {
    fn read(text: &'a str) -> File<'a> {
        let mut file = File::default();
        let mut section = "";
        for line in text.lines() {
            if line.starts_with('#') || line.trim().is_empty() {
                continue;
            }
            if line.starts_with([' ', '\t']) {
                file.continued(section, line.trim());
            } else if let Some((key, value)) = line.split_once(':') {
                section = key.trim();
                file.member(section, value.trim());
            }
        }
        file
    }

    fn member(&mut self, key: &'a str, value: &'a str) {
        match key {
            "Candidate" => self.candidate = Some(value),
            "PublicDate" => self.public_date = Some(value),
            "Priority" => self.priority = value.split_whitespace().next(),
            "References" | "Description" | "CVSS" if !value.is_empty() => self.continued(key, value),
            _ => match key.split_once('_') {
                Some(("Priority", of)) => self.priorities.push((of, value)),
                Some(("Patches" | "Tags" | "Assigned-to" | "Discovered-by", _)) | None => {}
                Some((series, package)) => self.statements.push((series, package, value)),
            },
        }
    }

    fn continued(&mut self, section: &str, line: &'a str) {
        match section {
            "Description" => {
                if !self.description.is_empty() {
                    self.description.push('\n');
                }
                self.description.push_str(line);
            }
            "References" => self.references.push(line),
            "CVSS" => self.vectors.push(line),
            _ => {}
        }
    }

    /// The most particular priority there is for a package in a release.
    fn severity(&self, series: &str, package: &str) -> Option<Severity> {
        let exact = self.priorities.iter().find(|(of, _)| {
            of.strip_prefix(package).and_then(|it| it.strip_prefix('_')).is_some_and(|it| it == series)
        });
        let of_package = || self.priorities.iter().find(|(of, _)| *of == package);
        let own = exact.or_else(of_package).and_then(|(_, value)| value.split_whitespace().next());
        severity(own.or(self.priority)?)
    }
}

fn file(path: &str, text: &str, out: &mut FeedOutput) {
    let file = File::read(text);
    let name = path.rsplit('/').next().unwrap_or(path);
    let id = file.candidate.filter(|it| is_cve(it)).unwrap_or(name);
    if !is_cve(id) {
        return out.quarantine(path, "neither its name nor its `Candidate` is a CVE");
    }
    if file.priorities.len() > PRIORITIES_MAX {
        return out.quarantine(path, format!("more than {PRIORITIES_MAX} priorities"));
    }
    let rejected = file.description.trim_start_matches('*').trim_start().starts_with("REJECT");
    let rows = if rejected { 0 } else { statements(id, &file, out) };
    match rows {
        0 if !file.statements.is_empty() || rejected => out.out_of_scope += 1,
        0 => return out.quarantine(path, "no statement about any package"),
        _ => out.records_stored += 1,
    }
    if rows > 0 || rejected {
        let record = record(id, &file, rejected, out);
        out.records.push(record);
    }
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

/// What a statement comes to.
struct Verdict {
    status: Status,
    /// From here on it is not affected.
    fixed: Option<String>,
    note: Option<String>,
    /// The state's word is none that is known.
    is_strange: bool,
}

/// `released (2.35-0ubuntu3.4)`; `None` where the package is not in the release.
fn verdict(text: &str) -> Option<Verdict> {
    let end = text.find(|it: char| it.is_whitespace() || it == '(').unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    let remark = rest.trim();
    let remark = remark.strip_prefix('(').unwrap_or(remark);
    let remark = remark.strip_suffix(')').unwrap_or(remark).trim();
    let named = remark.split([' ', ',', ';']).next().and_then(version).filter(|it| is_dpkg_version(it));
    let plain = |status| Verdict { status, fixed: None, note: note(remark), is_strange: false };
    Some(match word {
        "DNE" => return None,
        "not-affected" => plain(Status::NotAffected),
        "released" => match named {
            // Rule 9.
            Some("0") => plain(Status::NotAffected),
            Some(fixed) => Verdict { fixed: Some(fixed.to_owned()), note: None, ..plain(Status::Fixed) },
            // Fixed, but nobody says in which version: whether the installed one has it is open.
            None => {
                let said = format!("released without a version: {remark}");
                Verdict { note: note(said.trim_end_matches([':', ' '])), ..plain(Status::UnderInvestigation) }
            }
        },
        "pending" => Verdict {
            note: named.map(|it| format!("fix {it} pending")).or_else(|| note(remark)),
            fixed: named.filter(|it| *it != "0").map(str::to_owned),
            ..plain(Status::Affected)
        },
        "needed" | "in-progress" | "active" => plain(Status::Affected),
        "deferred" => plain(Status::FixDeferred),
        "needs-triage" => plain(Status::UnderInvestigation),
        "ignored" => plain(ignored(remark)),
        _ => Verdict { note: note(text), is_strange: true, ..plain(Status::UnderInvestigation) },
    })
}

/// `ignored (end of life, was needed)`.
fn ignored(remark: &str) -> Status {
    let remark = remark.to_ascii_lowercase();
    const ENDS: &[&str] = &[
        "end of life",
        "end-of-life",
        "end of standard support",
        "out of support",
        "out of standard support",
    ];
    match remark.split_once("was ") {
        Some((_, state)) if state.starts_with("not-affected") => Status::NotAffected,
        _ if ENDS.iter().any(|it| remark.contains(it)) => Status::EndOfLife,
        _ => Status::WillNotFix,
    }
}

fn is_dpkg_version(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".+-:~".contains(&byte);
    text.starts_with(|it: char| it.is_ascii_digit()) && text.bytes().all(allowed)
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
mod tests {
    use super::*;

    fn tar(files: &[(&str, &str)]) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (path, content) in files {
            let mut header = tar::Header::new_ustar();
            header.set_size(content.len() as u64);
            header.set_mode(0o644);
            builder.append_data(&mut header, path, content.as_bytes()).unwrap();
        }
        builder.into_inner().unwrap()
    }

    fn parse(files: &[(&str, &str)]) -> FeedOutput {
        let mut out = FeedOutput::default();
        let part = Part { name: "tracker", file_name: "t.tar", bytes: &tar(files) };
        UbuntuTracker.parse(&part, &mut out).unwrap();
        assert_eq!(out.records_read, out.records_stored + out.records_quarantined + out.out_of_scope);
        out
    }

    /// One statement as `realm channel status range | note`.
    fn check(line: &str, expected: &str) {
        let out = parse(&[("x/active/CVE-2024-0001", &format!("Candidate: CVE-2024-0001\n{line}\n"))]);
        let rows: Vec<String> = out
            .advisories
            .iter()
            .map(|it| {
                let range = match it.ranges.as_slice() {
                    [] => "*".to_owned(),
                    [Range { introduced: None, end: End::Fixed(fixed) }] => format!("<{fixed}"),
                    other => format!("{other:?}"),
                };
                let (channel, note) = (it.channel.as_deref(), it.note.as_deref());
                let status = it.status.name();
                format!("{} {} {status} {range} | {}", it.realm, channel.unwrap_or("-"), note.unwrap_or("-"))
            })
            .collect();
        assert_eq!(rows.join("\n"), expected);
    }

    #[test]
    fn every_state_of_the_tracker_keeps_its_meaning() {
        let jammy = |rest: &str, expected: &str| {
            check(&format!("jammy_glibc: {rest}"), &format!("deb/ubuntu:22.04 - {expected}"))
        };
        jammy("released (2.35-0ubuntu3.4)", "fixed <2.35-0ubuntu3.4 | -");
        jammy("released (0)", "not_affected * | 0");
        jammy("released", "under_investigation * | released without a version");
        jammy("released (esm only)", "under_investigation * | released without a version: esm only");
        jammy("not-affected (code not present)", "not_affected * | code not present");
        jammy("needed", "affected * | -");
        jammy("needs-triage", "under_investigation * | -");
        jammy("pending (2.35-1)", "affected <2.35-1 | fix 2.35-1 pending");
        jammy("pending", "affected * | -");
        jammy("in-progress", "affected * | -");
        jammy("deferred (2022-03-21)", "fix_deferred * | 2022-03-21");
        jammy("ignored (changes too intrusive)", "will_not_fix * | changes too intrusive");
        jammy("ignored", "will_not_fix * | -");
        jammy("ignored (end of life, was needed)", "end_of_life * | end of life, was needed");
        jammy("ignored (end of standard support)", "end_of_life * | end of standard support");
        jammy(
            "ignored (end of life, was not-affected [1.2])",
            "not_affected * | end of life, was not-affected [1.2]",
        );
        jammy("mystery (x)", "under_investigation * | mystery (x)");
        check("jammy_glibc: DNE", "");
    }

    #[test]
    fn series_are_releases_and_channels() {
        check("esm-infra/xenial_glibc: needed", "deb/ubuntu:16.04 esm-infra affected * | -");
        check("esm-apps/jammy_glibc: needed", "deb/ubuntu:22.04 esm-apps affected * | -");
        check("trusty/esm_glibc: needed", "deb/ubuntu:14.04 esm-infra affected * | -");
        check("esm-infra-legacy/trusty_glibc: needed", "deb/ubuntu:14.04 esm-infra-legacy affected * | -");
        check("fips-updates/focal_glibc: needed", "deb/ubuntu:20.04 fips-updates affected * | -");
        for other in ["upstream", "devel", "snap", "vivid/ubuntu-core", "vivid/stable-phone-overlay"] {
            assert_eq!(place(other), Place::NotARelease, "{other}");
        }
        for strange in ["zurg", "esm-infra/zurg", "zurg/focal", ""] {
            assert_eq!(place(strange), Place::Unknown, "{strange}");
        }
    }

    const RECORD: &str = "# a remark\nCandidate: CVE-2023-4911\nPublicDate: 2023-10-03 18:15:00 UTC\n\
        References:\n https://ubuntu.com/security/notices/USN-6409-1\n javascript:x\nDescription:\n One\n two.\n\
        Notes:\n someone> text_with: colons\nPriority: high\n because\nPriority_sudo: low\nPriority_sudo_xenial: negligible\n\
        CVSS:\n nvd: CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H [7.8 HIGH]\n other: nonsense\n\n\
        Patches_glibc:\n upstream: https://x\nTags_glibc: not-ue\nxenial_glibc: needed\nxenial_sudo: needed\nbionic_sudo: needed\n";

    #[test]
    fn a_whole_file_becomes_a_record_with_rows() {
        let out = parse(&[("cves/CVE-2023-4911", RECORD)]);
        let severities: Vec<_> = out
            .advisories
            .iter()
            .map(|it| format!("{} {} {}", it.realm, it.package, it.severity.unwrap()))
            .collect();
        assert_eq!(
            severities,
            ["deb/ubuntu:16.04 glibc high", "deb/ubuntu:16.04 sudo negligible", "deb/ubuntu:18.04 sudo low"]
        );
        let record = &out.records[0];
        assert_eq!(record.details.as_deref(), Some("One\ntwo."));
        assert_eq!(record.references, ["https://ubuntu.com/security/notices/USN-6409-1"]);
        assert_eq!(record.ratings, [Rating { source: "ubuntu".to_owned(), severity: Severity::High }]);
        assert_eq!((record.cvss[0].source.as_str(), record.cvss[0].score_tenths), ("nvd", 78));
        assert_eq!(record.published.unwrap().to_string(), "2023-10-03T18:15:00Z");
        assert_eq!(out.quarantined.len(), 1, "the vector that is none");
    }

    #[test]
    fn untriaged_is_no_severity() {
        let text = "Priority: untriaged\nxenial_a: needed\n";
        let out = parse(&[("active/CVE-2024-0001", text)]);
        assert_eq!(out.advisories[0].severity, None);
        assert_eq!(out.records[0].ratings, []);
    }

    #[test]
    fn files_that_are_no_records_are_not_read_and_empty_ones_are_told() {
        let out = parse(&[
            ("README", "x"),
            ("active/00boilerplate.linux", "jammy_a: needed"),
            ("active/CVE-2024-NNN1", "jammy_a: needed"),
            ("subprojects/x/CVE-2024-0009", "jammy_a: needed"),
            ("active/CVE-2024-0001", ""),
            ("active/CVE-2024-0002", "jammy_a: DNE\n"),
            ("retired/CVE-2024-0003", "Description:\n ** REJECT ** no\njammy_a: needed\n"),
            ("retired/CVE-2024-0004", "zurg_a: needed\njammy_a: needed\n"),
        ]);
        assert_eq!((out.records_read, out.records_stored, out.out_of_scope), (4, 1, 2));
        assert_eq!((out.records_quarantined, out.quarantined.len()), (1, 2));
        assert_eq!(out.advisories.len(), 1);
        assert!(out.records[0].withdrawn);
    }

    #[test]
    fn a_tar_without_records_is_an_error() {
        let part = Part { name: "", file_name: "", bytes: &tar(&[("README", "x")]) };
        assert!(UbuntuTracker.parse(&part, &mut FeedOutput::default()).is_err());
    }
}
