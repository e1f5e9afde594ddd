//! Ubuntu's own OSV records (`osv-all.tar.xz`), by CVE.
//!
//! They say fixed or affected only, and of supported releases only; what is more stands in the
//! tracker ([`super::ubuntu_tracker`]). Channels: none is the ordinary archive, `esm-infra` and
//! `esm-apps` where a record says which, `esm` where it only says Pro, `fips`, `fips-updates`,
//! `fips-preview`, `realtime`, `bluefield` for builds of their own.

use std::collections::BTreeSet;

use plimsoll_core::{Advisory, NameKind, Realm, Severity, Status};

use super::osv::{OsvRecord, Rows, Subject, add, each_record, finish, place, read, simplify, withdraw};
use super::shared::capped;
use crate::{Feed, FeedOutput, Licence, Part, Remote, Source};

/// The tar has some 30 MB.
const SIZE_BYTES_MAX: u64 = 1 << 30;

/// The feed.
pub(super) struct UbuntuOsv;

impl Feed for UbuntuOsv {
    fn id(&self) -> &'static str {
        "ubuntu-osv"
    }

    fn title(&self) -> &'static str {
        "Ubuntu OSV records"
    }

    fn says(&self) -> &'static str {
        "Fixed versions by release and source package, of Ubuntu Pro (ESM) apart, with the binaries \
         that each fix is in."
    }

    fn is_silent_on(&self) -> &'static str {
        "Releases that are out of support leave it; and why something is not fixed, which stands in \
         the OpenVEX documents."
    }

    fn cadence_hours(&self) -> u32 {
        1
    }

    fn sources(&self) -> Vec<Source> {
        let url = "https://security-metadata.canonical.com/osv/osv-all.tar.xz";
        vec![Source {
            name: "osv-all".to_owned(),
            remote: Remote::File(url.to_owned()),
            mirror: vec!["ubuntu/osv-all.tar.xz".to_owned(), "ubuntu/osv-all*.tar.xz".to_owned()],
            except: Vec::new(),
            newest_only: true,
            optional: false,
            size_bytes_max: SIZE_BYTES_MAX,
        }]
    }

    fn licence(&self) -> Licence {
        Licence {
            name: "CC-BY-SA-4.0",
            attribution: "Canonical Ltd., https://ubuntu.com/security",
            redistributable: true,
        }
    }

    fn parse(&self, part: &Part<'_>, out: &mut FeedOutput) -> Result<(), String> {
        each_record(part, out, &mut |json, name, out| {
            if let Some(record) = read(json, name, self.id(), out) {
                store(record, out);
            }
        })
    }
}

/// The release and channel in `22.04:LTS`, `Pro:16.04:LTS`, `Pro:FIPS-updates:20.04:LTS`.
pub(super) fn release_and_channel(suffix: &str) -> Option<(&str, Option<String>)> {
    let mut words = Vec::new();
    for word in suffix.split(':') {
        if !is_release(word) {
            words.push(word.to_ascii_lowercase());
            continue;
        }
        let channel = match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            [] => None,
            ["pro"] => Some("esm".to_owned()),
            ["pro", build] | [build] => Some(build.trim_start_matches("nvidia-").to_owned()),
            _ => return None,
        };
        let legal = |it: &String| it.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        return channel.iter().all(legal).then_some((word, channel));
    }
    None
}

fn is_release(word: &str) -> bool {
    word.split_once('.').is_some_and(|(year, month)| {
        let is_number =
            |it: &str| (1..=2).contains(&it.len()) && it.bytes().all(|byte| byte.is_ascii_digit());
        is_number(year) && month.len() == 2 && is_number(month)
    })
}

fn store(record: OsvRecord, out: &mut FeedOutput) {
    if let Some(modified) = record.record.modified {
        out.saw_date(modified);
    }
    if record.record.withdrawn {
        return withdraw(record, out);
    }
    let mut subject = Subject::of(&record);
    if subject.is_announcement {
        // USN and LSN repeat what the records of their CVEs say, which name them.
        out.out_of_scope += 1;
        return;
    }
    let announced = record.related.iter().filter(|it| it.starts_with("USN-"));
    subject.advisory_ids = announced.cloned().collect();
    let mut unreadable = record.unreadable;
    let rows = rows(&record, &subject, &mut unreadable, out);
    match (rows.is_empty(), unreadable) {
        (true, 1..) => out.quarantine(record.record.id, "none of its packages could be read"),
        (true, 0) => out.out_of_scope += 1,
        (false, _) => finish(record, &subject, rows, out),
    }
}

fn rows(record: &OsvRecord, subject: &Subject, unreadable: &mut usize, out: &mut FeedOutput) -> Rows {
    let mut rows = Rows::new();
    let id = record.record.id.as_str();
    for affected in record.affected.iter().filter(|it| !it.is_git_only) {
        let Some(mut place) = place(&affected.ecosystem).filter(|it| it.realm.0.starts_with("deb/ubuntu:"))
        else {
            *unreadable += 1;
            out.quarantine_part(id, format!("ecosystem `{}` is unknown", capped(&affected.ecosystem, 100)));
            continue;
        };
        if place.channel.as_deref() == Some("esm") {
            place.channel = Some(esm_channel(affected.purl.as_deref(), &affected.availability).to_owned());
        }
        if !add(&mut rows, UbuntuOsv.id(), subject, place, affected) {
            *unreadable += 1;
            out.quarantine_part(id, "a package name that cannot be one");
        }
    }
    for row in rows.values_mut() {
        simplify(row);
        // Canonical lists in `versions` what its archive had within the range: nothing more.
        if !row.ranges.is_empty() {
            row.versions.clear();
        }
        row.severity = own_severity(record);
    }
    add_base(&mut rows);
    rows
}

/// Which of Pro's archives has the fix: `pkg:deb/ubuntu/x?arch=source&distro=esm-infra/xenial`.
/// Old records separate the qualifiers with another `?`.
fn esm_channel(purl: Option<&str>, availability: &str) -> &'static str {
    let qualifiers = purl.and_then(|it| it.split_once('?')).map(|it| it.1).unwrap_or_default();
    let distro = qualifiers.split(['&', '?']).find_map(|it| it.strip_prefix("distro=")).unwrap_or_default();
    let (product, _) = distro.split_once('/').or_else(|| distro.split_once("%2F")).unwrap_or_default();
    match product {
        "esm-infra" => "esm-infra",
        "esm-infra-legacy" => "esm-infra-legacy",
        "esm-apps" => "esm-apps",
        _ if availability.contains("Infra-only") => "esm-infra",
        _ => "esm",
    }
}

/// Where a fix is in Pro only, the records are silent on the ordinary archive: there the package
/// is affected, and no fix comes without Pro (rule 15).
fn add_base(rows: &mut Rows) {
    let is_esm = |row: &&Advisory| row.channel.as_deref().is_some_and(|it| it.starts_with("esm"));
    let has_base: BTreeSet<(&Realm, &str)> = rows
        .values()
        .filter(|row| row.channel.is_none())
        .map(|row| (&row.realm, row.package.as_str()))
        .collect();
    let missing: Vec<Advisory> = rows
        .values()
        .filter(is_esm)
        .filter(|row| !has_base.contains(&(&row.realm, row.package.as_str())))
        .map(|row| {
            let with_pro = matches!(row.status, Status::Fixed);
            Advisory {
                channel: None,
                ranges: Vec::new(),
                versions: Vec::new(),
                status: Status::Affected,
                note: with_pro.then(|| "the fix needs Ubuntu Pro".to_owned()),
                ..row.clone()
            }
        })
        .collect();
    for row in missing {
        let place =
            super::osv::Place { realm: row.realm.clone(), channel: None, name_kind: NameKind::Source };
        rows.entry((place, row.package.clone(), None))
            .and_modify(|known| known.note = known.note.take().or_else(|| row.note.clone()))
            .or_insert(row);
    }
}

fn own_severity(record: &OsvRecord) -> Option<Severity> {
    record.record.ratings.iter().find(|it| it.source == "ubuntu").map(|it| it.severity)
}

#[cfg(test)]
mod tests {
    use plimsoll_core::{End, Range};

    use super::*;

    fn parse(json: &str) -> FeedOutput {
        let mut out = FeedOutput::default();
        let part = Part { name: "x.json", file_name: "x.json", bytes: json.as_bytes() };
        UbuntuOsv.parse(&part, &mut out).unwrap();
        assert_eq!(out.records_read, out.records_stored + out.records_quarantined + out.out_of_scope);
        out
    }

    /// The rows that one affected package gives, as `realm channel status range | note`.
    fn check(ecosystem: &str, more: &str, expected: &[&str]) {
        let out = parse(&format!(
            r#"{{"id":"UBUNTU-CVE-2021-3782","upstream":["CVE-2021-3782"],"related":["USN-5614-1"],
            "severity":[{{"type":"Ubuntu","score":"medium"}}],
            "affected":[{{"package":{{"ecosystem":"{ecosystem}","name":"wayland"{more}]}}"#
        ));
        let rows: Vec<String> = out
            .advisories
            .iter()
            .map(|it| {
                let range = match it.ranges.as_slice() {
                    [] => "*".to_owned(),
                    [Range { introduced: None, end: End::Fixed(fixed) }] => format!("<{fixed}"),
                    other => format!("{other:?}"),
                };
                assert_eq!(
                    (it.vulnerability.as_str(), it.severity),
                    ("CVE-2021-3782", Some(Severity::Medium))
                );
                assert_eq!(it.advisory_ids, ["USN-5614-1"]);
                assert!(it.versions.is_empty());
                let (channel, note) =
                    (it.channel.as_deref().unwrap_or("-"), it.note.as_deref().unwrap_or("-"));
                format!("{} {channel} {} {range} | {note}", it.realm, it.status.name())
            })
            .collect();
        assert_eq!(rows, expected);
    }

    const FIXED: &str = r#"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"1.2"}]}],"versions":["1.0","1.1"]}"#;

    #[test]
    fn the_ordinary_archive_has_no_channel() {
        check("Ubuntu:18.04:LTS", FIXED, &["deb/ubuntu:18.04 - fixed <1.2 | -"]);
        let open = r#"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"}]}],"versions":["1.0"]}"#;
        check("Ubuntu:25.10", open, &["deb/ubuntu:25.10 - affected * | -"]);
    }

    #[test]
    fn rule_15_a_fix_in_pro_only_leaves_the_ordinary_archive_affected() {
        let purl =
            |distro: &str| format!(r#","purl":"pkg:deb/ubuntu/wayland?arch=source&distro={distro}"{FIXED}"#);
        let base = "deb/ubuntu:16.04 - affected * | the fix needs Ubuntu Pro";
        check(
            "Ubuntu:Pro:16.04:LTS",
            &purl("esm-infra/xenial"),
            &[base, "deb/ubuntu:16.04 esm-infra fixed <1.2 | -"],
        );
        check(
            "Ubuntu:Pro:16.04:LTS",
            &purl("esm-apps/xenial"),
            &[base, "deb/ubuntu:16.04 esm-apps fixed <1.2 | -"],
        );
        check("Ubuntu:Pro:16.04:LTS", FIXED, &[base, "deb/ubuntu:16.04 esm fixed <1.2 | -"]);
        let old = r#","purl":"pkg:deb/ubuntu/wayland?arch=src?distro=esm-infra/xenial"},"ranges":[]}"#;
        check(
            "Ubuntu:Pro:16.04:LTS",
            old,
            &["deb/ubuntu:16.04 - affected * | -", "deb/ubuntu:16.04 esm-infra affected * | -"],
        );
    }

    #[test]
    fn other_builds_say_nothing_about_the_ordinary_archive() {
        check("Ubuntu:Pro:FIPS-updates:20.04:LTS", FIXED, &["deb/ubuntu:20.04 fips-updates fixed <1.2 | -"]);
        check("Ubuntu:Pro:Realtime:22.04:LTS", FIXED, &["deb/ubuntu:22.04 realtime fixed <1.2 | -"]);
        check("Ubuntu:Nvidia-BlueField:22.04:LTS", FIXED, &["deb/ubuntu:22.04 bluefield fixed <1.2 | -"]);
    }

    #[test]
    fn old_records_name_their_cve_as_related_and_new_ones_as_upstream() {
        let out = parse(
            r#"[{"id":"UBUNTU-CVE-2023-4911","related":["CVE-2023-4911","USN-6409-1"],
            "affected":[{"package":{"ecosystem":"Ubuntu:22.04:LTS","name":"glibc"}}]},
            {"id":"USN-6409-1","upstream":["UBUNTU-CVE-2023-4911"],"affected":[{"package":{"ecosystem":"Ubuntu:22.04:LTS","name":"glibc"}}]},
            {"id":"UBUNTU-CVE-2020-36325","withdrawn":"2025-06-23T15:53:49Z","affected":[]},
            {"id":"UBUNTU-CVE-2020-1","affected":[{"package":{"ecosystem":"Debian:12","name":"a"}}]}]"#,
        );
        let ids: Vec<_> = out.advisories.iter().map(|it| it.vulnerability.as_str()).collect();
        assert_eq!(ids, ["CVE-2023-4911"]);
        assert_eq!(out.records[0].aliases, ["CVE-2023-4911"]);
        assert_eq!((out.records_stored, out.out_of_scope, out.records_quarantined), (1, 2, 1));
    }
}
